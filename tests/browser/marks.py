"""What a lesson holds in memory: in the page, the kernel and the space, from time to time."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from itertools import pairwise

from .lesson_steps import Steps
from .memory import MIB, heap, space_process

__all__ = ["TOLERANCE", "Mark", "growths", "mark", "table"]

TOLERANCE = {
    "page heap": 10 * MIB,
    "kernel": 30 * MIB,
    "space": 40 * MIB,
    "page heap per cell run": 0.2 * MIB,
}
"""How far the last third may lie above the first, by the median.

A reload lets the page begin anew, which would hide what it loses: so it may not grow by more than
the last between two reloads either.  JupyterLab itself takes 5 to 40 KiB for each run of a cell,
also of one that shows nothing; lessons, with their calls, took 100 KiB.
"""


@dataclass(frozen=True)
class Mark:
    """What page, kernel and space held at one moment, in bytes."""

    minutes: float
    steps: int
    cells_run: int
    loads: int
    page: int
    page_age: float
    kernel: int
    kernel_age: float
    space: int


def mark(lesson: Steps) -> Mark:
    """Measure, with all calls ended and one view of each."""
    for call in lesson.calls:
        if call.connected:
            lesson.run(f"{call.name}.hangup(); await {call.name}.wait_for('ended', timeout=30)")
    lesson.clear_outputs_and_show()
    lesson.settle()
    lesson.run("import gc; gc.collect()")
    now = time.monotonic()
    kernel = lesson.notebook.lab.kernel(lesson.notebook.kernel_id)
    return Mark(
        minutes=(now - lesson.begun) / 60,
        steps=len(lesson.taken),
        cells_run=lesson.cells_run,
        loads=lesson.loads,
        page=heap(lesson.notebook),
        page_age=(now - lesson.page_begun) / 60,
        kernel=kernel.memory_info().rss,
        kernel_age=(now - lesson.kernel_begun) / 60,
        space=space_process(lesson.space).memory_info().rss,
    )


def table(marks: list[Mark]) -> str:
    """The marks and what they come to, for people."""
    lines = ["min  steps  cells run  page MiB (age min)  kernel MiB (age min)  space MiB"]
    lines += [
        f"{mark.minutes:4.1f} {mark.steps:5} {mark.cells_run:9}"
        f" {mark.page / MIB:10.1f} ({mark.page_age:4.1f})"
        f" {mark.kernel / MIB:13.1f} ({mark.kernel_age:4.1f}) {mark.space / MIB:14.1f}"
        for mark in marks
    ]
    lines += [
        f"{name}: {value / MIB:+.2f} MiB (at most {TOLERANCE[name] / MIB:+g})"
        for name, value in growths(marks).items()
    ]
    return "\n".join(lines)


def growths(marks: list[Mark]) -> dict[str, float]:
    """What ``TOLERANCE`` limits."""
    if not marks:
        return {}
    same_page = [
        (before, after) for before, after in pairwise(marks) if before.loads == after.loads
    ]
    grown = sum(after.page - before.page for before, after in same_page)
    run = sum(after.cells_run - before.cells_run for before, after in same_page)
    return {
        "page heap": _growth([mark.page for mark in marks]),
        "kernel": _growth([mark.kernel for mark in marks]),
        "space": _growth([mark.space for mark in marks]),
        "page heap per cell run": grown / max(1, run),
    }


def _growth(values: list[int]) -> float:
    third = max(1, len(values) // 3)
    return statistics.median(values[-third:]) - statistics.median(values[:third])
