"""A cell that is busy, slow or gone loses nothing of the call, and nothing grows."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable

import numpy as np
import pytest

from sw_notebook import Receiver
from sw_notebook.space import LoopbackSpace

from .busy import holding_the_interpreter, in_numpy, in_python, memory
from .reading import children, read, until

pytestmark = pytest.mark.usefixtures("nothing_left")

BUSY_SECONDS = 1.5


@pytest.mark.parametrize("busy", [in_python, in_numpy, holding_the_interpreter])
def test_a_busy_cell_loses_nothing(space: LoopbackSpace, busy: Callable[[float], None]) -> None:
    """All frames and all sound of that time are there afterwards."""
    with Receiver("/public/bars", space=space) as rx:
        next(rx.video.frames())
        rx.audio.window(0.1)
        rx.video.latest()
        began = time.monotonic()
        busy(BUSY_SECONDS)
        frames = rx.video.window(time.monotonic() - began)
        numbers = [read(frame).frame for frame in frames]
        assert len(numbers) > 20
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        sound = rx.audio.window(1.4)
        assert sound.seconds == pytest.approx(1.4)
        assert not sound.gaps.any()
        stats = rx.stats()
        assert stats.video["lost"] == stats.video["decode_errors"] == stats.audio["lost"] == 0


def test_a_slow_loop_makes_nothing_grow(space: LoopbackSpace) -> None:
    """The receiver's memory does not depend on who looks."""
    with Receiver("/public/bars", space=space) as rx:
        (child,) = children()
        frames = rx.video.frames(max_fps=5)
        for _ in range(15):
            next(frames)
        before = memory(child)
        for frame in itertools.islice(frames, 50):
            assert read(frame)
        grown = memory(child) - before
        assert grown < 5e6
        frames.close()
        decoded = rx.stats().video["received"]
        until(lambda: rx.stats().video["received"] > decoded + 200)
        assert memory(child) - before < 5e6


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_ten_minutes_of_all_kinds_of_cells(space: LoopbackSpace) -> None:
    """Sleeping, computing and holding the interpreter in turn: flat memory, nothing lost."""
    import os

    minutes = float(os.environ.get("SW_RECEIVER_MINUTES", "10"))
    with Receiver("/public/bars", space=space) as rx:
        (child,) = children()
        next(rx.video.frames())
        rx.audio.window(0.1)
        turns = itertools.cycle([time.sleep, in_python, in_numpy, holding_the_interpreter])
        looked = time.monotonic()
        end, last, held = looked + 60 * minutes, 0, []
        while time.monotonic() < end:
            next(turns)(BUSY_SECONDS)
            # all since the last look, however long the machine took to read what it found
            before, looked = looked, time.monotonic()
            frames = rx.video.window(min(60.0, looked - before + 1))
            numbers = [read(frame).frame for frame in frames]
            assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
            assert last == 0 or numbers[0] <= last + 1
            last = numbers[-1]
            del frames
            assert not rx.audio.window(1.0).gaps.any()
            held.append(memory(child))
        stats = rx.stats()
        assert stats.video["lost"] == stats.video["decode_errors"] == stats.audio["lost"] == 0
        assert stats.video["incomplete"] == stats.video["overwritten"] == 0
        # the film of a minute that is kept grows to its size in that minute, and no further
        settled = held[len(held) // 4 :]
        assert max(settled) - min(settled) < 60e6, [f"{m / 1e6:.0f}" for m in held]
        assert abs(np.median(settled[-10:]) - np.median(settled[:10])) < 10e6
