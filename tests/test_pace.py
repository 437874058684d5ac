"""What pages paint goes at once, then together, and nothing of it is lost."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Sequence

import pytest

from sw_notebook import _pace
from sw_notebook._pace import Pace
from sw_notebook.records import Message

Sent = tuple[list[str], list[int]]


class Pages:
    """Keeps what was sent, lines by their numbers."""

    def __init__(self) -> None:
        self.sent: queue.Queue[Sent] = queue.Queue()
        self.pace = Pace(self._send)

    def _send(self, names: Sequence[str], lines: Sequence[Message]) -> None:
        self.sent.put((list(names), [line.index for line in lines]))

    def line(self, index: int) -> None:
        """Say a line of the log."""
        self.pace.line(Message(index, 0.0, "info", ""))

    def next(self) -> Sent:
        """What was sent next."""
        return self.sent.get(timeout=30)


@pytest.fixture
def pages() -> Pages:
    """Pages that are sent something as often as those of a call."""
    return Pages()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pages]:
    """Pages that are sent something once in a test, unless it is flushed."""
    monkeypatch.setattr(_pace, "INTERVAL", 3600)
    pages = Pages()
    yield pages
    pages.pace.flush()  # stops the timer


def test_the_first_goes_at_once(patient: Pages) -> None:
    """And what comes soon after it waits."""
    patient.pace.state("status")
    patient.line(1)
    patient.pace.state("status")
    assert patient.sent.get_nowait() == (["status"], [])
    assert patient.sent.empty()


def test_what_waited_goes_together_when_the_time_is_over(pages: Pages) -> None:
    """Each trait once, each line in its order."""
    pages.pace.state("attempt")
    for index in range(3):
        pages.pace.state("status")
        pages.pace.state("owner")
        pages.line(index)
    assert pages.next() == (["attempt"], [])
    names: list[str] = []
    lines: list[int] = []
    while len(lines) < 3:
        more_names, more_lines = pages.next()
        names += more_names
        lines += more_lines
    assert lines == [0, 1, 2]
    assert {"status", "owner"} <= set(names)


def test_a_flood_goes_more_rarely(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    """What changes again and again is painted so often as somebody can follow, until it stops."""
    monkeypatch.setattr(_pace, "FLOOD_INTERVAL", 3600)
    pages.pace.state("status")
    assert pages.next() == (["status"], [])
    for index in range(_pace.FLOOD):
        pages.line(index)
        assert pages.next() == ([], [index])
    pages.line(_pace.FLOOD)
    assert pages.sent.empty()
    monkeypatch.setattr(_pace, "FLOOD_INTERVAL", 0)
    pages.pace.flush()
    assert pages.next() == ([], [_pace.FLOOD])
    pages.line(0)  # not held back any more
    assert pages.next() == ([], [0])


def test_a_row_of_changes_goes_as_one(patient: Pages) -> None:
    """At the end of the block, without waiting."""
    with patient.pace.together():
        with patient.pace.together():
            patient.pace.state("attempt")
        patient.line(7)
        assert patient.sent.empty()
        patient.pace.state("status")
    assert patient.sent.get_nowait() == (["attempt", "status"], [7])


def test_a_block_that_takes_long_does_not_keep_the_pages_waiting(pages: Pages) -> None:
    """An observer may wait for something; what changed before it is seen meanwhile."""
    with pages.pace.together():
        pages.pace.state("status")
        assert pages.next() == (["status"], [])


def test_an_empty_block_sends_nothing(patient: Pages) -> None:
    """And costs no time of the next change."""
    with patient.pace.together():
        pass
    assert patient.sent.empty()
    patient.line(1)
    assert patient.sent.get_nowait() == ([], [1])


def test_a_flush_is_at_once_and_stops_the_timer(patient: Pages) -> None:
    """It is safe to call twice."""
    before = set(threading.enumerate())
    patient.pace.state("status")
    patient.pace.state("owner")
    (timer,) = set(threading.enumerate()) - before
    patient.pace.flush()
    patient.pace.flush()
    timer.join(timeout=30)
    assert not timer.is_alive()
    assert [patient.next(), patient.next()] == [(["status"], []), (["owner"], [])]
    assert patient.sent.empty()


def test_many_threads_lose_nothing_and_keep_their_order(pages: Pages) -> None:
    """Each thread's lines arrive once, in the order in which it said them."""

    def talk(first: int) -> None:
        for index in range(first, first + 200):
            pages.line(index)

    threads = [threading.Thread(target=talk, args=(1000 * number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seen: list[int] = []
    while len(seen) < 800:
        seen += pages.next()[1]
    for number in range(4):
        own = [index for index in seen if index // 1000 == number]
        assert own == list(range(1000 * number, 1000 * number + 200))
