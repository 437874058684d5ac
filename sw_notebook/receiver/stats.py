"""What a receiver counts and measures, as numbers and as a table."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Self

from sw_notebook._table import as_html, as_text

if TYPE_CHECKING:
    from .audio import Audio
    from .video import Video

__all__ = ["Stats"]


@dataclasses.dataclass(frozen=True)
class Stats:
    """Numbers of a receiver at one moment; shows as a table in a cell.

    In the plain path most are None: aiortc counts them elsewhere, or not at all.

    Attributes:
        connection: how media comes here: the ``path`` (``"fast"``, or ``"plain"`` where aiortc
            itself receives), its ``ways`` (``"socket"``, or ``"loop"`` where aiortc reads
            it), the ``pairs`` of candidates, ``round_trip_ms`` of the last check whether the far
            side is there (one about every 5 seconds; None before the first, and in the plain
            path), bytes, and datagrams that were ``undecryptable``, ``repeated`` (each comes
            once), ``malformed`` or of an ``unknown`` kind.
        video: packets, frames and times of the video; empty where there is none.  ``bitrate`` is in
            bits a second, of the payload of the last one to two seconds of packets, ``jitter_ms``,
            ``decode_ms`` and ``round_trip_ms`` are in milliseconds, ``age`` is in seconds since the
            last packet.
        audio: the same of the sound; ``delivered`` are blocks, ``overrun`` are the seconds that
            loops lost because they were over a minute behind.
    """

    connection: dict[str, Any]
    video: dict[str, Any]
    audio: dict[str, Any]

    @classmethod
    def of(cls, told: dict[str, Any], video: Video, audio: Audio) -> Self:
        """Put together what the process told and what this side counted."""
        pictures = dict(told.get("video", {}))
        if pictures:
            for name in ("delivered", "skipped", "dropped", "overwritten"):
                pictures[name] = getattr(video, name)
        sounds = dict(told.get("audio", {}))
        if sounds:
            sounds |= {"delivered": audio.delivered, "overrun": audio.overrun}
        return cls(dict(told.get("connection", {})), pictures, sounds)

    def _rows(self) -> list[tuple[str, str, str]]:
        return [
            (part.name, name, _text(value))
            for part in dataclasses.fields(self)
            for name, value in getattr(self, part.name).items()
        ]

    def __repr__(self) -> str:
        return as_text(self._rows())

    def _repr_html_(self) -> str:
        return as_html(self._rows())


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) else str(value)
