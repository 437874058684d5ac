"""Media in a real Chromium, by the SDK, when ICE restarts and when the network fails."""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.sync_api import Page

from sw_notebook import LoopbackSpace

from .bare import RECEIVE_ONLY, BareCall

BOTH_WAYS: dict[str, Any] = {
    "audio": True,
    "video": True,
    "receiveAudio": True,
    "receiveVideo": True,
}


@pytest.mark.parametrize(
    ("destination", "options"),
    [("/public/bars", RECEIVE_ONLY), ("/public/echo", BOTH_WAYS)],
    ids=["bars", "echo"],
)
def test_media_goes_on_after_an_ice_restart(
    bare: Page, space: LoopbackSpace, destination: str, options: dict[str, Any]
) -> None:
    """And after another one, without a keyframe: nothing was lost."""
    with BareCall(bare, space, destination, options) as call:
        call.more(20)
        for _ in range(2):
            before = call.media()
            call.restart()
            call.more(75)
            assert call.media()["status"] == "connected"
            if destination == "/public/bars":
                assert call.media()["keyframes"] == before["keyframes"]


@pytest.mark.soak
@pytest.mark.timeout(300)
def test_consent_holds_long_after_an_ice_restart(bare: Page, space: LoopbackSpace) -> None:
    """Neither side stops after the half minute for which its old credentials would be good."""
    with BareCall(bare, space) as call:
        call.more(20)
        call.restart()
        start = time.monotonic()
        while time.monotonic() < start + 90:
            call.more(50, within=10)
            leg = call.leg()
            assert leg is not None
            assert leg["media"] == "connected"


def test_a_call_of_sound_gets_a_picture(bare: Page, space: LoopbackSpace) -> None:
    """In place, over a connection of its own, and both restart after that."""
    with BareCall(bare, space, options={"audio": True, "video": False}) as call:
        call.wait("media.packets > 20", {})
        call.add_video()
        call.more(50)
        leg = call.leg()
        assert leg is not None
        assert leg["directions"] == {"audio": "sendrecv", "video": "sendonly"}
        call.restart()
        call.more(50)


def test_a_held_call_goes_on_with_a_keyframe(bare: Page, space: LoopbackSpace) -> None:
    """Sound and picture stop, and come back."""
    with BareCall(bare, space) as call:
        call.more(20)
        call.toggle_hold()
        leg = call.leg()
        assert leg is not None
        assert leg["held"]
        held = call.media()
        call.toggle_hold()
        call.more(50)
        assert call.media()["keyframes"] > held["keyframes"]


@pytest.mark.timeout(180)
def test_media_comes_back_after_a_short_interruption(bare: Page, space: LoopbackSpace) -> None:
    """The SDK may restart ICE in it, or not."""
    with BareCall(bare, space) as call:
        call.more(20)
        space.interrupt(call.call_id, 8)
        call.wait("media.connection === 'disconnected'", {})
        leg = call.leg()
        assert leg is not None
        assert leg["interrupted"]
        call.more(100, within=60)
        assert call.media()["status"] == "connected"
        leg = call.leg()
        assert leg is not None
        assert not leg["interrupted"]


@pytest.mark.soak
@pytest.mark.timeout(300)
def test_a_long_interruption_ends_the_call(bare: Page, space: LoopbackSpace) -> None:
    """The space gives up after about half a minute, and says so."""
    with BareCall(bare, space) as call:
        call.more(20)
        space.interrupt(call.call_id, 120)
        call.wait("media.status === 'destroyed'", {}, within=100)
        assert call.leg() is None
    assert space.log_file is not None
    assert f"call {call.call_id} to /public/bars ends: MEDIA_TIMEOUT" in space.log_file.read_text()


def test_a_far_side_that_vanishes_leaves_a_silent_call(bare: Page, space: LoopbackSpace) -> None:
    """The page has to find out by itself."""
    with BareCall(bare, space, "/public/vanish") as call:
        call.wait("media.connection === 'disconnected'", {})
        assert call.leg() is None
        assert call.media()["status"] != "destroyed"


@pytest.mark.parametrize("seconds", [0, 3])
def test_media_does_not_notice_a_lost_socket(
    bare: Page, space: LoopbackSpace, seconds: float
) -> None:
    """The SDK comes back to its session, and the call can be changed again."""
    with BareCall(bare, space) as call:
        call.more(20)
        space.disconnect(call.call_id, seconds)
        call.more(20)
        while not (leg := call.leg()) or not leg["connected"]:
            assert leg is not None
            call.more(10)
        call.restart()
        call.more(30)
