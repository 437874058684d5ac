"""How a space behaves, as its users, its command line and itself say it."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

__all__ = ["Settings"]

_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")


@dataclass(frozen=True, slots=True)
class Settings:
    """How a space behaves.

    Args:
        port: where to listen on 127.0.0.1; 0 lets the system choose.
        linger: seconds to stay after the last owner; None means until it is stopped.
        resume_seconds: how long calls outlive the loss of their client's socket.
        no_answer_seconds: how long ``/public/no-answer`` and people ring.
        drop_seconds: how long after media is connected ``/public/drop`` hangs up.
        vanish_seconds: how long after media is connected ``/public/vanish`` is gone.
        late_keyframe_seconds: how long ``/public/late`` has no keyframe for who begins to watch.
        token_seconds: how long tokens live at most, and where nobody says how long.
        open_rooms: whether ``/public/<any name>`` opens a room when it is dialled.
        allowed_origins: pages of other sites that may use the space, by their origin.
        allowed_hosts: more names under which it may be asked, besides those of this machine.
        stun: whether STUN is answered and offered, for SDKs that make no call without.
        log_frames: where every signalling frame is written, secrets masked; None for nowhere.
        connect_seconds: how long a socket may be open without having connected with a token.
        max_sockets: how many sockets may be open, besides those that have not connected.
        max_unconnected: how many may be open and not have connected; one more cuts the oldest.
        max_frame_rate: how many frames a second a client may send on average.
        max_legs: how many calls one client may have up.
        max_calls: how many there may be in all; what a machine can feed is in ``docs/space.md``.
        max_members: how many may be in one room, screens and devices included.
        max_rooms: how many rooms may be open.
        max_resources: how many resources may be made.
        max_conversations: how many there may be, of two people or of a room.
        max_messages: how many messages each keeps; those that came first are forgotten first.
        max_text: how many characters a message may have.

    Raises:
        ValueError: a time is negative, or no number; a limit is below 1; an origin or a host is
            none.
    """

    port: int = 0
    linger: float | None = None
    resume_seconds: float = 20.0
    no_answer_seconds: float = 10.0
    drop_seconds: float = 3.0
    vanish_seconds: float = 3.0
    late_keyframe_seconds: float = 4.0
    token_seconds: float = 7200.0
    open_rooms: bool = True
    allowed_origins: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    stun: bool = False
    log_frames: Path | None = None
    connect_seconds: float = 10.0
    max_sockets: int = 256
    max_unconnected: int = 32
    max_frame_rate: int = 200
    max_legs: int = 16
    max_calls: int = 128
    max_members: int = 12
    max_rooms: int = 50
    max_resources: int = 200
    max_conversations: int = 200
    max_messages: int = 500
    max_text: int = 2000

    def __post_init__(self) -> None:
        for name in self._times():
            seconds = getattr(self, name)
            known = isinstance(seconds, int | float)
            if seconds is not None and not (known and seconds >= 0):  # NaN is not
                raise ValueError(f"{name} is {seconds}; give seconds, 0 or more")
        for name in self._limits():
            limit = getattr(self, name)
            if not isinstance(limit, int) or limit < 1:
                raise ValueError(f"{name} is {limit}; give a whole number, 1 or more")
        for host in self.allowed_hosts:
            if not _HOST.fullmatch(host):
                raise ValueError(
                    f"allowed_hosts has {host!r:.80}; give names as 'space.test', in small "
                    "letters and without a port"
                )
        for origin in self.allowed_origins:
            if not _is_origin(origin):
                raise ValueError(
                    f"allowed_origins has {origin!r:.80}; give origins as browsers write them: "
                    "'https://jupyter.example.com', with a port where it is not the usual one"
                )

    def arguments(self) -> list[str]:
        """Return the settings as options of ``python -m sw_notebook.space``."""
        numbers = ("port", *self._times(), *self._limits())
        values = {name: getattr(self, name) for name in numbers}
        words = [
            word
            for name, value in values.items()
            if value is not None
            for word in (f"--{name.replace('_', '-')}", str(value))
        ]
        return [
            *words,
            *(f"--allow-origin={origin}" for origin in self.allowed_origins),
            *(f"--allow-host={host}" for host in self.allowed_hosts),
            *([] if self.open_rooms else ["--no-open-rooms"]),
            *(["--stun"] if self.stun else []),
            *([] if self.log_frames is None else [f"--log-frames={self.log_frames}"]),
        ]

    @classmethod
    def _times(cls) -> list[str]:
        return [field.name for field in fields(cls) if field.name.endswith(("seconds", "linger"))]

    @classmethod
    def _limits(cls) -> list[str]:
        return [field.name for field in fields(cls) if field.name.startswith("max_")]


def _is_origin(text: object) -> bool:
    """Whether it is scheme, host and perhaps a port, and not more."""
    if not isinstance(text, str):
        return False
    try:
        parts = urlsplit(text)
        known = parts.scheme in {"http", "https"} and bool(parts.hostname)
        _ = parts.port  # raises where it is no number
    except ValueError:
        return False
    name = parts.hostname or ""
    host = f"[{name}]" if ":" in name else name
    port = "" if parts.port in {None, 80 if parts.scheme == "http" else 443} else f":{parts.port}"
    return known and "*" not in name and text == f"{parts.scheme}://{host}{port}"
