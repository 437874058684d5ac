"""Cells that are busy, and what a receiver holds meanwhile; benchmarks have them, too."""

from __future__ import annotations

import time

import numpy as np
import psutil

__all__ = ["holding_the_interpreter", "in_numpy", "in_python", "memory"]


def in_python(seconds: float) -> None:
    """Compute in Python."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sum(range(100))


def in_numpy(seconds: float) -> None:
    """Compute in numpy."""
    end = time.monotonic() + seconds
    matrix = np.ones((400, 400))
    while time.monotonic() < end:
        matrix = matrix @ matrix / 400


def holding_the_interpreter(seconds: float, count: int = 10_000_000) -> None:
    """Compute in calls that let no other thread run, each as long as to add up so many numbers."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sum(range(count))


def memory(*processes: psutil.Process) -> float:
    """Return how many bytes these processes and this one hold."""
    return float(sum(p.memory_info().rss for p in (psutil.Process(), *processes)))
