"""G1, G2, G9: what a frame costs and how late it is, against pure decoding; sound beside it."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import psutil

from sw_notebook import Receiver
from sw_notebook.receiver.frame import Frame
from sw_notebook.strip import Strip

from . import processor
from .goal import Result, ratio, spread
from .ledger import Ledger
from .projecting import projecting

__all__ = ["limit", "measure"]

SECONDS = 4.0
WARM_UP = 20
BGR_GOALS = {720: 1.20, 360: 1.25}
GRAY_GOAL, IDLE_GOAL, LATENCY_GOAL = 0.90, 0.20, 5.0
_TICKS = 3000


class Run(NamedTuple):
    """What one run came to."""

    ms: float
    """Processor time of both processes, in milliseconds for each frame that was delivered."""
    late: list[float]
    """Milliseconds from the last packet of a frame sent to its array ready."""
    child: float
    """Processor time of the receiver's process alone, in milliseconds a second."""


def run(codec: str, height: int, take: Callable[[Frame], object], *, plain: bool = False) -> Run:
    """Receive for some seconds, do this with each frame, and keep the sound decoded."""
    codecs = [codec.upper()]
    with (
        projecting(codec, height) as there,
        Receiver("/public/film", space=there, plain=plain, preferred_video_codecs=codecs) as rx,
    ):
        child = processor.child_of(rx)
        rx.audio.window(0.1)
        late: list[float] = []
        first = 0
        before, own, began = 0.0, 0.0, 0.0
        for count, frame in enumerate(rx.video.frames(), 1):
            take(frame)
            ready = time.monotonic()
            if count == WARM_UP:
                first = _first(there.ledger, frame)
                before, own, began = processor.seconds(child), time.process_time(), ready
            elif count > WARM_UP:
                late.append((ready - there.ledger.when(first + frame.pts // _TICKS)) * 1000)
                if ready - began > SECONDS:
                    break
        theirs = processor.seconds(child) - before
        both = theirs + time.process_time() - own
        return Run(both / len(late) * 1000, late, theirs / (time.monotonic() - began) * 1000)


def idle(codec: str, height: int) -> float:
    """Return the processor time where nobody looks or listens, in milliseconds a second."""
    codecs = [codec.upper()]
    with (
        projecting(codec, height) as there,
        Receiver("/public/film", space=there, preferred_video_codecs=codecs) as rx,
    ):
        child = processor.child_of(rx)
        _until_sent(there.ledger, child)
        before, began = processor.seconds(child), time.monotonic()
        time.sleep(SECONDS)
        return (processor.seconds(child) - before) / (time.monotonic() - began) * 1000


def _until_sent(ledger: Ledger, child: psutil.Process) -> None:
    while ledger.frames < WARM_UP and child.is_running():
        time.sleep(0.05)


def _first(ledger: Ledger, frame: Frame) -> int:
    """Return which of the frames that were sent is the first one received."""
    strip = Strip.read(frame.copy().y)
    assert strip is not None, "a broken frame"
    return ledger.number(strip.frame, time.monotonic()) - frame.pts // _TICKS


def limit(*options: str) -> float:
    """Return what ``python -m benchmarks.limit`` prints."""
    command = [sys.executable, "-m", "benchmarks.limit", "--seconds", str(SECONDS), *options]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def measure(repeats: int) -> Iterator[Result]:
    """Measure each side in turn, so that all see the same load."""
    for height in (720, 360):
        for codec in ("vp8", "h264"):
            yield from _side_by_side(codec, height, repeats)


def _side_by_side(codec: str, height: int, repeats: int) -> list[Result]:
    what = f"{codec.upper()} {height}p30 and sound"
    stream = ("--codec", codec, "--height", str(height), "--sound")
    limits, bests, nobody = [], [], []
    ours, views, plains = [], [], []
    for _ in range(repeats):
        limits.append(limit(*stream))
        ours.append(run(codec, height, lambda frame: frame.bgr()))
        plains.append(run(codec, height, lambda frame: frame.bgr(), plain=True))
        bests.append(limit(*stream, "--best"))
        views.append(run(codec, height, lambda frame: frame.y))
        nobody.append(idle(codec, height))
    costs, goal = [r.ms for r in ours], BGR_GOALS[height]
    found, best = ratio(costs, limits), ratio(costs, bests)
    plain = ratio([r.ms for r in plains], limits)
    view = ratio([r.ms for r in views], limits)
    asleep = ratio(nobody, [r.child for r in ours])
    late = [statistics.median(r.late) for r in ours]
    p95 = [statistics.quantiles(r.late, n=20)[-1] for r in ours]
    late_plain = [statistics.median(r.late) for r in plains]
    return [
        Result(
            "G1",
            f"{what}: a BGR frame ≤ {goal} × paced decoding and conversion",
            f"{found:.2f} × ({spread(costs, 1, ' ms')}; limit {spread(limits, 1, ' ms')}; "
            f"plain aiortc {plain:.2f} ×; the fastest decoder and converter {best:.2f} ×)",
            found <= goal,
        ),
        Result(
            "G1",
            f"{what}: a view of its brightness ≤ {GRAY_GOAL} ×",
            f"{view:.2f} ×",
            view <= GRAY_GOAL,
        ),
        Result(
            "G2",
            f"{what}: last packet sent to array, p50 ≤ {LATENCY_GOAL:g} ms",
            f"p50 {spread(late, 1, ' ms')}, p95 {spread(p95, 1, ' ms')}; "
            f"plain aiortc p50 {min(late_plain):.1f} ms",
            min(late) <= LATENCY_GOAL,
        ),
        Result(
            "G9",
            f"{what}: nobody looks ≤ {IDLE_GOAL} × the process that decodes",
            f"{asleep:.2f} ×",
            asleep <= IDLE_GOAL,
        ),
    ]
