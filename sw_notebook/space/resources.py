"""What can be called in the loopback space."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["RESOURCES", "Resource", "find"]

_NAMESPACE = uuid.UUID("6f0c3e86-39a6-4a8e-9c55-3c1f7a2f6a01")


@dataclass(frozen=True, slots=True)
class Resource:
    """Something that answers, or says why not.

    Args:
        name: its address, for example ``/public/bars``.
        about: what it does, for people.
        media: what it plays, or passes on; None where it never answers.
        kinds: what it takes of an offer.
        answer_after: seconds until it answers.
        refuses: the reason, where it refuses calls.
        fails: how it fails later: it is busy or does not answer, or, once media is connected, it
            hangs up or vanishes without a word.
        lasts: seconds after which it hangs up, counted from when media is connected.
        room: the name of the room that callers meet in, where it is one.
        person: whom it rings, where it is somebody.
        display_name: for people; the last part of the address where there is none.
    """

    name: str
    about: str
    media: Literal["bars", "echo", "late", "phone", "relay", "room", "silence"] | None
    kinds: tuple[str, ...] = ("audio", "video")
    answer_after: float = 0.0
    refuses: str | None = None
    fails: Literal["busy", "no-answer", "drop", "vanish"] | None = None
    lasts: float | None = None
    room: str | None = None
    person: str | None = None
    display_name: str = ""

    @property
    def id(self) -> str:
        """The id of its address, the same in every space."""
        return str(uuid.uuid5(_NAMESPACE, self.name))

    @property
    def resource_id(self) -> str:
        """The id of what is behind the address, the same in every space."""
        return str(uuid.uuid5(_NAMESPACE, f"resource {self.name}"))

    @property
    def _type(self) -> str:
        if self.person is not None:
            return "subscriber"
        return "app" if self.room is None else "room"

    @property
    def _channels(self) -> tuple[str, ...]:
        texts = self.room is not None or self.person is not None
        return (*self.kinds, "messaging") if texts else self.kinds

    def address(self, *, locked: bool = False) -> dict[str, Any]:
        """Return it as the addresses of the REST API look.

        Args:
            locked: whether it is a room that nobody can come into at present.
        """
        return {
            "id": self.id,
            "resource_id": self.resource_id,
            "name": self.name,
            "display_name": self.display_name or self.name.rpartition("/")[2],
            "type": self._type,
            "channels": {kind: f"{self.name}?channel={kind}" for kind in self._channels},
            "cover_url": None,
            "preview_url": None,
            "locked": locked,
            "created_at": "2026-01-01T00:00:00Z",
        }


RESOURCES: tuple[Resource, ...] = (
    Resource("/public/echo", "returns what you send", "echo"),
    Resource(
        "/public/bars",
        "plays colour bars with a clock, a frame counter and the strip, and a 440 Hz tone",
        "bars",
    ),
    Resource(
        "/public/relay",
        "passes on what the one who began to send last sends, packet by packet, to all others",
        "relay",
    ),
    Resource(
        "/public/late",
        "plays the bars, whose first keyframe comes late, after frames that cannot be decoded",
        "late",
    ),
    Resource("/public/silence", "plays silence, and no video", "silence", kinds=("audio",)),
    Resource(
        "/public/slow", "answers after 4 seconds, then plays the bars", "bars", answer_after=4
    ),
    Resource(
        "/public/forbidden",
        "refuses every call",
        None,
        refuses="the destination /public/forbidden refuses calls",
    ),
    Resource("/public/busy", "is busy", None, fails="busy"),
    Resource("/public/no-answer", "rings, and nobody answers", None, fails="no-answer"),
    Resource("/public/drop", "plays the bars, and soon hangs up", "bars", fails="drop"),
    Resource("/public/vanish", "plays the bars, and soon is gone", "bars", fails="vanish"),
)
_BY_NAME = {resource.name: resource for resource in RESOURCES}


def find(name: str) -> Resource | None:
    """Return the resource of that address, or None.

    >>> find("/public/silence").kinds
    ('audio',)
    """
    return _BY_NAME.get(name)
