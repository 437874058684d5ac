"""What a call outlives without our help, in a real Chromium, by the SDK alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from sw_notebook import LoopbackSpace

from .member import Person
from .waiting import came_back, expect_no_leg, the_leg, wait_until


def test_a_call_outlives_a_token_that_nothing_renews(bare: Page, stun_space: LoopbackSpace) -> None:
    """The space closes the socket, and the SDK comes back with its state: the same call goes on."""
    before = came_back(stun_space)
    with Person(bare, stun_space, "bob", stun_space.token("bob", expires_in=8)) as bob:
        bob.join("/public/echo")
        bob.more()
        leg = the_leg(stun_space)
        wait_until(lambda: came_back(stun_space) > before, 30)
        bob.more()
        now = the_leg(stun_space)
        assert (now["call_id"], now["connected"]) == (leg["call_id"], True)
        assert bob.statuses() == ["trying", "connecting", "connected"]
        bob.act(None, "toggleHold")
        assert the_leg(stun_space)["held"]
        bob.act(None, "toggleHold")
        bob.more()
        bob.act(None, "hangup")
        expect_no_leg(stun_space)
    assert came_back(stun_space) == before + 1


@pytest.mark.parametrize("seconds", [0, 3])
def test_a_call_outlives_a_lost_socket(
    bare: Page, stun_space: LoopbackSpace, seconds: float
) -> None:
    """Media does not notice it, and the call can be changed again."""
    with Person(bare, stun_space, "bob") as bob:
        bob.join("/public/echo")
        bob.more()
        leg = the_leg(stun_space)
        stun_space.disconnect(leg["call_id"], seconds)
        bob.more()
        wait_until(lambda: the_leg(stun_space)["connected"], 30)
        bob.act(None, "toggleHold")
        assert the_leg(stun_space)["held"]
        bob.act(None, "toggleHold")
        bob.more()
        assert the_leg(stun_space)["call_id"] == leg["call_id"]
        bob.act(None, "hangup")
        expect_no_leg(stun_space)
