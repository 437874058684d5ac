"""Writes wait for the lock, keep their order, and are made by one thread at a time."""

from __future__ import annotations

import threading

from sw_notebook._scribe import Scribe


def test_writes_wait_for_the_outermost_release() -> None:
    """What is added under the lock is written after it, in order."""
    scribe, written = Scribe(), list[int]()
    with scribe:
        with scribe:
            scribe.later(lambda: written.append(1))
        assert written == []
        scribe.later(lambda: written.append(2))
    assert written == [1, 2]


def test_a_write_may_lock_and_add() -> None:
    """An observer that uses the call again is served after the writes that were there before."""
    scribe, written = Scribe(), list[int]()

    def write() -> None:
        with scribe:
            scribe.later(lambda: written.append(3))
        written.append(1)

    with scribe:
        scribe.later(write)
        scribe.later(lambda: written.append(2))
    assert written == [1, 2, 3]


def test_a_write_that_waits_for_another_thread_is_no_deadlock() -> None:
    """While one thread writes, another takes the lock, and its writes are made by the first."""
    scribe, written = Scribe(), list[str]()
    entered, added = threading.Event(), threading.Event()

    def slow() -> None:
        entered.set()
        assert added.wait(10)
        written.append("slow")

    def other() -> None:
        assert entered.wait(10)
        with scribe:
            scribe.later(lambda: written.append("other"))
        added.set()

    thread = threading.Thread(target=other)
    thread.start()
    with scribe:
        scribe.later(slow)
    thread.join()
    assert written == ["slow", "other"]
