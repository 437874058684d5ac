"""What tests read in frames, and how they wait for another process."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np
import psutil

from sw_notebook import Frame
from sw_notebook.strip import Strip
from tests.browser.waiting import wait_until

__all__ = ["children", "gaps", "looks_right", "read", "until"]


def read(frame: Frame) -> Strip:
    """What the picture says; a picture that is not whole says nothing."""
    found = Strip.read(frame.y)
    assert found is not None, f"{frame} cannot be read"
    return found


def looks_right(frame: Frame) -> bool:
    """Whether the bars of the test card are what they always are."""
    bars = frame.rgb()[60:170, 20:620:91].astype(int)
    wanted = [
        (191, 191, 191),
        (191, 191, 0),
        (0, 191, 191),
        (0, 191, 0),
        (191, 0, 191),
        (191, 0, 0),
        (0, 0, 191),
    ]
    return bool(np.abs(bars - np.array(wanted)).max() < 40)


def gaps(numbers: Sequence[int]) -> list[int]:
    """How many frames are missing where some are; none may repeat or come out of order."""
    steps = [b - a for a, b in itertools.pairwise(numbers)]
    assert all(step > 0 for step in steps), "a frame came twice, or too late"
    return [step - 1 for step in steps if step > 1]


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for what no event tells: the state of another process."""
    wait_until(condition, seconds)


def children() -> list[psutil.Process]:
    """The receivers' processes of this one."""
    found = []
    for child in psutil.Process().children():
        try:
            if "sw_notebook.receiver" in child.cmdline():
                found.append(child)
        except psutil.Error:
            continue
    return found
