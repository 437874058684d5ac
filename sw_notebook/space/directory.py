"""The directory: what a token's owner can call, in pages, as the platform's REST API lists it."""

from __future__ import annotations

from typing import Any, Literal

from aiohttp import web

from .asked import check_token, refuse
from .calls import Calls
from .credentials import Claims, Keys
from .paging import paged
from .people import person
from .resources import Resource

__all__ = ["Directory"]

PATH = "/api/fabric/addresses"

# The SDK asks for the former; the others are what an address has.
_SORTED_BY = ("name", "display_name", "type", "created_at")


class Directory:
    """The handlers that list addresses.

    Args:
        keys: the credentials of the space.
        calls: what can be called.
    """

    def __init__(self, keys: Keys, calls: Calls) -> None:
        self._keys = keys
        self._calls = calls

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to an application."""
        return [
            web.get("/api/fabric/subscriber/info", self._info),
            web.get(PATH, self._addresses),
            web.get(PATH + "/{id}", self._address),
        ]

    async def _info(self, request: web.Request) -> web.Response:
        claims = check_token(request, self._keys)
        own = None if claims.guest else person(claims.reference)
        return web.json_response(
            {
                "id": claims.subscriber_id,
                "email": f"{claims.subscriber_id}@{self._keys.domain}",
                "display_name": claims.reference,
                "push_notification_key": "",
                "app_settings": {"display_name": "loopback space", "scopes": []},
                "sat_claims": {"scope": list(claims.scope), "expires_at": claims.expires_at},
                "fabric_addresses": [] if own is None else [self._wire(own)],
            }
        )

    async def _addresses(self, request: web.Request) -> web.Response:
        """List what can be called.

        The query may have ``name`` (the whole address), ``search`` (a part of it or of the name
        for people), ``type``, ``sort_by``, ``sort_order``, ``page_size`` and ``page_number``.
        """
        claims, query = check_token(request, self._keys), request.query
        name, search = query.get("name", "").partition("?")[0], query.get("search", "").lower()
        found = [
            address
            for address in map(self._wire, self._callable(claims, name))
            if search in address["name"].lower() or search in address["display_name"].lower()
            if query.get("type", address["type"]) == address["type"]
        ]
        sort_by, order = query.get("sort_by"), query.get("sort_order", "asc")
        if sort_by not in {None, *_SORTED_BY} or order not in {"asc", "desc"}:
            raise refuse(400, f"sort_by is one of {', '.join(_SORTED_BY)}; sort_order asc or desc")
        if sort_by is not None:
            found.sort(key=lambda address: str(address[sort_by]), reverse=order == "desc")
        return paged(request, found, lambda address: address)

    async def _address(self, request: web.Request) -> web.Response:
        claims = check_token(request, self._keys)
        found = self._calls.routes.by_id(request.match_info["id"])
        if found is None or not claims.may_call(found.name):
            raise refuse(404, "no such address; GET /api/fabric/addresses lists them")
        return web.json_response(self._wire(found))

    def _wire(self, resource: Resource) -> dict[str, Any]:
        """Return an address as it is at this moment."""
        address = resource.address(locked=self._calls.rooms.locked(resource))
        if resource.person is not None:
            address["presence"] = self._presence(resource.person)
        return address

    def _presence(self, reference: str) -> Literal["online", "offline", "busy"]:
        """Whether somebody can be rung, in the SDK's words; the platform has no API for it yet."""
        there = self._calls.people.online(reference)
        if all(self._calls.of(session) for session in there):
            return "busy" if there else "offline"
        return "online"

    def _callable(self, claims: Claims, name: str = "") -> list[Resource]:
        """Return what may be called; with a name only that, also where nobody lists it."""
        if name:
            named = self._calls.routes.find(name)
            found = [] if named is None else [named]
        else:
            found = self._calls.routes.listed
        return [resource for resource in found if claims.may_call(resource.name)]
