"""A call outlives twenty expired tokens, ICE restarts, lost sockets and reloads; nothing leaks."""

from __future__ import annotations

import os

import psutil
import pytest
from playwright.sync_api import Page

from sw_notebook import LoopbackSpace

from .member import Person
from .memory import MIB, space_process
from .waiting import (
    came_back,
    expect_equal,
    expect_no_leg,
    expect_no_session,
    the_leg,
    wait_until,
)

ROUNDS = int(os.environ.get("SW_LIFE_ROUNDS", "20"))
SETTLED = min(3, ROUNDS - 1)
"""After so many rounds the space has all that it keeps."""
EXPIRES_IN = 12
"""Seconds: a page that is reloaded on a busy machine is connected before."""

pytestmark = [pytest.mark.soak, pytest.mark.timeout(300 + 60 * ROUNDS)]


class Held:
    """What a space holds of the system."""

    def __init__(self, process: psutil.Process) -> None:
        self.files = process.num_fds()
        self.threads = process.num_threads()
        self.memory = process.memory_info().rss

    def __str__(self) -> str:
        return f"{self.files} files, {self.threads} threads, {self.memory / MIB:.0f} MiB"


@pytest.mark.parametrize("restarts", [False, True], ids=["alone", "with our provider"])
def test_many_ends_that_are_none(bare: Page, restarts: bool) -> None:
    """Media runs after each, in the same call of the same client; nothing is left of the others.

    The SDK alone cannot restart ICE.
    """
    with LoopbackSpace(private=True, stun=True) as space:
        process = space_process(space)
        token = space.token("bob", expires_in=EXPIRES_IN)
        with Person(bare, space, "bob", token, cured=restarts, reattaches=True) as bob:
            bob.join("/public/echo")
            bob.more()
            first, settled = the_leg(space), Held(process)
            for number in range(ROUNDS):
                expect_equal(lambda: came_back(space), number + 1, 60)
                bob.more()
                if restarts:
                    bob.restart()
                    bob.more()
                space.disconnect(first["call_id"], number % 3)
                wait_until(lambda: the_leg(space)["connected"], 30)
                bob.more()
                bob.use(space.token("bob", expires_in=EXPIRES_IN))
                assert bob.reload() == first["call_id"]
                wait_until(lambda: bob.statuses()[-1] == "connected")
                bob.more()
                assert the_leg(space)["member_id"] == first["member_id"]
                if number == SETTLED:
                    # what a reloaded page has left of its session ends in its time
                    expect_equal(space.sessions, 1, 60)
                    settled = Held(process)
            expect_equal(space.sessions, 1, 60)
            now = Held(process)
            grown = f"after {SETTLED} rounds {settled}, after {ROUNDS} {now}"
            print(grown)  # noqa: T201 - `make soak` shows it
            assert now.files <= settled.files + 2, grown
            assert now.threads <= settled.threads + 2, grown
            assert now.memory <= settled.memory + 15 * MIB, grown
            bob.act(None, "hangup")
            expect_no_leg(space)
        expect_no_session(space)
