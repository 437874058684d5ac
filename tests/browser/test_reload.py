"""A page that is reloaded in a call takes it up again, by the SDK alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from sw_notebook import LoopbackSpace

from .bare import bare_page
from .member import SENDING, Person
from .waiting import expect_no_leg, the_leg, wait_until


def test_media_goes_on_after_a_reload(bare: Page, stun_space: LoopbackSpace) -> None:
    """Twice, as the same call of the same member; a hang-up is the end of it."""
    with Person(bare, stun_space, "bob", reattaches=True) as bob:
        assert bob.call("/public/echo", SENDING) is None
        bob.more()
        before = the_leg(stun_space)
        for _ in range(2):
            assert bob.reload() == before["call_id"]
            wait_until(lambda: bob.statuses()[-1] == "connected")
            bob.more()
            leg = the_leg(stun_space)
            assert (leg["member_id"], leg["call_id"]) == (before["member_id"], before["call_id"])
        bob.act(None, "hangup")
        expect_no_leg(stun_space)


def test_who_was_reloaded_is_in_the_room_again(
    browser: Browser, bare: Page, stun_space: LoopbackSpace
) -> None:
    """For the others it was away for a moment."""
    with (
        bare_page(browser) as page,
        Person(page, stun_space, "ada") as ada,
        Person(bare, stun_space, "bob", reattaches=True) as bob,
    ):
        ada.join("/public/reload")
        assert bob.call("/public/reload", SENDING) is None
        bob.expect("ada", type="member")
        ada.expect("bob", type="member")
        bob.reload()
        bob.expect("ada", type="member")
        wait_until(lambda: [p["name"] for p in ada.room()["people"]].count("bob") == 1)
        bob.more()
        wait_until(lambda: min(ada.colours()) > 20)
        wait_until(ada.hears)
        bob.act(None, "hangup")
        wait_until(lambda: not ada.knows("bob"))
        ada.hang_up()
    expect_no_leg(stun_space)


@pytest.mark.parametrize("who", ["caller", "callee"])
def test_who_talks_with_somebody_is_reloaded(
    browser: Browser, bare: Page, stun_space: LoopbackSpace, who: str
) -> None:
    """Both hear and see one another again; for the other one the call was up all the while."""
    with (
        bare_page(browser) as page,
        Person(page, stun_space, "ada", reattaches=who == "callee") as ada,
        Person(bare, stun_space, "bob", reattaches=who == "caller") as bob,
    ):
        assert bob.call("/private/ada", SENDING) is None
        ada.rings()
        ada.answer({"audio": True, "video": True})
        wait_until(lambda: {leg["state"] for leg in stun_space.legs()} == {"answered"})
        goes, stays = (bob, ada) if who == "caller" else (ada, bob)
        for one in (goes, stays):
            one.more()
        before = {leg["call_id"] for leg in stun_space.legs()}
        assert goes.reload() in before
        wait_until(lambda: goes.statuses()[-1] == "connected")
        for one in (goes, stays):
            one.more()
            wait_until(one.hears)
        assert {leg["call_id"] for leg in stun_space.legs()} == before
        assert stays.statuses()[-1] == "connected"
        goes.act(None, "hangup")
        wait_until(lambda: stays.statuses()[-1] == "destroyed")
    expect_no_leg(stun_space)
