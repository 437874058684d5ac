"""G6: what a packet of sound costs, against pure decoding, and how far behind it is."""

from __future__ import annotations

import statistics
import time

from sw_notebook import Receiver

from . import processor
from .film import SOUND_RATE, heard
from .goal import Result, ratio, spread
from .projecting import projecting
from .receiving import limit

__all__ = ["measure"]

SECONDS = 5.0
COST_GOAL, BEHIND_GOAL = 1.25, 2
LOSS = 0.02
_BLOCK = 0.5


def cost(*, plain: bool = False) -> float:
    """Listen in half seconds; return microseconds of both processes for each packet."""
    with (
        projecting("none") as there,
        Receiver("/public/film", space=there, video=False, plain=plain) as rx,
    ):
        child = processor.child_of(rx)
        blocks = rx.audio.blocks(_BLOCK)
        next(blocks)
        before, own, start = processor.seconds(child), time.process_time(), there.ledger.sounds
        for _ in range(round(SECONDS / _BLOCK)):
            next(blocks)
        used = processor.seconds(child) - before + time.process_time() - own
        return used / (there.ledger.sounds - start) * 1e6


def behind(*, loss: float = 0.0, plain: bool = False) -> list[int]:
    """Listen packet by packet; return how many packets had been sent after each one heard."""
    with (
        projecting("none", loss=loss, seed=3) as there,
        Receiver("/public/film", space=there, video=False, plain=plain) as rx,
    ):
        found: list[int] = []
        for block in rx.audio.blocks(1 / SOUND_RATE):
            last = there.ledger.sounds - 1
            if there.ledger.sounds > SECONDS * SOUND_RATE * 2:
                return found
            if not block.gaps.any():
                # It may be here before the projector has counted it.
                found.append(max(0, (last - heard(block.samples[0]) + 5) % SOUND_RATE - 5))
        raise AssertionError("the sound ended early")


def measure(repeats: int) -> list[Result]:
    """Measure each side in turn."""
    limits, ours, plains = [], [], []
    for _ in range(repeats):
        limits.append(limit("--codec", "none", "--sound") * 1000)
        ours.append(cost())
        plains.append(cost(plain=True))
    found, plain = ratio(ours, limits), ratio(plains, limits)
    results = [
        Result(
            "G6",
            f"a packet of sound ≤ {COST_GOAL} × paced decoding",
            f"{found:.2f} × ({spread(ours, 1, ' us')}; limit {spread(limits, 1, ' us')}; "
            f"plain aiortc {plain:.2f} ×)",
            found <= COST_GOAL,
        )
    ]
    for loss in (0.0, LOSS):
        ours_behind, theirs = behind(loss=loss), behind(loss=loss, plain=True)
        p95 = statistics.quantiles(ours_behind, n=20)[-1]
        results.append(
            Result(
                "G6",
                f"{loss:.0%} lost: p95 at most {BEHIND_GOAL} packets behind",
                f"median {statistics.median(ours_behind):g}, p95 {p95:g}, "
                f"most {max(ours_behind)}; plain aiortc median {statistics.median(theirs):g}",
                p95 <= BEHIND_GOAL,
            )
        )
    return results
