"""The doors of the REST API through which faults are asked for in a whole space."""

from __future__ import annotations

import logging

from aiohttp import web

from .asked import body, check_project, refuse
from .credentials import Keys
from .faults import Faults, Injection
from .media import hooks
from .media.impairment import Impairments

__all__ = ["Injecting"]

logger = logging.getLogger("sw_notebook.space")

PATH = "/api/loopback/faults"


class Injecting:
    """The handlers that say and change what goes wrong.

    Args:
        keys: the credentials of the space.
        injection: the faults.
    """

    def __init__(self, keys: Keys, injection: Injection) -> None:
        self._keys = keys
        self._injection = injection

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to an application."""
        return [web.get(PATH, self._describe), web.post(PATH, self._begin)]

    async def _describe(self, request: web.Request) -> web.Response:
        check_project(request, self._keys)
        return web.json_response(self._injection.describe())

    async def _begin(self, request: web.Request) -> web.Response:
        check_project(request, self._keys)
        try:
            faults = Faults.read(await body(request))
        except ValueError as error:
            raise refuse(400, str(error)) from None
        if faults.media != Impairments() and hooks.missing():
            raise refuse(409, "this space cannot impair media with this aiortc")
        logger.info("faults: %s", faults if faults != Faults() else "none")
        self._injection.begin(faults)
        return web.json_response(self._injection.describe())
