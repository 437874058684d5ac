"""The REST API of the space: what the platform's has, and what only a loopback space needs."""

from __future__ import annotations

import base64
import binascii
import json
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from sw_notebook.signaling.causes import CAUSES, cause

from .calls import Calls
from .credentials import Claims, Keys, TokenRefused
from .owners import Owners
from .resources import RESOURCES, Resource
from .sessions import Sessions

__all__ = ["Rest", "guard"]

logger = logging.getLogger("sw_notebook.space")

TOKEN_SECONDS = 7200
LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
CORS = {
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    # '*' does not cover Authorization.
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Accept",
    "Access-Control-Allow-Private-Network": "true",
    "Access-Control-Max-Age": "600",
    "Vary": "Origin",
    "Cache-Control": "no-store",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _refuse(status: int, reason: str) -> web.HTTPException:
    kinds = {
        400: web.HTTPBadRequest,
        401: web.HTTPUnauthorized,
        403: web.HTTPForbidden,
        404: web.HTTPNotFound,
    }
    body = json.dumps({"error": reason})
    return kinds[status](text=body, content_type="application/json")


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let in only this machine's pages and programs, and let its pages read the answers.

    A page of another site can send requests to 127.0.0.1, under its own name or one that it
    resolves to 127.0.0.1; hence the look at both Host and Origin.
    """
    origin = request.headers.get("Origin")
    if _hostname(f"//{request.host}") not in LOCAL:
        raise _refuse(403, "the Host is not this machine; use 127.0.0.1 or localhost")
    if origin is not None and not _is_local(origin):
        logger.warning("refused a page of %.80r", origin)
        raise _refuse(403, "the page is not of this machine; open it on localhost")
    headers = dict(CORS) if origin is None else {**CORS, "Access-Control-Allow-Origin": origin}
    if request.method == "OPTIONS":
        return web.Response(status=204, headers=headers)
    try:
        response = await handler(request)
    except web.HTTPException as error:
        error.headers.update(headers)
        raise
    if not response.prepared:
        response.headers.update(headers)
    return response


def _is_local(origin: str) -> bool:
    return origin.startswith(("http://", "https://")) and _hostname(origin) in LOCAL


def _hostname(url: str) -> str | None:
    try:
        name = urlsplit(url).hostname
    except ValueError:
        name = None
    return name


class Rest:
    """The handlers, and what they need to know.

    Args:
        keys: the credentials of the space.
        calls: its calls.
        sessions: its sessions.
        owners: who needs it.
    """

    def __init__(self, keys: Keys, calls: Calls, sessions: Sessions, owners: Owners) -> None:
        self._keys = keys
        self._calls = calls
        self._sessions = sessions
        self._owners = owners

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to an application."""
        return [
            web.post("/api/fabric/subscribers/tokens", self._token),
            web.get("/api/fabric/subscriber/info", self._info),
            web.get("/api/fabric/addresses", self._addresses),
            web.get("/api/fabric/addresses/{id}", self._address),
            web.get("/api/loopback", self._about),
            web.get("/api/loopback/legs", self._legs),
            web.post("/api/loopback/legs/{id}/hangup", self._hangup),
            web.get("/api/loopback/owner", self._owner),
        ]

    # ------------------------------------------------------------------ as the platform

    async def _token(self, request: web.Request) -> web.Response:
        self._check_project(request)
        body = await _body(request)
        reference = _text(body, "reference")
        expires_at = body.get("expire_at", int(time.time()) + TOKEN_SECONDS)
        if not isinstance(expires_at, int):
            raise _refuse(400, "expire_at is whole Unix seconds")
        scope = body.get("scope") or []
        fingerprint = body.get("fingerprint")
        subscriber_id, token = self._keys.mint(
            reference,
            expires_at=expires_at,
            allowed=_names(body, "allowed_addresses"),
            scope=scope.split() if isinstance(scope, str) else _names(body, "scope"),
            fingerprint=fingerprint if isinstance(fingerprint, str) else None,
        )
        return web.json_response({"subscriber_id": subscriber_id, "token": token})

    async def _info(self, request: web.Request) -> web.Response:
        claims = self._check_token(request)
        return web.json_response(
            {
                "id": claims.subscriber_id,
                "email": f"{claims.subscriber_id}@{self._keys.domain}",
                "display_name": claims.reference,
                "push_notification_key": "",
                "app_settings": {"display_name": "loopback space", "scopes": []},
                "fabric_addresses": [],
            }
        )

    async def _addresses(self, request: web.Request) -> web.Response:
        claims = self._check_token(request)
        name = request.query.get("name", "").partition("?")[0]
        found = [r for r in _callable(claims) if not name or r.name == name]
        if request.query.get("sort_by") == "name":
            found.sort(key=lambda r: r.name, reverse=request.query.get("sort_order") == "desc")
        return web.json_response({"data": [r.address() for r in found], "links": {}})

    async def _address(self, request: web.Request) -> web.Response:
        claims = self._check_token(request)
        for resource in _callable(claims):
            if resource.id == request.match_info["id"]:
                return web.json_response(resource.address())
        raise _refuse(404, "no such address; GET /api/fabric/addresses lists them")

    # ------------------------------------------------------------------ only here

    async def _about(self, request: web.Request) -> web.Response:
        self._check_project(request)
        return web.json_response(
            {
                "space_id": self._keys.space_id,
                "owners": self._owners.count,
                "sessions": len(self._sessions),
                "watchers": self._calls.studio.watchers(),
                "encoders_started": self._calls.studio.encoders_started,
                "resources": [{"name": r.name, "about": r.about} for r in RESOURCES],
            }
        )

    async def _legs(self, request: web.Request) -> web.Response:
        self._check_project(request)
        return web.json_response({"legs": [leg.describe() for leg in self._calls]})

    async def _hangup(self, request: web.Request) -> web.Response:
        self._check_project(request)
        name = (await _body(request)).get("cause", "NORMAL_CLEARING")
        if name not in [known.name for known in CAUSES]:
            raise _refuse(400, "no such cause; use a Q.850 name such as USER_BUSY")
        leg = self._calls.get(request.match_info["id"])
        if leg is None:
            raise _refuse(404, "no such call; it may have ended already")
        self._calls.end(leg, cause(name))
        return web.json_response({})

    async def _owner(self, request: web.Request) -> web.StreamResponse:
        """Count the client as an owner until it closes the connection."""
        self._check_project(request)
        response = web.StreamResponse(headers={"X-Space-Id": self._keys.space_id})
        with self._owners.hold():
            await response.prepare(request)
            # aiohttp cancels this when the client has gone.
            await self._owners.wait_until_gone()
        return response

    # ------------------------------------------------------------------ credentials

    def _check_project(self, request: web.Request) -> None:
        kind, _, value = request.headers.get("Authorization", "").partition(" ")
        try:
            decoded = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, ValueError):
            decoded = ""
        project_id, _, api_token = decoded.partition(":")
        if kind.lower() != "basic" or not self._keys.is_project(project_id, api_token):
            raise _refuse(401, "wrong project id or API token; use those of this space")

    def _check_token(self, request: web.Request) -> Claims:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer":
            raise _refuse(401, "no bearer token; send one of this space")
        try:
            return self._keys.verify(token)
        except TokenRefused as error:
            logger.warning("%s %s refused: %s", request.method, request.path, error)
            raise _refuse(401, str(error)) from None


def _callable(claims: Claims) -> list[Resource]:
    return [resource for resource in RESOURCES if claims.may_call(resource.name)]


async def _body(request: web.Request) -> dict[str, Any]:
    if not request.can_read_body:
        return {}
    try:
        body = await request.json()
    except (ValueError, RecursionError):
        raise _refuse(400, "the body is not JSON; send one object") from None
    if not isinstance(body, dict):
        raise _refuse(400, "the body is not an object; send one")
    return body


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise _refuse(400, f"{name} is missing; send it as text")
    return value


def _names(body: dict[str, Any], name: str) -> list[str] | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _refuse(400, f"{name} is a list of text")
    return value
