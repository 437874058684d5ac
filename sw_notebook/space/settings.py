"""How a space behaves, as its users, its command line and itself say it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from urllib.parse import urlsplit

__all__ = ["Settings"]


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

    Raises:
        ValueError: a time is negative, or no number; an origin is none.
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

    def __post_init__(self) -> None:
        for name in self._times():
            seconds = getattr(self, name)
            known = isinstance(seconds, int | float)
            if seconds is not None and not (known and seconds >= 0):  # NaN is not
                raise ValueError(f"{name} is {seconds}; give seconds, 0 or more")
        for origin in self.allowed_origins:
            if not _is_origin(origin):
                raise ValueError(
                    f"allowed_origins has {origin!r:.80}; give origins as browsers write them: "
                    "'https://jupyter.example.com', with a port where it is not the usual one"
                )

    def arguments(self) -> list[str]:
        """Return the settings as options of ``python -m sw_notebook.space``."""
        values = {name: getattr(self, name) for name in ("port", *self._times())}
        words = [
            word
            for name, value in values.items()
            if value is not None
            for word in (f"--{name.replace('_', '-')}", str(value))
        ]
        words += [] if self.open_rooms else ["--no-open-rooms"]
        return words + [f"--allow-origin={origin}" for origin in self.allowed_origins]

    @classmethod
    def _times(cls) -> list[str]:
        return [field.name for field in fields(cls) if field.name.endswith(("seconds", "linger"))]


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
