"""Writing to people and in rooms, and reading it, as the platform's REST API has it."""

from __future__ import annotations

import logging

from aiohttp import web

from .asked import any_text, body, check_token, faulty, names, refuse, text
from .conversations import Conversation
from .credentials import Claims, Keys
from .history import History, sender
from .paging import paged
from .resources import Resource
from .routes import Routes

__all__ = ["Texting"]

logger = logging.getLogger("sw_notebook.space")

_BASE = "/api/fabric/conversations"


class Texting:
    """The handlers of conversations.

    Only its members read and write in one.  Somebody whose token does not allow an address cannot
    begin a conversation with it, but reads and answers what comes from there, as with calls.

    Args:
        keys: the credentials of the space.
        routes: whom and what there is to write to.
        history: keeps and tells what is written.
        longest: how many characters a message may have.
    """

    def __init__(self, keys: Keys, routes: Routes, history: History, longest: int) -> None:
        self._keys = keys
        self._routes = routes
        self._history = history
        self._longest = longest

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to an application."""
        return [
            web.post(f"{_BASE}/join", self._join),
            web.post("/api/fabric/messages", self._write),
            web.get(f"{_BASE}/{{group_id}}/messages", self._messages),
            web.get(f"{_BASE}/{{group_id}}/messages/{{id}}", self._message),
        ]

    async def _join(self, request: web.Request) -> web.Response:
        claims = check_token(request, self._keys)
        asked = await body(request)
        own = _own(claims, asked.get("from_fabric_address_id"))
        wanted = names(asked, "fabric_address_ids") or []
        others = [one for one in dict.fromkeys(wanted) if one != own.id] or wanted[:1]
        if len(others) != 1:
            raise faulty("fabric_address_ids", "are your own and one more, a person's or a room's")
        other = self._routes.by_id(others[0])
        if other is None or not claims.may_call(other.name):
            raise refuse(404, "no such address; GET /api/fabric/addresses lists them")
        try:
            joined = self._history.conversations.join(claims.reference, other)
        except ValueError as error:
            raise refuse(409, str(error)) from None
        return web.json_response(
            {
                "group_id": joined.id,
                "from_fabric_address_id": own.id,
                "fabric_address_ids": list(dict.fromkeys([other.id, own.id])),
            }
        )

    async def _write(self, request: web.Request) -> web.Response:
        claims = check_token(request, self._keys)
        asked = await body(request)
        own = _own(claims, asked.get("from_fabric_address_id"))
        conversation = self._conversation(claims, text(asked, "group_id"))
        said = any_text(asked, "text")
        if len(said) > self._longest:
            raise faulty("text", f"has at most {self._longest} characters")
        message = self._history.write(conversation, own, said)
        logger.info("%s writes %d characters to %s", own.name, len(said), conversation.name)
        return web.json_response(message.wire())

    async def _messages(self, request: web.Request) -> web.Response:
        """List what was written, the newest first."""
        claims = check_token(request, self._keys)
        conversation = self._conversation(claims, request.match_info["group_id"])
        return paged(request, conversation.newest_first, lambda message: message.wire())

    async def _message(self, request: web.Request) -> web.Response:
        claims = check_token(request, self._keys)
        conversation = self._conversation(claims, request.match_info["group_id"])
        message = conversation.get(request.match_info["id"])
        if message is None:
            raise refuse(404, "no such message; it may have been forgotten for newer ones")
        return web.json_response(message.wire())

    def _conversation(self, claims: Claims, group_id: str) -> Conversation:
        # What somebody is no member of looks as what is not there.
        conversations = self._history.conversations
        found = None if claims.guest else conversations.get(group_id, claims.reference)
        if found is None:
            raise refuse(404, f"no such conversation of yours; POST {_BASE}/join joins one")
        return found


def _own(claims: Claims, address_id: object) -> Resource:
    """Return who writes, who has to say so."""
    own = sender(claims)
    if own is None:
        raise refuse(403, "this token's owner has no address to write from; use a subscriber's")
    if not isinstance(address_id, str):
        raise faulty("from_fabric_address_id", "is missing; send it as text")
    if address_id != own.id:
        raise refuse(403, "from_fabric_address_id is somebody else's; send your own")
    return own
