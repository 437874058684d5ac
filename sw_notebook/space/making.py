"""Making and deleting resources, as the platform's management API has it."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from aiohttp import web

from .asked import body, check_project, faulty, refuse, text
from .credentials import Keys
from .resources import Resource
from .rooms import Rooms, public, room
from .scripts import Script

__all__ = ["Making"]

logger = logging.getLogger("sw_notebook.space")

_BASE = "/api/fabric/resources"
LONGEST = 100
"""Characters of a display name."""


class Making:
    """The handlers that make resources and delete them.

    Args:
        keys: the credentials of the space.
        rooms: where the resources are kept.
    """

    def __init__(self, keys: Keys, rooms: Rooms) -> None:
        self._keys = keys
        self._rooms = rooms

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to an application."""
        return [
            web.post(f"{_BASE}/conference_rooms", self._room),
            web.post(f"{_BASE}/swml_scripts", self._script),
            web.delete(f"{_BASE}/{{id}}", self._delete),
        ]

    async def _room(self, request: web.Request) -> web.Response:
        check_project(request, self._keys)
        asked = await body(request)
        name, display_name = text(asked, "name"), _display_name(asked)
        try:
            made = room(name, display_name)
            self._rooms.make(made)
        except ValueError as error:
            raise faulty("name", str(error)) from None
        return self._made(made, "conference_room", {"name": name})

    async def _script(self, request: web.Request) -> web.Response:
        check_project(request, self._keys)
        asked = await body(request)
        name, display_name = text(asked, "name"), _display_name(asked)
        try:
            script = Script.read(asked.get("contents"))
        except ValueError as error:
            raise faulty("contents", str(error)) from None
        try:
            made = self._resource(public(name), script, display_name)
            self._rooms.make(made)
        except ValueError as error:
            raise faulty("name", str(error)) from None
        return self._made(made, "swml_script", {"name": name, "contents": asked["contents"]})

    @staticmethod
    def _resource(address: str, script: Script, display_name: str) -> Resource:
        if script.room is not None:
            try:
                return room(script.room, display_name, address=address)
            except ValueError as error:
                raise faulty("contents", f"names a room whose name {error}") from None
        about = f"is silent for {script.seconds:g} seconds, and hangs up"
        kinds = ("audio",)
        return Resource(
            address, about, "silence", kinds, lasts=script.seconds, display_name=display_name
        )

    def _made(self, made: Resource, kind: str, more: dict[str, Any]) -> web.Response:
        logger.info("%s leads to %s", made.name, made.room or made.about)
        now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        answer = {
            "id": made.resource_id,
            "project_id": self._keys.project_id,
            "display_name": made.address()["display_name"],
            "type": kind,
            "created_at": now,
            "updated_at": now,
            kind: {"id": made.resource_id, "address": made.name, **more},
        }
        return web.json_response(answer, status=201)

    async def _delete(self, request: web.Request) -> web.Response:
        check_project(request, self._keys)
        gone = self._rooms.unmake(request.match_info["id"])
        if gone is None:
            raise refuse(404, "no such resource was made; POST to its kind makes one")
        logger.info("%s is deleted", gone.name)
        return web.Response(status=204)


def _display_name(asked: dict[str, Any]) -> str:
    value = asked.get("display_name", "")
    if not isinstance(value, str) or len(value) > LONGEST:
        raise faulty("display_name", f"is text of at most {LONGEST} characters")
    return value
