"""The main job: a cell shows a call, dials, and both sides see and hear one another."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

from sw_notebook import LoopbackSpace

from .notebook import Notebook, text
from .waiting import wait_until
from .widget import Widget

CONNECTED = ["new", "trying", "connecting", "connected"]


def legs(space: LoopbackSpace, destination: str) -> list[dict[str, object]]:
    """The legs of a destination; other tests leave none behind."""
    return [leg for leg in space.legs() if leg["destination"] == destination]


def test_echo_with_audio_and_video(notebook: Notebook) -> None:
    """Frames advance on both sides, the local element is muted and the remote one is not."""
    call = Widget(notebook, "'/public/echo', audio=True, video=True, space='loopback'")
    call.connect()
    call.expect_status("connected")
    expect(call.dial).to_be_disabled()
    expect(call.hang_up).to_be_enabled()
    local, remote = call.frames("local"), call.frames("remote")
    assert local["width"] > 0
    assert remote["width"] > 0
    assert call.element("local") == {
        "attributes": ["autoplay", "muted", "playsinline"],
        "properties": {"autoplay": True, "muted": True, "playsInline": True},
        "source": True,
    }
    assert call.element("remote") == {
        "attributes": ["autoplay", "playsinline"],
        "properties": {"autoplay": True, "muted": False, "playsInline": True},
        "source": True,
    }
    assert call.ask("call.media_directions") == {"audio": "sendrecv", "video": "sendrecv"}
    call.hang_up.click()
    call.expect_ended()
    assert call.element("local")["source"] is False
    assert call.element("remote")["source"] is False


def test_every_status_reaches_python_in_order(notebook: Notebook) -> None:
    """History, log and observers have the SDK's statuses one after the other."""
    call = Widget(notebook, "'/public/silence', space='loopback'")
    notebook.run("seen = []; call.observe(lambda change: seen.append(change['new']), 'status')")
    call.connect()
    notebook.run("call.hangup(); await call.wait_for('ended')")
    expected = [*CONNECTED, "disconnecting", "destroyed"]
    assert call.statuses == expected
    assert call.ask("seen") == expected
    assert call.ask("[row.raw_status for row in call.history]") == [None, *expected[1:]]
    for status in expected[1:]:
        expect(call.log).to_contain_text(f"Status: {status}")
    log = call.ask("[row.text for row in call.messages]")
    assert log[:2] == ["Dialing /public/silence...", "Options: none given"]


@pytest.mark.parametrize(
    ("arguments", "directions", "captures"),
    [
        (
            "'/public/bars', audio=True, video=True",
            {"audio": "sendrecv", "video": "sendrecv"},
            {"audio": True, "video": True},
        ),
        ("'/public/bars'", {"audio": "sendrecv"}, {"audio": True, "video": False}),
        (
            "'/public/bars', audio=False, video=True",
            {"audio": "recvonly", "video": "sendrecv"},
            {"audio": False, "video": True},
        ),
        (
            "'/public/bars', audio=False, video=False, receive_audio=True, receive_video=True",
            {"audio": "recvonly", "video": "recvonly"},
            None,
        ),
        (
            "'/public/bars?channel=video'",
            {"audio": "sendrecv", "video": "sendrecv"},
            {"audio": True, "video": True},
        ),
        ("'/public/bars?channel=audio'", {"audio": "sendrecv"}, {"audio": True, "video": False}),
        (
            "'/public/bars?channel=video', video=False",
            {"audio": "sendrecv", "video": "recvonly"},
            {"audio": True, "video": False},
        ),
        (
            "'/public/bars', video=True, receive_video=False",
            {"audio": "sendrecv", "video": "sendonly"},
            {"audio": True, "video": True},
        ),
    ],
    ids=[
        "video call",
        "phone style",
        "kiosk",
        "receive only",
        "channel=video",
        "channel=audio",
        "explicit beats the hint",
        "send only",
    ],
)
def test_call_shapes(
    notebook: Notebook,
    arguments: str,
    directions: dict[str, str],
    captures: dict[str, bool] | None,
) -> None:
    """Each of the guide's shapes negotiates and captures exactly what the guide says."""
    call = Widget(notebook, f"{arguments}, space='loopback'")
    before = len(call.captures)
    call.connect()
    notebook.run("while not call.media_directions: await call.wait_for('connected')")
    assert call.ask("call.media_directions") == directions
    asked = call.captures[before:]
    if captures is None:
        assert asked == []
    else:
        assert {kind for capture in asked for kind, on in capture.items() if on} == {
            kind for kind, on in captures.items() if on
        }
    if directions.get("video") in ("sendrecv", "recvonly"):
        assert call.frames("remote")["width"] == 640
    notebook.run("call.hangup(); await call.wait_for('ended')")


def test_the_strip_of_the_bars_advances(notebook: Notebook) -> None:
    """Frame counter and clock are read from the page's own video element."""
    call = Widget(
        notebook,
        "'/public/bars', audio=False, video=False, receive_video=True, space='loopback'",
    )
    call.connect()
    first = call.strip()
    call.frames("remote", 10)
    second = call.strip()
    assert first is not None
    assert second is not None
    assert second.frame >= first.frame + 10
    # the clock of this machine, which space and page share; how evenly it steps is the machine's
    assert second.milliseconds > first.milliseconds
    assert second.milliseconds / 1000 == pytest.approx(time.time(), abs=60)
    notebook.run("call.hangup(); await call.wait_for('ended')")


def test_slow_is_connected_after_four_seconds(notebook: Notebook) -> None:
    """Until the far side answers the call is trying, and the wait goes on."""
    call = Widget(notebook, "'/public/slow', space='loopback'")
    call.connect()
    seconds = call.ask("{row.status: row.seconds for row in call.history}")
    assert seconds["connected"] - seconds["trying"] > 3.5
    notebook.run("call.hangup(); await call.wait_for('ended')")


def test_hang_up_from_python(notebook: Notebook, space: LoopbackSpace) -> None:
    """hangup() ends the call on both sides."""
    call = Widget(notebook, "'/public/echo', video=True, space='loopback'")
    call.connect()
    assert len(legs(space, "/public/echo")) == 1
    notebook.run("call.hangup(); await call.wait_for('ended')")
    assert call.statuses[-2:] == ["disconnecting", "destroyed"]
    assert call.ask("call.end_reason") == "hung up"
    call.expect_ended()
    assert legs(space, "/public/echo") == []


def test_hang_up_from_the_button(notebook: Notebook, space: LoopbackSpace) -> None:
    """The button does the same as hangup(), and so does the keyboard."""
    call = Widget(notebook, "'/public/echo', space='loopback'")
    call.dial.click()
    call.expect_status("connected")
    call.expect_python("call.status", "connected")
    call.hang_up.press("Enter")
    call.expect_ended()
    assert call.statuses == [*CONNECTED, "disconnecting", "destroyed"]
    call.expect_no_live_track()
    assert legs(space, "/public/echo") == []


def test_hang_up_from_the_far_side(notebook: Notebook, space: LoopbackSpace) -> None:
    """The far side's bye ends the call, with its cause in Python and in the view."""
    call = Widget(notebook, "'/public/echo', space='loopback'")
    call.connect()
    (leg,) = legs(space, "/public/echo")
    space.hangup(str(leg["call_id"]))
    call.expect_ended()
    assert call.statuses[-2:] == ["disconnected", "destroyed"]
    assert call.ask("call.end_reason") == "the far side hung up (NORMAL_CLEARING 16)"
    expect(call.status).to_contain_text("the far side hung up")
    call.expect_no_live_track()
    assert legs(space, "/public/echo") == []


def test_hang_up_while_dialling(notebook: Notebook, space: LoopbackSpace) -> None:
    """A call that was hung up before it was answered leaves nothing behind."""
    call = Widget(notebook, "'/public/slow', space='loopback'")
    call.dial.click()
    call.hang_up.click()
    call.expect_ended()
    assert call.ask("call.status") == "destroyed"
    # the next call works
    notebook.run("call.destination = '/public/silence'; await call.dial(); call.hangup()")
    notebook.run("await call.wait_for('ended')")


def test_mute_and_unmute(notebook: Notebook) -> None:
    """Muting from Python and from the page silences the track, and Python writes the trait."""
    call = Widget(notebook, "'/public/echo', video=True, space='loopback'")
    call.connect()
    call.frames("local", 1)
    notebook.run("call.mute_audio()")
    expect(call.button("Unmute microphone")).to_be_visible()
    wait_until(lambda: call.ask("call.audio_muted") is True)
    notebook.page.wait_for_function("() => !window.swProbe.live().includes('audio')")
    call.button("Unmute microphone").click()
    expect(call.button("Mute microphone")).to_be_visible()
    wait_until(lambda: call.ask("call.audio_muted") is False)
    notebook.page.wait_for_function("() => window.swProbe.live().includes('audio')")
    call.hang_up.click()
    call.expect_ended()


def test_toggles_are_messages_and_python_writes_the_traits(notebook: Notebook) -> None:
    """Destination box and toggles are two-way with the traits."""
    call = Widget(notebook, "'/public/echo', space='loopback'")
    call.view.get_by_label("Send video").set_checked(True, force=True)
    call.destination.fill("/public/bars")
    call.destination.press("Tab")
    expect(call.view.get_by_text("resource", exact=True)).to_be_visible()
    call.expect_python("[call.destination, call.video]", ["/public/bars", True])
    notebook.run("call.video = False; call.destination = '+15551234567'")
    expect(call.view.get_by_text("phone", exact=True)).to_be_visible()
    expect(call.view.get_by_label("Send video")).not_to_be_checked()


def test_two_views_of_one_call(notebook: Notebook) -> None:
    """A second view shows the same call, and its sound is played once."""
    call = Widget(notebook, "'/public/bars', video=True, space='loopback'")
    notebook.run("call")
    expect(notebook.views()).to_have_count(2)
    call.connect()
    call.frames("remote")
    playing = notebook.page.evaluate(
        "() => [...document.querySelectorAll('.sw-call .sw-remote video')]"
        ".map((video) => video.srcObject?.getAudioTracks().length ?? 0)"
    )
    assert sorted(playing) == [0, 1]
    assert len(call.ask("[row.attempt for row in call.history if row.status == 'connected']")) == 1
    notebook.run("call.hangup(); await call.wait_for('ended')")


def test_two_calls_in_one_notebook(notebook: Notebook, space: LoopbackSpace) -> None:
    """Calls do not know of one another: one ends, the other goes on."""
    first = Widget(notebook, "'/public/echo', space='loopback'", name="first")
    second = Widget(notebook, "'/public/bars', video=True, space='loopback'", name="second")
    first.connect()
    second.connect()
    first.hang_up.click()
    first.expect_idle()
    second.frames("remote")
    assert text(notebook.run("second.status")) == "'connected'\n"
    notebook.run("second.hangup(); await second.wait_for('ended')")
    second.expect_no_live_track()
    assert space.legs() == []


def test_a_layout_is_made_late_and_works(notebook: Notebook) -> None:
    """A call has no layout until somebody asks for it; the view that is there then follows it."""
    call = Widget(notebook, "'/public/echo', space='loopback'")
    host = call.view.locator("xpath=..")
    notebook.run("call.layout.width = '400px'")
    expect(host).to_have_css("width", "400px")
    notebook.run("call.layout.width = '300px'")
    expect(host).to_have_css("width", "300px")
    notebook.run("call.layout = {'width': '350px'}")
    expect(host).to_have_css("width", "350px")
    assert notebook.page_errors == []


def test_a_call_survives_a_reload_of_its_page(notebook: Notebook) -> None:
    """The page that comes next gets the whole state from the kernel, without a layout."""
    call = Widget(notebook, "'/public/echo', space='loopback', title='Kept'")
    notebook.save()
    notebook.reload()
    notebook.draw_lost()
    expect(call.dial).to_be_visible()
    expect(call.view).to_contain_text("Kept")
    assert notebook.page_errors == []
