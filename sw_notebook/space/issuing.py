"""The tokens that the space gives, as the platform's REST API does."""

from __future__ import annotations

import time
from typing import Any

from aiohttp import web

from .asked import body, check_project, check_token, faulty, moment, names, refuse, text, whole
from .credentials import Keys, TokenRefused
from .people import People
from .resources import RESOURCES, find
from .rooms import Rooms

__all__ = ["Issuing"]

REFRESH_MARGIN = 300
"""Seconds by which a refresh token outlives the token that it follows."""

GUEST_ADDRESSES = range(1, 11)


class Issuing:
    """The handlers that give tokens.

    Args:
        keys: the credentials of the space.
        rooms: what was made in it.
        seconds: how long a token lives at most, and where nobody says how long.
        people: learns of those who get one.
    """

    def __init__(self, keys: Keys, rooms: Rooms, seconds: float, people: People) -> None:
        self._people = people
        self._keys = keys
        self._rooms = rooms
        self._seconds = seconds

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to an application."""
        return [
            web.post("/api/fabric/subscribers/tokens", self._subscriber),
            web.post("/api/fabric/subscribers/tokens/refresh", self._refresh),
            web.post("/api/fabric/guests/tokens", self._guest),
            web.post("/api/fabric/subscriber/invites", self._invite),
            web.post("/api/embeds/tokens", self._embed),
            web.post("/api/fabric/embeds/tokens", self._embed),  # where the SDK asks
        ]

    async def _subscriber(self, request: web.Request) -> web.Response:
        check_project(request, self._keys)
        asked = await body(request)
        reference = text(asked, "reference")
        scope = asked.get("scope")
        fingerprint = asked.get("fingerprint")
        subscriber_id, token = self._keys.mint(
            reference,
            expires_at=self._expiry(asked, "expire_at"),
            allowed=names(asked, "allowed_addresses"),  # which the platform's has not
            scope=whole("scope", scope).split()
            if isinstance(scope, str)
            else names(asked, "scope"),
            fingerprint=whole("fingerprint", fingerprint) if isinstance(fingerprint, str) else None,
        )
        self._people.know(reference)
        again = self._following(reference)
        return web.json_response(
            {"subscriber_id": subscriber_id, "token": token, "refresh_token": again}
        )

    async def _refresh(self, request: web.Request) -> web.Response:
        check_project(request, self._keys)
        asked = await body(request)
        try:
            reference = self._keys.verify_refresh(text(asked, "refresh_token"))
        except TokenRefused as error:
            raise faulty("refresh_token", str(error)) from None
        _, token = self._keys.mint(reference, expires_at=self._expiry({}, ""))
        again = self._following(reference)
        return web.json_response({"token": token, "refresh_token": again}, status=201)

    async def _guest(self, request: web.Request) -> web.Response:
        check_project(request, self._keys)
        asked = await body(request)
        allowed = names(asked, "allowed_addresses") or []
        if len(allowed) not in GUEST_ADDRESSES:
            raise faulty("allowed_addresses", f"are 1 to {GUEST_ADDRESSES[-1]}")
        return self._give(asked, "guest", [self._address(value) for value in allowed], "expire_at")

    async def _invite(self, request: web.Request) -> web.Response:
        claims = check_token(request, self._keys)
        asked = await body(request)
        name = self._address(text(asked, "address_id"), "address_id")
        if not claims.may_call(name):
            raise refuse(403, "the token of who invites does not allow to call this address")
        return self._give(asked, f"invited by {claims.reference}", [name], "expires_at")

    async def _embed(self, request: web.Request) -> web.Response:
        # No credentials: such a token stands in the source of somebody's web page.
        asked = await body(request)
        if not self._keys.is_click_to_call(text(asked, "token")):
            raise refuse(401, "no click-to-call token of this space")
        return self._give({}, "click to call", ["/public/echo"], "expire_at")

    def _give(
        self, asked: dict[str, Any], reference: str, allowed: list[str], expiry: str
    ) -> web.Response:
        expires_at = self._expiry(asked, expiry)
        _, token = self._keys.mint(reference, expires_at=expires_at, allowed=allowed, guest=True)
        return web.json_response({"token": token}, status=201)

    def _following(self, reference: str) -> str:
        expires_at = int(time.time() + self._seconds + REFRESH_MARGIN)
        return self._keys.mint_refresh(reference, expires_at=expires_at)

    def _expiry(self, asked: dict[str, Any], name: str) -> int:
        latest = int(time.time() + self._seconds)
        return min(moment(asked, name, latest), latest)

    def _address(self, value: str, attribute: str = "allowed_addresses") -> str:
        """The name of an address, given by its id, as the platform wants it, or by its name."""
        for resource in (*RESOURCES, *self._rooms.made):
            if resource.id == value:
                return resource.name
        if find(value) is None and self._rooms.find(value) is None:
            raise faulty(attribute, "no such address; GET /api/fabric/addresses lists them")
        return value
