"""The rooms of a space: those that were made, those that are open, and who may come in."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator

from sw_notebook.signaling.jsonrpc import CALL_ERROR, FORBIDDEN

from .conference import Conference
from .legs import Leg
from .refusal import Refusal
from .resources import Resource, find
from .settings import Settings

__all__ = ["Rooms", "public", "room"]

_PREFIX = "/public/"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def public(name: str) -> str:
    """Return the address of something that is made.

    Raises:
        ValueError: the name cannot be had.

    >>> public("standup")
    '/public/standup'
    """
    if _NAME.fullmatch(name) is None:
        raise ValueError("is 1 to 64 letters, digits, dots, dashes and underscores")
    address = _PREFIX + name
    if find(address) is not None:
        raise ValueError(f"is taken: {address} is always there; choose another name")
    return address


def room(name: str, display_name: str = "", *, address: str = "") -> Resource:
    """Return the resource that leads to a room.

    Args:
        name: of the room.
        display_name: for people.
        address: what to call, where it is not that of the room itself.

    Raises:
        ValueError: the name cannot be had.

    >>> room("standup").name
    '/public/standup'
    """
    own = public(name)
    about = f"a room: those who call {own} see and hear one another"
    return Resource(address or own, about, "room", room=own, display_name=display_name)


class Rooms:
    """All rooms of a space, and all other resources that were made.

    Args:
        settings: whether a name that nobody made opens a room when it is dialled, and how many
            there may be of what.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._made: dict[str, Resource] = {}
        self._conferences: dict[str, Conference] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def __iter__(self) -> Iterator[Conference]:
        return iter(list(self._conferences.values()))

    @property
    def made(self) -> list[Resource]:
        """What was made, the oldest first."""
        return list(self._made.values())

    def find(self, name: str) -> Resource | None:
        """Return what an address leads to, a room that it opens included; or None."""
        if name in self._made or not self._settings.open_rooms or not name.startswith(_PREFIX):
            return self._made.get(name)
        try:
            return room(name.removeprefix(_PREFIX))
        except ValueError:
            return None

    def locked(self, resource: Resource) -> bool:
        """Whether a resource leads to a room that is locked now."""
        found = self._conferences.get(resource.room) if resource.room is not None else None
        return found is not None and found.room.locked

    def make(self, resource: Resource) -> None:
        """Add a resource.

        Raises:
            ValueError: there is one of that name, or there are too many.
        """
        if resource.name in self._made:
            raise ValueError("is taken; choose another name, or delete what has it")
        most = self._settings.max_resources
        if len(self._made) >= most:
            raise ValueError(f"is one too many: this space takes {most}; delete some")
        self._made[resource.name] = resource

    def unmake(self, resource_id: str) -> Resource | None:
        """Remove the resource of that id and return it; calls to it go on."""
        for resource in self.made:
            if resource.resource_id == resource_id:
                return self._made.pop(resource.name)
        return None

    # ------------------------------------------------------------------ calls

    def admit(
        self, resource: Resource, kind: str = "member", parent: Leg | None = None
    ) -> Conference:
        """Return where a call takes place, opening the room if need be.

        Args:
            resource: what was called.
            kind: what the call brings: a ``"member"``, or the ``"screen"`` or ``"device"`` of one.
            parent: the call that it names as its own, where it brings a screen or device.

        Raises:
            Refusal: it cannot come in.
        """
        extra = kind != "member"
        if resource.room is None:
            if extra:
                raise Refusal(CALL_ERROR, "screens and devices can join rooms only; dial a room")
            return Conference(resource.name)
        found = self._conferences.get(resource.room)
        if extra and (parent is None or found is None or parent not in found.legs):
            raise Refusal(
                CALL_ERROR, "a screen or device belongs to a call in the same room; dial that first"
            )
        if found is not None:
            if found.room.locked and not extra:
                raise Refusal(FORBIDDEN, f"the room {resource.room} is locked; ask to be let in")
            most = self._settings.max_members
            if len(found) >= most:
                raise Refusal(
                    CALL_ERROR, f"the room {resource.room} is full: {most} are there; try later"
                )
            return found
        most = self._settings.max_rooms
        if len(self._conferences) >= most:
            raise Refusal(CALL_ERROR, f"this space has {most} rooms open; join one of them")
        own = self.find(resource.room)
        name = own.display_name if own is not None else ""
        conference = Conference(resource.room, name, shared=True, empty=self._close)
        self._conferences[resource.room] = conference
        return conference

    def _close(self, conference: Conference) -> None:
        self._conferences.pop(conference.room.name, None)
        if conference.hall is not None:
            task = asyncio.create_task(conference.hall.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Wait until what has closed is gone; safe to call twice."""
        if self._closing:
            await asyncio.wait(self._closing)
