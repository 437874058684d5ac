"""A page that says nothing any more is missed, and only then."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from sw_notebook import Call, _lease

from .paper_page import PaperPage


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Call:
    """A call whose page is asked every few milliseconds."""
    monkeypatch.setattr(_lease, "PING_SECONDS", 0.02)
    return Call("/public/echo", token="header.payload.signature")


def beside(work: Callable[[], None]) -> None:
    """Do it in a thread, as ipykernel handles a page's messages beside the cells."""
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def questions(call: Call, asked: Callable[[], object] = lambda: None) -> threading.Semaphore:
    """Count the questions to the page, and do this at each."""
    post, count = call._exchange._send, threading.Semaphore(0)

    def send(content: dict[str, object], buffers: list[bytes]) -> None:
        post(content, buffers)
        if content["kind"] == "ping":
            count.release()
            asked()

    call._exchange._send = send
    return count


class Ended(threading.Event):
    """Set when a call is over."""

    def __init__(self, call: Call) -> None:
        super().__init__()
        call.observe(self._look, "status")

    def _look(self, change: dict[str, str]) -> None:
        if change["new"] == "destroyed":
            self.set()


def test_a_page_that_is_silent_is_missed(call: Call) -> None:
    """After some questions without an answer the call is over."""
    page, ended = PaperPage(call), Ended(call)
    call.dial()
    beside(page.connect)
    assert ended.wait(10)
    assert call.end_reason == "its page did not answer"
    pings = [content for content in page.sent if content["kind"] == "ping"]
    assert [ping["page"] for ping in pings] == ["page1"] * _lease.MISSES


def test_a_page_that_answers_is_not(call: Call) -> None:
    """Each answer counts, and none is a line in the log."""
    page, ended = PaperPage(call), Ended(call)

    def answer() -> None:
        # not waited for: who asks holds the lock that the answer needs
        threading.Thread(target=page.say, kwargs={"kind": "alive"}).start()

    asked = questions(call, answer)
    call.dial()
    beside(page.connect)
    lines = len(call.messages)
    for _ in range(3 * _lease.MISSES):
        assert asked.acquire(timeout=10)
    assert not ended.is_set()
    assert len(call.messages) == lines
    page.end()
    assert call.end_reason == "hung up"


def test_silence_says_nothing_where_messages_wait_for_cells(call: Call) -> None:
    """A page that is heard on the main thread only may be kept waiting by a cell."""
    page, ended = PaperPage(call), Ended(call)
    asked = questions(call)
    call.dial()
    page.connect()
    for _ in range(3 * _lease.MISSES):
        assert asked.acquire(timeout=10)
    assert not ended.is_set()
    page.end()
