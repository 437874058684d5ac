"""Who is alone is alone."""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from .turns import Turns


class Somebody:
    """Takes turns in a thread of its own, until it is let go."""

    def __init__(self, pool: ThreadPoolExecutor, turns: Turns, how: str) -> None:
        self.there, self._go = threading.Event(), threading.Event()
        self._turn, self._how = turns, how
        self._done: Future[None] = pool.submit(self._take)

    def _take(self) -> None:
        with getattr(self._turn, self._how)():
            self.there.set()
            assert self._go.wait(10)

    def leave(self) -> None:
        """Let it go, and wait until it has gone."""
        self._go.set()
        self._done.result(10)


def is_taken(path: Path) -> bool:
    """Whether somebody has locked it."""
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Threads for them."""
    with ThreadPoolExecutor() as pool:
        yield pool


def test_who_is_alone_waits_for_all_and_goes_before_later_ones(
    pool: ThreadPoolExecutor, tmp_path: Path
) -> None:
    """Those who run beside others do so; who wants to be alone is not starved by them."""
    turns = Turns(tmp_path)
    one, other = (Somebody(pool, turns, "beside") for _ in range(2))
    assert one.there.wait(10)
    assert other.there.wait(10)
    heavy = Somebody(pool, turns, "alone")
    while not is_taken(tmp_path / "gate"):
        heavy.there.wait(0.01)
    later = Somebody(pool, turns, "beside")
    one.leave()
    assert not heavy.there.wait(0.1)
    assert not later.there.is_set()
    other.leave()
    assert heavy.there.wait(10)
    assert not later.there.wait(0.1)
    heavy.leave()
    assert later.there.wait(10)
    later.leave()
