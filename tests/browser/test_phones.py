"""Simulated telephones in a real Chromium: what is heard before and after the answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from sw_notebook import LoopbackSpace

from .member import Person
from .notebook import Notebook
from .waiting import expect_equal, expect_no_leg, the_leg, wait_until
from .widget import Widget

NUMBER = "+15551234567"
SIP = "sip:desk@example.com"
SOUND = {"audio": True}
RINGBACK, MENU, BARS = "440+480", "600", "440"
STUCK = ("trying", "ringing", "connected", "connecting")
"""The SDK says so of the media before the answer, and never again after it (4.0.0-beta.12)."""


@pytest.fixture
def bob(bare: Page, stun_space: LoopbackSpace) -> Iterator[Person]:
    """Somebody with a telephone, and with no provider of ours."""
    with Person(bare, stun_space, "bob") as bob:
        yield bob


def dial(bob: Person, destination: str) -> None:
    """Dial, and wait for the answer."""
    assert bob.call(destination, SOUND) is None
    bob.listen()
    wait_until(lambda: bob.statuses_at(MENU))


@pytest.mark.parametrize("destination", [NUMBER, SIP])
def test_ringing_is_heard_before_the_answer(
    bob: Person, stun_space: LoopbackSpace, destination: str
) -> None:
    """Then the menu; the SDK's own status does not get beyond ``connecting``."""
    dial(bob, destination)
    assert bob.statuses_at(RINGBACK) <= {"ringing", "connected"}
    assert bob.statuses_at(RINGBACK)
    bob.expect_statuses(*STUCK)
    assert the_leg(stun_space)["state"] == "answered"
    bob.act(None, "hangup")
    expect_no_leg(stun_space)


def test_digits_are_answered_by_their_tones(bob: Person, stun_space: LoopbackSpace) -> None:
    """9 hands over to the bars; 0 hangs up."""
    dial(bob, NUMBER)
    bob.act(None, "sendDigits", "5#")
    for tone in ("770+1336", "941+1477"):
        wait_until(lambda tone=tone: bob.statuses_at(tone))  # type: ignore[misc]
    assert not bob.statuses_at(BARS)
    bob.act(None, "sendDigits", "9")
    wait_until(lambda: bob.statuses_at(BARS))
    assert the_leg(stun_space)["destination"] == "/public/bars"
    bob.act(None, "hangup")
    dial(bob, SIP)
    bob.act(None, "sendDigits", "0")
    bob.expect_statuses(*STUCK, "disconnected", "destroyed")
    expect_no_leg(stun_space)


def test_a_call_is_transferred_to_a_telephone(bob: Person, stun_space: LoopbackSpace) -> None:
    """Where the token may call it; the call of who transfers is over."""
    assert bob.call("/public/bars", SOUND) is None
    wait_until(lambda: bob.statuses()[-1] == "connected")
    bob.act(None, "transfer", {"destination": NUMBER})
    bob.expect_statuses("trying", "connecting", "connected", "disconnected", "destroyed")
    expect_no_leg(stun_space)


def test_a_token_without_numbers(bare: Page, stun_space: LoopbackSpace) -> None:
    """The SDK keeps the sentence; a SIP address is no number."""
    with Person(bare, stun_space, "eve", stun_space.token("eve", pstn=False)) as eve:
        said = eve.call(NUMBER, SOUND)
        assert said is not None
        assert "the token may not call telephone numbers; give it the scope call:pstn" in said
        dial(eve, SIP)


@pytest.mark.parametrize("destination", [NUMBER, SIP])
def test_the_widget_rings_and_is_connected(notebook: Notebook, destination: str) -> None:
    """Where the SDK says ``connected`` before the answer, and ``connecting`` ever after."""
    call = Widget(notebook, f"{destination!r}, space='loopback'")
    call.connect()
    expect_equal(lambda: call.statuses, ["new", "trying", "ringing", "connected"])
    notebook.run("call.send_digits('0')")
    call.expect_ended()
