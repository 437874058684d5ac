"""The REST API that only a loopback space has: what is up, and what is to happen to it."""

from __future__ import annotations

import logging

from aiohttp import web

from sw_notebook.signaling.causes import CAUSES, cause

from .asked import body, check_project, refuse, seconds
from .calls import Calls
from .credentials import Keys
from .legs import Leg
from .media.impairment import Impairments
from .owners import Owners
from .refusal import Refusal
from .resources import RESOURCES
from .sessions import Sessions

__all__ = ["Rest"]

logger = logging.getLogger("sw_notebook.space")


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
            web.get("/api/loopback", self._about),
            web.get("/api/loopback/legs", self._legs),
            web.post("/api/loopback/legs/{id}/hangup", self._hangup),
            web.post("/api/loopback/legs/{id}/interrupt", self._interrupt),
            web.post("/api/loopback/legs/{id}/impair", self._impair),
            web.post("/api/loopback/legs/{id}/disconnect", self._disconnect),
            web.get("/api/loopback/owner", self._owner),
        ]

    async def _about(self, request: web.Request) -> web.Response:
        check_project(request, self._keys)
        return web.json_response(
            {
                "space_id": self._keys.space_id,
                "project_id": self._keys.project_id,
                "click_to_call": self._keys.click_to_call,
                "owners": self._owners.count,
                "sessions": len(self._sessions),
                "people": self._sessions.people(),
                "watchers": self._calls.studio.watchers(),
                "encoders_started": self._calls.studio.encoders_started,
                "resources": [
                    {"name": r.name, "about": r.about}
                    for r in (*RESOURCES, *self._calls.rooms.made)
                ],
                "rooms": [conference.describe() for conference in self._calls.rooms],
            }
        )

    async def _legs(self, request: web.Request) -> web.Response:
        check_project(request, self._keys)
        return web.json_response({"legs": [leg.describe() for leg in self._calls]})

    async def _hangup(self, request: web.Request) -> web.Response:
        check_project(request, self._keys)
        name = (await body(request)).get("cause", "NORMAL_CLEARING")
        if name not in [known.name for known in CAUSES]:
            raise refuse(400, "no such cause; use a Q.850 name such as USER_BUSY")
        self._calls.end(self._leg(request), cause(name))
        return web.json_response({})

    async def _interrupt(self, request: web.Request) -> web.Response:
        check_project(request, self._keys)
        lasting = seconds(await body(request))
        try:
            self._calls.networks.interrupt(self._leg(request), lasting)
        except Refusal as error:
            raise refuse(409, error.reason) from None
        return web.json_response({})

    async def _impair(self, request: web.Request) -> web.Response:
        check_project(request, self._keys)
        try:
            asked = Impairments.read(await body(request))
        except ValueError as error:
            raise refuse(400, str(error)) from None
        try:
            self._calls.networks.impair(
                self._leg(request), asked if asked != Impairments() else None
            )
        except Refusal as error:
            raise refuse(409, error.reason) from None
        return web.json_response({})

    async def _disconnect(self, request: web.Request) -> web.Response:
        check_project(request, self._keys)
        lasting = seconds(await body(request), 0)
        leg = self._leg(request)
        logger.info("the client of call %s is cut off, for %g s", leg.call_id, lasting)
        self._sessions.bar(lasting)
        leg.session.cut()
        return web.json_response({})

    def _leg(self, request: web.Request) -> Leg:
        leg = self._calls.get(request.match_info["id"])
        if leg is None:
            raise refuse(404, "no such call; it may have ended already")
        return leg

    async def _owner(self, request: web.Request) -> web.StreamResponse:
        """Count the client as an owner until it closes the connection."""
        check_project(request, self._keys)
        response = web.StreamResponse(headers={"X-Space-Id": self._keys.space_id})
        with self._owners.hold():
            await response.prepare(request)
            # aiohttp cancels this when the client has gone.
            await self._owners.wait_until_gone()
        return response
