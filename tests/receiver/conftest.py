"""What the tests of the receiver share."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest

from sw_notebook.space import LoopbackSpace

from .reading import children, until


@pytest.fixture(scope="session")
def space() -> Iterator[LoopbackSpace]:
    """Return a space of the tests' own."""
    with LoopbackSpace(private=True, no_answer_seconds=3600) as space:
        yield space


@pytest.fixture
def nothing_left(space: LoopbackSpace) -> Iterator[None]:
    """No process, thread, descriptor or leg is left of a receiver that is closed."""
    yield
    gc.collect()
    until(lambda: not children())
    until(lambda: not space.legs())
    until(lambda: not {t.name for t in threading.enumerate()} & {"receiver", "dial"})
