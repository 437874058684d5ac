"""G3, G4, G7: what a busy or slow cell loses, what grows, and what the hand-over costs."""

from __future__ import annotations

import contextlib
import functools
import os
import pickle
import time
from collections.abc import Callable, Iterator

import av
import numpy as np

from sw_notebook import Receiver
from sw_notebook.receiver.frame import Frame
from sw_notebook.receiver.memory import Memory
from sw_notebook.receiver.picture_ring import About, PictureReader, PictureWriter
from tests.receiver.busy import holding_the_interpreter, in_numpy, in_python, memory

from . import processor
from .film import RATE
from .goal import Result, spread
from .naive import naive
from .projecting import projecting

__all__ = ["busy", "growth", "handover"]

BUSY_SECONDS = 6.0
GROWTH_SECONDS, GROWTH_GOAL = 60.0, 5.0
NAIVE_SECONDS = 10.0
HANDOVER_GOAL = 0.06
_TICKS = 90_000 // RATE
_AFTER = 1.0
_WORKS: dict[str, Callable[[float], None]] = {
    "in Python": in_python,
    "in numpy": in_numpy,
    # a second or two for each call
    "holding the interpreter": functools.partial(holding_the_interpreter, count=50_000_000),
}


def busy() -> list[Result]:
    """G3: lost frames while a cell is busy; counted once for each kind."""
    results = []
    for words, work in _WORKS.items():
        with projecting("vp8", 360) as there, Receiver("/public/film", space=there) as rx:
            next(rx.video.frames())
            rx.video.latest()  # frames are decoded for ten more seconds
            began = time.monotonic()
            work(BUSY_SECONDS)
            stamps = [frame.pts for frame in rx.video.window(time.monotonic() - began)]
        theirs: list[int] = []

        def take(frame: av.VideoFrame, into: list[int] = theirs) -> None:
            into.append(frame.pts or 0)

        with projecting("vp8", 360) as there, naive(there.url, take):
            while len(theirs) < RATE:
                time.sleep(0.01)
            work(BUSY_SECONDS)
            time.sleep(_AFTER)
        results.append(
            Result(
                "G3",
                f"{words} for {BUSY_SECONDS:g} s: no frame lost",
                f"{_lost(stamps)} of {len(stamps)} lost; aiortc in a thread {_lost(theirs)}",
                not _lost(stamps) and len(stamps) > BUSY_SECONDS * RATE * 0.9,
            )
        )
    return results


def _lost(stamps: list[int]) -> int:
    return (stamps[-1] - stamps[0]) // _TICKS + 1 - len(stamps)


def growth() -> list[Result]:
    """G4: memory of both processes beside a slow cell, and beside one that does not look."""
    return [
        Result(
            "G4",
            f"720p, {what}: memory grows by ≤ {GROWTH_GOAL:g} MB in {GROWTH_SECONDS:g} s",
            f"{ours:+.1f} MB; aiortc in a thread {theirs:+.0f} MB",
            ours <= GROWTH_GOAL,
        )
        for what, ours, theirs in (
            ("a loop at 5 fps", _grown(looks=True), _grown_naively(looks=True)),
            ("nobody looks", _grown(looks=False), _grown_naively(looks=False)),
        )
    ]


def _grown(*, looks: bool) -> float:
    with projecting("vp8", 720) as there, Receiver("/public/film", space=there) as rx:
        child = processor.child_of(rx)
        frames = rx.video.frames(max_fps=5)
        # What is kept of the last minute for window() fills up first.
        _spend(frames if looks else None, GROWTH_SECONDS + 5)
        if not looks:
            frames.close()
        before = memory(child)
        _spend(frames if looks else None, GROWTH_SECONDS)
        return (memory(child) - before) / 1e6


def _spend(frames: Iterator[Frame] | None, seconds: float) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if frames is None:
            time.sleep(left)
        else:
            next(frames).bgr()


def _grown_naively(*, looks: bool) -> float:
    """Return by how much it would grow in the same time, from what it does in some seconds."""
    with (
        projecting("vp8", 720) as there,
        naive(there.url, (lambda frame: frame.to_ndarray(format="bgr24")) if looks else None, 0.2),
    ):
        time.sleep(2)
        before = memory()
        time.sleep(NAIVE_SECONDS)
        return (memory() - before) / 1e6 * GROWTH_SECONDS / NAIVE_SECONDS


def handover(repeats: int) -> list[Result]:
    """G7: from a decoded picture to an array in the cell, against pickled colours in a pipe."""
    frame = av.VideoFrame(1280, 720, "yuv420p")
    writer = PictureWriter.create(1280, 720)
    with contextlib.ExitStack() as stack:
        stack.callback(writer.close)
        reader = PictureReader(Memory(os.dup(writer.memory.fd), writer.memory.size))
        stack.callback(reader.close)
        colours = np.zeros((720, 1280, 3), np.uint8)
        planes, slots = np.zeros(720 * 1280 * 3 // 2, np.uint8), np.zeros((8, 1382400), np.uint8)
        ours, copies, theirs = [], [], []
        for _ in range(repeats):
            ours.append(_timed(lambda number: _pass(frame, writer, reader, number)))
            copies.append(_timed(lambda number: np.copyto(slots[number % 8], planes)))
            theirs.append(_timed(lambda _: pickle.loads(pickle.dumps(colours))))  # noqa: S301
    return [
        Result(
            "G7",
            f"hand-over of a 720p frame ≤ {HANDOVER_GOAL} ms, no pickled pixels",
            f"{spread(ours, 1, ' ms')}; copying the planes alone {spread(copies, 1, ' ms')}; "
            f"pickled {spread(theirs, 1, ' ms')}",
            min(ours) <= HANDOVER_GOAL,
        )
    ]


def _pass(frame: av.VideoFrame, writer: PictureWriter, reader: PictureReader, number: int) -> None:
    writer.write(frame, About(number + 1, number * _TICKS, 0.0, 0.0, 1280, 720))
    found = reader.newest(number)
    assert found is not None
    slot, about = found
    assert Frame(about, slot=slot).y.shape == (720, 1280)


def _timed(step: Callable[[int], object], count: int = 200) -> float:
    """Return the milliseconds of processor time for each."""
    before = time.process_time()
    for number in range(count):
        step(number)
    return (time.process_time() - before) / count * 1000
