"""Waiting for what no event tells: the state of another process."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from sw_notebook import LoopbackSpace

__all__ = [
    "came_back",
    "expect_equal",
    "expect_no_leg",
    "expect_no_session",
    "expect_none",
    "expect_nothing_left",
    "the_leg",
    "wait_until",
]


def wait_until(look: Callable[[], object], seconds: float = 15) -> None:
    """Wait until this is true."""
    _wait(lambda: None if look() else "it did not come about in time", seconds)


def expect_none(left: Callable[[], object], seconds: float = 15) -> None:
    """Wait until nothing is left, and say what is where something stays."""
    _wait(lambda: left() or None, seconds)


def expect_equal(look: Callable[[], object], expected: object, seconds: float = 15) -> None:
    """Wait until this is as expected, and say what it is where it stays otherwise."""

    def wrong() -> object:
        found = look()
        return None if found == expected else f"{found!r}, not {expected!r}"

    _wait(wrong, seconds)


def _wait(wrong: Callable[[], object], seconds: float) -> None:
    """Wait until this finds nothing wrong, and say what it found last where it always does."""
    until = time.monotonic() + seconds
    while (found := wrong()) is not None:
        assert time.monotonic() < until, found
        time.sleep(0.05)


def the_leg(space: LoopbackSpace) -> dict[str, Any]:
    """The one leg of a space."""
    (leg,) = space.legs()
    return leg


def came_back(space: LoopbackSpace) -> int:
    """How often a client has come back to its session after its token had run out there."""
    assert space.log_file is not None
    closed: set[str] = set()
    count = 0
    for line in space.log_file.read_text().splitlines():
        if expired := re.search(r"the token of session (\S+) has expired", line):
            closed.add(expired[1])
        elif (resumed := re.search(r"session (\S+) is resumed", line)) and resumed[1] in closed:
            closed.remove(resumed[1])
            count += 1
    return count


def expect_no_leg(space: LoopbackSpace, seconds: float = 15) -> None:
    """Wait until the space holds no leg."""
    expect_none(space.legs, seconds)


def expect_no_session(space: LoopbackSpace) -> None:
    """Wait until no client is connected to the space."""
    expect_none(space.sessions, 30)


def expect_nothing_left(page: Page, space: LoopbackSpace) -> None:
    """Wait until no call is in the page nor in the space: what every ending has to leave.

    In the page there is no live track, no peer connection, no socket and no timer of ours, and in
    the space no leg and no session.  The client that a page keeps for its next call has none of
    these: it has only made its key.
    """
    expect_no_leg(space)
    expect_none(lambda: page.evaluate("() => window.swProbe.left()"), 30)
    expect_no_session(space)
