"""The verbs of a call that is up, as commands to its page."""

from __future__ import annotations

from typing import Any

import pytest
import traitlets

from sw_notebook import Call, CallError, DestinationError

from .paper_page import PaperPage

ADDRESS = {"kind": "command", "page": "page1", "attempt": 1}


@pytest.fixture
def call() -> Call:
    """A call that no test here lets leave the process."""
    return Call("/public/echo", token="header.payload.signature")


@pytest.fixture
def page(call: Call) -> PaperPage:
    """A page in which the call is up."""
    page = PaperPage(call)
    call.dial()
    page.connect()
    return page


@pytest.mark.parametrize(
    ("verb", "args", "command"),
    [
        ("mute_audio", (), {"command": "mute", "media": "audio", "muted": True}),
        ("unmute_audio", (), {"command": "mute", "media": "audio", "muted": False}),
        ("mute_video", (), {"command": "mute", "media": "video", "muted": True}),
        ("unmute_video", (), {"command": "mute", "media": "video", "muted": False}),
        ("hold", (), {"command": "hold", "held": True}),
        ("unhold", (), {"command": "hold", "held": False}),
        ("send_digits", ("12w#A",), {"command": "digits", "digits": "12w#A"}),
        (
            "transfer",
            (" /public/bars ",),
            {"command": "transfer", "destination": "/public/bars"},
        ),
    ],
)
def test_each_verb_is_a_command(
    call: Call, page: PaperPage, verb: str, args: tuple[Any, ...], command: dict[str, Any]
) -> None:
    """It goes to the page that owns the call, and needs a call that is up."""
    getattr(call, verb)(*args)
    assert page.commands(command["command"]) == [ADDRESS | command]
    page.end()
    with pytest.raises(CallError, match="dial first"):
        getattr(call, verb)(*args)


@pytest.mark.parametrize("digits", ["", "x", "1 2", "1" * 65, "١", None, 12])
def test_what_is_no_digit_is_refused(call: Call, page: PaperPage, digits: Any) -> None:
    """And nothing is sent."""
    with pytest.raises(ValueError, match="0-9"):
        call.send_digits(digits)
    assert page.commands("digits") == []


def test_digits_are_in_no_log(call: Call, page: PaperPage) -> None:
    """They may be a code."""
    call.send_digits("4711")
    assert "4711" not in repr(call.messages)


def test_a_transfer_needs_a_destination(call: Call, page: PaperPage) -> None:
    """An empty one is refused before anything is sent."""
    with pytest.raises(DestinationError):
        call.transfer("  ")
    assert page.commands("transfer") == []


def test_a_transferred_call_says_so(call: Call, page: PaperPage) -> None:
    """Its end reads *transferred*, whatever the cause on the wire."""
    call.transfer("/private/bob")
    page.end("transferred", cause="BLIND_TRANSFER", cause_code=800)
    assert (call.status, call.end_reason) == ("destroyed", "transferred")
    assert "Status: destroyed (transferred)" in [row.text for row in call.messages]


def test_hold_shows_once_the_page_says_so(call: Call, page: PaperPage) -> None:
    """And the next call is not on hold."""
    call.hold()
    assert not call.held
    page.event("held", held=True)
    assert call.held
    page.end()
    call.dial()
    assert not call.held


def test_clicks_do_the_same(call: Call, page: PaperPage) -> None:
    """What a page asks for without owning the call goes to the page that owns it."""
    page.act("hold", held=True)
    page.act("digits", digits="5")
    assert len(page.commands("hold")) == len(page.commands("digits")) == 1
    page.act("digits", digits="five")
    page.end()
    page.act("hold", held=False)
    assert [row.text for row in call.messages if row.level == "warning"] == [
        "digits are 1 to 64 of 0-9, *, #, A-D and w for a pause",
        "no call is up, so there is none to hold: dial first",
    ]


def test_other_devices_are_used_at_once(call: Call, page: PaperPage) -> None:
    """In a call; before and after it they wait for the next."""
    call.input_audio_device_constraints = {"deviceId": "one"}
    call.set_trait("input_video_device_constraints", None)
    call.set_trait("input_audio_device_constraints", None)
    assert page.commands("device") == [
        ADDRESS | {"command": "device", "media": "audio", "constraints": {"deviceId": "one"}},
        ADDRESS | {"command": "device", "media": "audio"},
    ]
    page.end()
    call.input_audio_device_constraints = {"deviceId": "two"}
    assert len(page.commands("device")) == 2


def test_recovering_is_part_of_the_call(call: Call, page: PaperPage) -> None:
    """The time in the call goes on counting from the first connection."""
    since = call.connected_time
    page.event("status", status="recovering", raw="disconnected", time=since + 5)
    assert call.status == "recovering"
    page.event("status", status="connected", raw="connected", time=since + 9)
    assert call.connected_time == since
    assert [row.status for row in call.history][-2:] == ["recovering", "connected"]


# --- out of sight, and in another page --------------------------------------------------------


def test_out_of_sight_is_settled_by_the_page() -> None:
    """It learns what to do and how long to wait; nonsense is refused."""
    call = Call("/public/echo", token="a.b.c", on_hidden="keep", hidden_seconds=3)
    assert call.get_state(["on_hidden", "hidden_seconds"]) == {
        "on_hidden": "keep",
        "hidden_seconds": 3.0,
    }
    for name, value in (("on_hidden", "sleep"), ("hidden_seconds", -1), ("hidden_seconds", 4000)):
        with pytest.raises(traitlets.TraitError):
            setattr(call, name, value)


def test_another_page_takes_over(call: Call, page: PaperPage) -> None:
    """The first is told to let go and why; then the second dials the same."""
    other = PaperPage(call, "page2")
    other.act("take over")
    assert page.commands("hangup") == [ADDRESS | {"command": "hangup", "reason": "taken over"}]
    other.act("take over")
    assert len(page.commands("hangup")) == 1
    assert other.commands("dial") == []
    page.end("taken over")
    (dial,) = other.commands("dial")
    assert (dial["attempt"], dial["destination"]) == (2, "/public/echo")
    assert call.owner == "page2"
    assert "another page took it over" in repr(call.messages)
    # who owns it has nothing to take over
    other.event("accepted")
    other.act("take over")
    assert other.commands("hangup") == []


def test_a_hang_up_beats_a_page_that_takes_over(call: Call, page: PaperPage) -> None:
    """Whoever hangs up wants no call, from whichever page."""
    other = PaperPage(call, "page2")
    other.act("take over")
    call.hangup()
    page.end("taken over")
    assert other.commands("dial") == []
    assert call.attempt == 1


def test_a_pasted_token_stays_in_its_page() -> None:
    """So its call cannot go on in another, which is said."""
    call = Call("/public/echo", token="")
    page = PaperPage(call)
    page.act("dial", pasted_token=True)
    page.connect()
    other = PaperPage(call, "page2")
    other.act("take over")
    assert page.commands("hangup") == other.commands("dial") == []
    assert "a token that was pasted into the other page: hang up there" in call.messages[-1].text


def test_a_page_that_watches_may_mute(call: Call, page: PaperPage) -> None:
    """What is clicked in any page is done by the one that owns the call."""
    other = PaperPage(call, "page2")
    other.act("mute", media="video", muted=True)
    other.act("hold", held=True)
    other.act("digits", digits="5")
    assert page.commands("mute") == [ADDRESS | {"command": "mute", "media": "video", "muted": True}]
    assert page.commands("hold") == [ADDRESS | {"command": "hold", "held": True}]
    assert page.commands("digits") == [ADDRESS | {"command": "digits", "digits": "5"}]


def test_nothing_to_take_over(call: Call, page: PaperPage) -> None:
    """A call that is over is dialled, not taken."""
    page.end()
    PaperPage(call, "page2").act("take over")
    assert call.attempt == 1
    assert call.status == "destroyed"
