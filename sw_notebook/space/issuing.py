"""The tokens that the space gives, as the platform's REST API does."""

from __future__ import annotations

import time
from typing import Any

from aiohttp import web

from .asked import body, check_project, check_token, faulty, moment, names, refuse, text, whole
from .credentials import Grant, Keys, TokenRefused
from .numbers import is_number
from .people import People
from .routes import Routes

__all__ = ["Issuing"]

REFRESH_MARGIN = 300
"""Seconds by which a refresh token outlives the token that it follows."""

GUEST_ADDRESSES = range(1, 11)


class Issuing:
    """The handlers that give tokens.

    Args:
        keys: the credentials of the space.
        routes: what can be called in it.
        seconds: how long a token lives at most, and where nobody says how long.
        people: learns of those who get one.
    """

    def __init__(self, keys: Keys, routes: Routes, seconds: float, people: People) -> None:
        self._people = people
        self._keys = keys
        self._destinations = routes
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
        allowed = names(asked, "allowed_addresses")  # which the platform's has not
        fingerprint = asked.get("fingerprint")
        grant = Grant(
            reference,
            None if allowed is None else tuple(allowed),
            tuple(
                whole("scope", scope).split()
                if isinstance(scope, str)
                else names(asked, "scope") or []
            ),
            whole("fingerprint", fingerprint) if isinstance(fingerprint, str) else None,
        )
        expires_at = self._expiry(asked, "expire_at")
        self._people.know(reference)
        subscriber_id = self._keys.subscriber_id(reference)
        return web.json_response({"subscriber_id": subscriber_id, **self._both(grant, expires_at)})

    async def _refresh(self, request: web.Request) -> web.Response:
        check_project(request, self._keys)
        asked = await body(request)
        try:
            grant = self._keys.verify_refresh(text(asked, "refresh_token"))
        except TokenRefused as error:
            raise faulty("refresh_token", str(error)) from None
        self._people.know(grant.reference)
        return web.json_response(self._both(grant, self._expiry({}, "")), status=201)

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
        allows = claims.may_phone if is_number(name) else claims.may_call
        if not allows(name):
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
        grant = Grant(reference, tuple(allowed), guest=True)
        token = self._keys.mint(grant, expires_at=self._expiry(asked, expiry))
        return web.json_response({"token": token}, status=201)

    def _both(self, grant: Grant, expires_at: int) -> dict[str, str]:
        """A token, and the one that exchanges for the next."""
        later = int(time.time() + self._seconds + REFRESH_MARGIN)
        return {
            "token": self._keys.mint(grant, expires_at=expires_at),
            "refresh_token": self._keys.mint_refresh(grant, expires_at=later),
        }

    def _expiry(self, asked: dict[str, Any], name: str) -> int:
        latest = int(time.time() + self._seconds)
        return min(moment(asked, name, latest), latest)

    def _address(self, value: str, attribute: str = "allowed_addresses") -> str:
        """The name of an address, given by its id, as the platform wants it, or by its name."""
        resource = self._destinations.by_id(value) or self._destinations.find(value)
        if resource is None:
            raise faulty(attribute, "no such address; GET /api/fabric/addresses lists them")
        return resource.name
