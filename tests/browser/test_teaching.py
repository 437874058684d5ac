"""Simulated teaching: ten minutes of clicks, cell runs and faults in an order that chance gives.

``SW_TEACHING_MINUTES`` sets how long, ``SW_TEACHING_SEED`` which order: a failure prints both it
and the steps that led there.  The seed gives the steps; what a step meets is as it was only where
the machine is as fast.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator

import pytest

from sw_notebook import LoopbackSpace

from .lesson_steps import SIZE, Steps
from .marks import TOLERANCE, Mark, growths, mark, table
from .notebook import Notebook

MINUTES = float(os.environ.get("SW_TEACHING_MINUTES") or 10)
SEED = int(os.environ.get("SW_TEACHING_SEED") or random.randrange(10**6))

WARM_UP = 0.2
"""This part of the time goes by before memory counts."""

MARKS = 12
MARK_SECONDS = 40.0
"""Memory is measured so often after that, but with so much time between: it ends all calls."""

pytestmark = [pytest.mark.soak, pytest.mark.timeout(60 * MINUTES + 600)]


@pytest.fixture
def marks() -> list[Mark]:
    """What was measured in the lesson."""
    return []


@pytest.fixture
def lesson(
    request: pytest.FixtureRequest, notebook: Notebook, space: LoopbackSpace, marks: list[Mark]
) -> Iterator[Steps]:
    """A lesson in a page that is large enough for all its views; it says what came of it."""
    terminal = request.config.get_terminal_writer()
    terminal.line(f"\nSW_TEACHING_SEED={SEED}, {MINUTES:g} minutes")
    before = notebook.page.viewport_size
    notebook.page.set_viewport_size(SIZE)
    lesson = Steps(notebook, space, SEED)
    yield lesson
    lesson.watch.stop()
    terminal.line(f"\n{len(lesson.taken)} steps: {lesson.counts}")
    terminal.line(table(marks))
    if before and not notebook.page.is_closed():
        notebook.page.set_viewport_size(before)


def test_a_lesson(lesson: Steps, marks: list[Mark]) -> None:
    """Whatever chance brings, nothing stays live, nothing is there twice, and nothing grows."""
    seconds = 60 * MINUTES
    end = lesson.begun + seconds
    next_mark = lesson.begun + WARM_UP * seconds
    try:
        lesson.settle()
        while time.monotonic() < end:
            lesson.step()
            if time.monotonic() >= next_mark:
                marks.append(mark(lesson))
                apart = max(MARK_SECONDS, (1 - WARM_UP) * seconds / MARKS)
                next_mark = time.monotonic() + apart
    except Exception as error:
        error.add_note(f"SW_TEACHING_SEED={SEED}, after:\n" + "\n".join(lesson.taken[-30:]))
        raise
    marks.append(mark(lesson))
    grown = growths(marks)
    too_much = {name: value for name, value in grown.items() if value > TOLERANCE[name]}
    assert too_much == {}, table(marks)
