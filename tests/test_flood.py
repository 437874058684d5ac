"""Ten thousand events of a page: what is kept is bounded, and what is not kept is counted."""

from __future__ import annotations

import pytest

from sw_notebook import Call

from .paper_page import PaperPage

EVENTS = 10_000


@pytest.fixture
def call() -> Call:
    """A call."""
    return Call("/public/echo", token="a.b.c")


@pytest.fixture
def page(call: Call) -> PaperPage:
    """The page in which it is up."""
    page = PaperPage(call)
    call.dial()
    page.connect()
    return page


def test_every_line_of_a_flood_is_shown_and_the_last_are_kept(call: Call, page: PaperPage) -> None:
    """``messages`` keeps 2,000; their index says how many there were before, none of them lost."""
    before = call.messages[-1].index
    for number in range(EVENTS):
        page.event("log", level="info", text=str(number))
    kept = call.messages
    assert len(kept) == 2000
    assert [row.text for row in kept] == [str(number) for number in range(EVENTS - 2000, EVENTS)]
    assert [row.index - before - 1 for row in kept] == [int(row.text) for row in kept]
    call._pace.flush()
    shown = [line for content in page.sent for line in content.get("lines", [])]
    assert [line["index"] for line in shown] == list(range(1, before + EVENTS + 1))
    assert call.status == "connected"


def test_the_last_statuses_of_a_flood_are_kept(call: Call, page: PaperPage) -> None:
    """``history`` keeps 5,000, and the traits are those of the last event."""
    for number in range(EVENTS):
        status = "recovering" if number % 2 == 0 else "connected"
        page.event("status", status=status, raw=str(number))
    kept = [str(number) for number in range(EVENTS - 5000, EVENTS)]
    assert [row.raw_status for row in call.history] == kept
    assert (call.status, len(call.messages)) == ("connected", 2000)
    page.end()
    assert call.status == "destroyed"
