"""G5: what is shown where packets are lost; every picture compared with a clean decode."""

from __future__ import annotations

import hashlib
import itertools
from typing import NamedTuple

from sw_notebook import Receiver
from sw_notebook.strip import Strip

from .film import RATE, prints
from .goal import Result
from .projecting import projecting

__all__ = ["measure"]

SECONDS = 12
ROUND_TRIP = 0.04
FREEZE_GOAL = 0.4
HEIGHT = 360
_TICKS = 90_000 // RATE


class Run(NamedTuple):
    """What one run came to."""

    shown: int
    missing: int
    """Frames that were sent between the first and the last one shown, and not shown."""
    corrupt: int
    """Frames that are not what a clean decode gives."""
    freeze: float
    """The longest time between two frames, in seconds."""


def run(codec: str, *, loss: float, nack: bool, plain: bool = False) -> Run:
    """Watch all frames for some seconds on such a network."""
    with (
        projecting(codec, HEIGHT, loss=loss, delay=ROUND_TRIP, nack=nack, seed=5) as there,
        Receiver(
            "/public/film", space=there, plain=plain, preferred_video_codecs=[codec.upper()]
        ) as rx,
    ):
        clean = prints(codec, HEIGHT)
        stamps, arrivals, corrupt = [], [], 0
        for frame in rx.video.frames(policy="bounded", limit=100):
            strip = Strip.read(frame.y)
            whole = hashlib.md5(frame.i420().data).digest()  # noqa: S324 - it is no secret
            corrupt += strip is None or strip.frame >= len(clean) or whole != clean[strip.frame]
            stamps.append(frame.pts)
            arrivals.append(frame.monotonic)
            if there.ledger.frames > SECONDS * RATE:
                break
        sent = (stamps[-1] - stamps[0]) // _TICKS + 1
        freeze = max(b - a for a, b in itertools.pairwise(arrivals))
        return Run(len(stamps), sent - len(stamps), corrupt, freeze)


def measure() -> list[Result]:
    """Count once for each network: these are counts, and the loss is seeded."""
    results = []
    for codec in ("vp8", "h264"):
        for loss in (0.01, 0.03):
            ours = run(codec, loss=loss, nack=True)
            plain = run(codec, loss=loss, nack=True, plain=True)
            results.append(
                Result(
                    "G5",
                    f"{codec.upper()}, {loss:.0%} lost: all delivered, none corrupt",
                    f"{_told(ours)}; plain aiortc {_told(plain)}",
                    not ours.missing and not ours.corrupt,
                )
            )
        ours = run(codec, loss=0.01, nack=False)
        plain = run(codec, loss=0.01, nack=False, plain=True)
        results.append(
            Result(
                "G5",
                f"{codec.upper()}, 1% lost and nothing sent again: none corrupt, "
                f"freeze ≤ RTT + {FREEZE_GOAL * 1000:.0f} ms",
                f"{_told(ours)}; plain aiortc {_told(plain)}",
                not ours.corrupt and ours.freeze <= ROUND_TRIP + FREEZE_GOAL,
            )
        )
    return results


def _told(run: Run) -> str:
    return (
        f"{run.shown} shown, {run.missing} missing, {run.corrupt} corrupt, "
        f"longest gap {run.freeze * 1000:.0f} ms"
    )
