"""What the page sends, checked before anything is done with it; ``js/src/protocol.ts`` is its twin.

The page is a browser: what comes from it may be old, broken or made up by another extension.
Every message becomes one of the values below or a :class:`PageMessageError` that says why not.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Final, Literal

from .records import MAX_TEXT, Participant, shortened
from .status import STATUSES

__all__ = [
    "PROTOCOL",
    "Act",
    "Alive",
    "Event",
    "Events",
    "PageMessage",
    "PageMessageError",
    "Request",
    "View",
    "parse",
]

PROTOCOL: Final = 6
"""Changes when an older page can no longer talk to a newer kernel, or the reverse."""

MOST_PARTICIPANTS: Final = 200
"""Of more members than so many a call tells no more."""

_DIRECTIONS: Final = {"sendrecv", "sendonly", "recvonly", "inactive"}
_END_REASONS: Final = {
    "hangup",
    "rejected",
    "remote",
    "error",
    "model closed",
    "page closed",
    "kernel gone",
    "document closed",
    "send failed",
    "transferred",
    "hidden",
    "taken over",
}


class PageMessageError(ValueError):
    """A message of the page that cannot be used; the text says why and quotes nothing."""


@dataclasses.dataclass(frozen=True)
class View:
    """The page shows the call in ``count`` views."""

    page: str
    count: int


@dataclasses.dataclass(frozen=True)
class Alive:
    """The page answers the question whether it is still there."""

    page: str


@dataclasses.dataclass(frozen=True)
class Request:
    """The page asks for something; the reply carries ``page`` and ``id``."""

    page: str
    id: int
    what: Literal["application", "messages", "space"]
    domain: str | None


@dataclasses.dataclass(frozen=True)
class Act:
    """A person clicked."""

    page: str
    act: Literal["dial", "answer", "reject", "hangup", "set", "mute", "hold", "digits", "take over"]
    name: str = ""
    value: Any = None
    pasted_token: bool = False


@dataclasses.dataclass(frozen=True)
class Event:
    """Something happened to an attempt; ``data`` holds the checked fields of its type."""

    page: str
    seq: int
    time: float
    attempt: int
    type: str
    data: Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Events:
    """What happened since the page last spoke, in its order."""

    page: str
    events: tuple[Event, ...]


PageMessage = View | Alive | Request | Act | Events


def parse(content: object) -> PageMessage:
    """Return the message that ``content`` is.

    Raises:
        PageMessageError: it is none.

    >>> parse({"kind": "view", "page": "a1", "count": 1})
    View(page='a1', count=1)
    >>> parse({"kind": "view", "page": "a1", "count": "many"})
    Traceback (most recent call last):
        ...
    sw_notebook._page.PageMessageError: view: count is not a whole number
    """
    fields = _Fields("message", content)
    kind = fields.text("kind")
    fields.what = kind if kind in ("view", "alive", "request", "act", "events") else "message"
    page = fields.text("page", limit=64)
    match kind:
        case "view":
            return View(page, fields.whole("count"))
        case "alive":
            return Alive(page)
        case "request":
            what = fields.one_of("what", {"application", "messages", "space"})
            return Request(
                page,
                fields.whole("id"),
                what,  # type: ignore[arg-type]
                fields.text("domain") if "domain" in fields else None,
            )
        case "act":
            return _act(page, fields)
        case "events":
            return Events(page, tuple(_event(page, event) for event in fields.objects("events")))
    raise PageMessageError("message: unknown kind")


def _act(page: str, fields: _Fields) -> Act:
    match fields.text("act"):
        case "dial":
            return Act(page, "dial", pasted_token=fields.flag("pasted_token"))
        case "answer" | "reject" | "hangup" | "take over" as act:
            return Act(page, act)
        case "hold":
            return Act(page, "hold", value=fields.flag("held"))
        case "digits":
            return Act(page, "digits", value=fields.text("digits", limit=64))
        case "mute":
            media = fields.one_of("media", {"audio", "video"})
            return Act(page, "mute", media, fields.flag("muted"))
        case "set":
            name = fields.one_of("name", {"destination", "audio", "video"})
            value = fields.text("value") if name == "destination" else fields.flag("value")
            return Act(page, "set", name, value)
    raise PageMessageError("act: unknown act")


def _event(page: str, fields: _Fields) -> Event:
    event = fields.object("event")
    kind = event.text("type")
    data: dict[str, Any]
    match kind:
        case "accepted":
            data = {}
        case "key":
            fingerprint = event.get("fingerprint")
            data = {
                "fingerprint": None if fingerprint is None else event.text("fingerprint", limit=64)
            }
        case "token":
            expires_at = event.get("expires_at")
            data = {
                "expires_at": None if expires_at is None else event.number("expires_at"),
                "renews": event.flag("renews"),
            }
        case "status":
            raw = event.get("raw")
            data = {
                "status": event.one_of("status", STATUSES - {"idle"}),
                "raw": None if raw is None else event.text("raw"),
            }
        case "dialled":
            data = {"call_id": event.text("call_id")}
        case "incoming":
            data = {
                "name": event.text("name", limit=200),
                "number": event.text("number", limit=200),
            }
        case "participants":
            members = event.objects("participants")[:MOST_PARTICIPANTS]
            data = {"participants": [_participant(member) for member in members]}
        case "directions":
            directions = event.object("directions")
            data = {
                "directions": {
                    media: directions.one_of(media, _DIRECTIONS)
                    for media in ("audio", "video")
                    if media in directions
                }
            }
        case "media":
            media = event.object("media")
            data = {
                "side": event.one_of("side", {"local", "remote"}),
                "media": {
                    "audio": media.flag("audio"),
                    "video": media.flag("video"),
                    "width": media.whole("width"),
                    "height": media.whole("height"),
                },
            }
        case "muted":
            data = {
                "media": event.one_of("media", {"audio", "video"}),
                "muted": event.flag("muted"),
            }
        case "held":
            data = {"held": event.flag("held")}
        case "error":
            data = {
                "kind": event.text("error_kind", limit=64),
                "name": event.text("name", limit=200),
                "message": event.text("message"),
                "fatal": event.flag("fatal"),
            }
        case "ended":
            cause = event.get("cause")
            code = event.get("cause_code")
            data = {
                "reason": event.one_of("reason", _END_REASONS),
                "cause": None if cause is None else event.text("cause", limit=200),
                "cause_code": None if code is None else event.whole("cause_code"),
            }
        case "log":
            data = {
                "level": event.one_of("level", {"info", "warning", "error"}),
                "text": event.text("text"),
            }
        case _:
            raise PageMessageError("event: unknown type")
    return Event(
        page,
        fields.whole("seq"),
        fields.number("time"),
        fields.whole("attempt"),
        kind,
        data,
    )


def _participant(fields: _Fields) -> Participant:
    return Participant(
        id=fields.text("id", limit=200),
        name=fields.text("name", limit=200),
        type=fields.text("type", limit=64),
        audio_muted=fields.flag("audio_muted"),
        video_muted=fields.flag("video_muted"),
        deaf=fields.flag("deaf"),
        hand_raised=fields.flag("hand_raised"),
        talking=fields.flag("talking"),
        is_self=fields.flag("is_self"),
    )


class _Fields:
    """The fields of one object, taken out by type."""

    def __init__(self, what: str, content: object) -> None:
        if not isinstance(content, Mapping):
            raise PageMessageError(f"{what}: not an object")
        self.what = what
        self._content = content

    def __contains__(self, name: str) -> bool:
        return name in self._content

    def get(self, name: str) -> object:
        return self._content.get(name)

    def object(self, name: str) -> _Fields:
        return _Fields(name, self._content.get(name))

    def objects(self, name: str) -> list[_Fields]:
        value = self._content.get(name)
        if not isinstance(value, list):
            raise PageMessageError(f"{self.what}: {name} is not a list")
        return [_Fields(name, item) for item in value]

    def text(self, name: str, *, limit: int = MAX_TEXT) -> str:
        value = self._content.get(name)
        if not isinstance(value, str):
            raise PageMessageError(f"{self.what}: {name} is not text")
        # JavaScript may send half a character, which nobody can send on.
        return shortened(value, limit).encode(errors="replace").decode()

    def one_of(self, name: str, known: frozenset[str] | set[str]) -> str:
        value = self._content.get(name)
        if not isinstance(value, str) or value not in known:
            raise PageMessageError(f"{self.what}: {name} is not one of {sorted(known)}")
        return value

    def flag(self, name: str) -> bool:
        value = self._content.get(name)
        if not isinstance(value, bool):
            raise PageMessageError(f"{self.what}: {name} is not true or false")
        return value

    def number(self, name: str) -> float:
        value = self._content.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise PageMessageError(f"{self.what}: {name} is not a number")
        if not 0 <= value <= 1e11:  # not a number compares as false
            raise PageMessageError(f"{self.what}: {name} is out of range")
        return float(value)

    def whole(self, name: str) -> int:
        value = self._content.get(name)
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or (isinstance(value, float) and not value.is_integer())
        ):
            raise PageMessageError(f"{self.what}: {name} is not a whole number")
        if not 0 <= value <= 2**53:
            raise PageMessageError(f"{self.what}: {name} is out of range")
        return int(value)
