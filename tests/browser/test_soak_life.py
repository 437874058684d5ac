"""A call outlives lost sockets and reloads, twenty times in a row, and the space holds no more."""

from __future__ import annotations

import psutil
import pytest
from playwright.sync_api import Page

from sw_notebook import LoopbackSpace

from .member import SENDING, Person
from .memory import MIB, space_process
from .waiting import expect_equal, expect_no_leg, expect_no_session, the_leg, wait_until

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]

ROUNDS = 20
SETTLED = 3
"""After so many rounds the space has all that it keeps."""


class Held:
    """What a space holds of the system."""

    def __init__(self, process: psutil.Process) -> None:
        self.files = process.num_fds()
        self.threads = process.num_threads()
        self.memory = process.memory_info().rss

    def __str__(self) -> str:
        return f"{self.files} files, {self.threads} threads, {self.memory / MIB:.0f} MiB"


def test_twenty_lost_sockets_and_reloads(bare: Page) -> None:
    """Media runs after each, in the same call of the same client; nothing is left of the others."""
    with LoopbackSpace(private=True, stun=True) as space:
        process = space_process(space)
        with Person(bare, space, "bob", reattaches=True) as bob:
            assert bob.call("/public/echo", SENDING) is None
            bob.more()
            first, settled = the_leg(space), Held(process)
            for number in range(ROUNDS):
                space.disconnect(first["call_id"], number % 3)
                wait_until(lambda: the_leg(space)["connected"], 30)
                bob.more()
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
            assert now.files <= settled.files + 2, grown
            assert now.threads <= settled.threads + 2, grown
            assert now.memory <= settled.memory + 15 * MIB, grown
            bob.act(None, "hangup")
            expect_no_leg(space)
        expect_no_session(space)
