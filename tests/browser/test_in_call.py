"""What can be done in a call, and what can happen to it, without ending it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from sw_notebook import LoopbackSpace

from .notebook import Notebook, text
from .test_failures import expect_failure
from .waiting import the_leg, wait_until
from .widget import Widget


@pytest.fixture
def call(notebook: Notebook, space: LoopbackSpace) -> Widget:
    """A video call to the echo that is up."""
    call = Widget(notebook, "'/public/echo', video=True, space='loopback'")
    call.connect()
    return call


def hang_up(call: Widget, space: LoopbackSpace) -> None:
    """End a call by its button, and see that nothing is left of it."""
    call.hang_up.click()
    call.expect_ended()
    wait_until(lambda: space.legs() == [])


# --- hold, digits, transfer ---------------------------------------------------------------


def test_hold(call: Widget, notebook: Notebook, space: LoopbackSpace) -> None:
    """On hold the far side sends nothing; off hold it goes on, in the same call."""
    notebook.run("call.hold()")
    wait_until(lambda: the_leg(space)["held"])
    wait_until(lambda: call.ask("call.held"))
    call.expect_status("connected")

    def is_still() -> bool:
        before = call.shown("remote")
        call.frames("local", 15)  # as long as these take, one of the far side would have come
        return call.shown("remote") == before

    wait_until(is_still)
    expect(call.button("Resume")).to_be_visible()
    call.button("Resume").click()
    wait_until(lambda: not the_leg(space)["held"])
    wait_until(lambda: not call.ask("call.held"))
    call.frames("remote")
    call.button("Hold").click()
    call.button("Resume").click()
    notebook.run("call.hold(); call.unhold(); call.hold()")
    wait_until(lambda: call.ask("call.held") and the_leg(space)["held"])
    assert call.statuses[-1] == "connected"
    hang_up(call, space)
    assert call.ask("[row.name for row in call.errors]") == []


def test_digits(call: Widget, notebook: Notebook, space: LoopbackSpace) -> None:
    """Digits from Python and from the keypad arrive in order; no log shows which."""
    notebook.run("call.send_digits('12#')")
    wait_until(lambda: the_leg(space)["digits"] == "12#")
    call.button("Keypad").click()
    for key in ("star", "7"):
        call.button(key).click()
    wait_until(lambda: the_leg(space)["digits"] == "12#*7")
    expect(call.log).to_contain_text("3 digits sent")
    assert "12#" not in str(call.ask("[row.text for row in call.messages]"))
    outputs = notebook.run("try:\n    call.send_digits('x')\nexcept ValueError as e:\n    print(e)")
    assert "pause" in text(outputs)
    hang_up(call, space)
    expect(call.button("Keypad")).to_be_hidden()


def test_transfer(call: Widget, notebook: Notebook, space: LoopbackSpace) -> None:
    """The far side goes on to another destination, and this call ends as transferred."""
    notebook.run("call.transfer('/public/bars'); await call.wait_for('ended', timeout=10)")
    assert call.ask("[call.status, call.end_reason]") == ["destroyed", "transferred"]
    expect(call.status).to_contain_text("transferred")
    call.expect_ended()
    assert space.legs() == []


def test_a_refused_transfer(call: Widget, notebook: Notebook, space: LoopbackSpace) -> None:
    """A transfer to nowhere is explained, and the call goes on and can still end otherwise."""
    notebook.run("call.transfer('/public/@nowhere')")
    expect(call.log).to_contain_text("no such destination")
    call.expect_python(
        "[(row.name, row.fatal) for row in call.errors]", [["TransferRefused", False]]
    )
    call.frames("remote")
    space.hangup(the_leg(space)["call_id"])
    notebook.run("await call.wait_for('ended', timeout=10)")
    assert call.ask("call.end_reason").startswith("the far side hung up")


def test_no_verb_without_a_call(notebook: Notebook) -> None:
    """Each verb says that there is no call."""
    call = Widget(notebook, "'/public/echo', space='loopback'")
    outputs = notebook.run(
        "from sw_notebook import CallError\n"
        "for verb, args in [('hold', ()), ('unhold', ()), ('send_digits', ('1',)),"
        " ('transfer', ('/public/bars',)), ('mute_audio', ())]:\n"
        "    try:\n"
        "        getattr(call, verb)(*args)\n"
        "    except CallError as error:\n"
        "        print(error)"
    )
    assert text(outputs).count("dial first") == 5
    for name in ("Hold", "Keypad"):
        expect(call.button(name)).to_be_hidden()


# --- devices ------------------------------------------------------------------------------


def test_another_device_in_the_call(call: Widget, notebook: Notebook, space: LoopbackSpace) -> None:
    """Another microphone takes over in the same call; the old one is let go."""
    before = call.devices["audio"]
    other = notebook.page.evaluate(
        "async (used) => (await navigator.mediaDevices.enumerateDevices())"
        ".find(({ kind, deviceId }) => kind === 'audioinput' && deviceId !== used).deviceId",
        before,
    )
    notebook.run(f"call.input_audio_device_constraints = {{'deviceId': {{'exact': {other!r}}}}}")
    wait_until(lambda: call.devices.get("audio") == other)
    assert sorted(call.live_tracks) == ["audio", "video"]
    expect(call.log).to_contain_text("The call goes on with the microphone")
    call.frames("remote")
    notebook.run("call.input_video_device_constraints = {'deviceId': {'exact': 'no such'}}")
    expect(call.log).to_contain_text("no camera fits its constraints")
    call.frames("remote")
    hang_up(call, space)


def test_the_devices_that_were_wished_for(notebook: Notebook, space: LoopbackSpace) -> None:
    """They are opened as they were asked for when the call was made."""
    wishes = (
        "input_audio_device_constraints={'echoCancellation': False}, "
        "input_video_device_constraints={'width': {'exact': 320}, 'height': {'exact': 240}}"
    )
    call = Widget(notebook, f"'/public/echo', video=True, space='loopback', {wishes}")
    call.connect()
    size = call.frames("local")
    assert (size["width"], size["height"]) == (320, 240)
    wait_until(lambda: call.ask("call.local_media")["width"] == 320)
    assert sorted(call.live_tracks) == ["audio", "video"]
    hang_up(call, space)


def test_a_wish_that_no_camera_fits(notebook: Notebook, space: LoopbackSpace) -> None:
    """It fails the dial in words, and without it the next dial succeeds."""
    wish = "input_video_device_constraints={'width': {'exact': 99_999}}"
    call = Widget(notebook, f"'/public/echo', video=True, space='loopback', {wish}")
    call.dial.click()
    expect_failure(call, "media", "no camera fits its constraints (width)")
    notebook.run("call.input_video_device_constraints = None")
    call.connect()
    hang_up(call, space)


def test_a_device_is_unplugged(call: Widget, notebook: Notebook, space: LoopbackSpace) -> None:
    """The loss is explained, and the call goes on with whatever device there is."""
    call.unplug("video")
    expect(call.log).to_contain_text("the camera was unplugged")
    expect(call.log).to_contain_text("The call goes on with the camera")
    assert sorted(call.live_tracks) == ["audio", "video"]
    call.frames("local")
    call.frames("remote")
    assert call.ask("[(row.kind, row.name, row.fatal) for row in call.errors]") == [
        ["media", "DeviceLost", False]
    ]
    hang_up(call, space)


def test_no_other_device_until_one_is_plugged_in(
    call: Widget, notebook: Notebook, space: LoopbackSpace
) -> None:
    """With no other device the call goes on without, and takes the next that comes."""
    notebook.page.evaluate(
        "() => { const devices = navigator.mediaDevices;"
        " window.swOpen = devices.getUserMedia;"
        " devices.getUserMedia = async () => { throw new DOMException('', 'NotFoundError'); } }"
    )
    call.unplug("audio")
    expect(call.log).to_contain_text("the microphone was unplugged")
    wait_until(lambda: call.ask("call.local_media['audio']") is False)
    assert call.live_tracks == ["video"]
    call.frames("remote")
    notebook.page.evaluate(
        "() => { navigator.mediaDevices.getUserMedia = window.swOpen;"
        " navigator.mediaDevices.dispatchEvent(new Event('devicechange')); }"
    )
    wait_until(lambda: sorted(call.live_tracks) == ["audio", "video"])
    hang_up(call, space)


# --- mute ---------------------------------------------------------------------------------


def test_mute_closes_the_devices(call: Widget, notebook: Notebook, space: LoopbackSpace) -> None:
    """Muted is not captured at all, in whatever order and however fast it is asked for."""
    notebook.run("call.mute_video()")
    wait_until(lambda: call.live_tracks == ["audio"])
    expect(call.button("Start camera")).to_be_visible()
    wait_until(lambda: call.ask("call.local_media['video']") is False)
    call.button("Start camera").click()
    wait_until(lambda: sorted(call.live_tracks) == ["audio", "video"])
    call.frames("local")
    call.frames("remote")
    notebook.run("for _ in range(5): call.mute_video(); call.unmute_video(); call.mute_audio()")
    wait_until(lambda: call.live_tracks == ["video"])
    notebook.run("call.unmute_audio(); call.mute_audio(); call.mute_video()")
    wait_until(lambda: call.live_tracks == [])
    notebook.run("call.unmute_audio(); call.unmute_video()")
    wait_until(lambda: sorted(call.live_tracks) == ["audio", "video"])
    call.frames("remote")
    hang_up(call, space)
    assert call.ask("[row.name for row in call.errors]") == []


def test_a_far_side_that_takes_no_video(notebook: Notebook, space: LoopbackSpace) -> None:
    """The camera is closed again when the far side turns out to take sound only."""
    call = Widget(notebook, "'/public/silence', video=True, space='loopback'")
    call.connect()
    expect(call.log).to_contain_text("The far side takes no video: the camera is closed")
    assert call.live_tracks == ["audio"]
    notebook.run("call.mute_video(); call.unmute_video(); call.mute_audio()")
    wait_until(lambda: call.live_tracks == [])
    notebook.run("call.unmute_audio()")
    wait_until(lambda: call.live_tracks == ["audio"])
    hang_up(call, space)
    assert call.ask("[row.name for row in call.errors]") == []


def test_mute_without_signalling(call: Widget, notebook: Notebook, space: LoopbackSpace) -> None:
    """The camera goes off although the far side cannot be told, and is on again at once."""
    space.disconnect(the_leg(space)["call_id"], 3)
    expect(call.log).to_contain_text("is lost; the call goes on")
    notebook.run("call.mute_video()")
    wait_until(lambda: call.live_tracks == ["audio"])
    notebook.run("call.unmute_video()")
    wait_until(lambda: sorted(call.live_tracks) == ["audio", "video"])
    expect(call.log).to_contain_text("The connection to the loopback space is back")
    call.frames("remote")
    wait_until(lambda: sorted(call.live_tracks) == ["audio", "video"])
    hang_up(call, space)


def test_a_connection_too_slow_for_video(
    call: Widget, notebook: Notebook, space: LoopbackSpace
) -> None:
    """The SDK switches the camera off and on; it stays off for somebody who muted meanwhile."""
    call.slow(True)
    expect(call.log).to_contain_text("too slow for video: the camera is off", timeout=15_000)
    wait_until(lambda: call.live_tracks == ["audio"])
    call.slow(False)
    expect(call.log).to_contain_text("The connection is better", timeout=15_000)
    wait_until(lambda: sorted(call.live_tracks) == ["audio", "video"])
    call.frames("remote")
    call.slow(True)
    wait_until(lambda: call.live_tracks == ["audio"])
    notebook.run("call.mute_video()")
    wait_until(lambda: call.ask("call.video_muted"))
    before = len(call.captures)
    call.slow(False)
    wait_until(lambda: call.log.inner_text().count("The connection is better") == 2)
    assert call.live_tracks == ["audio"]
    assert len(call.captures) == before
    call.unplug("audio")
    wait_until(lambda: "audio" in call.live_tracks)
    notebook.run("call.unmute_video()")
    wait_until(lambda: sorted(call.live_tracks) == ["audio", "video"])
    call.frames("remote")
    hang_up(call, space)


# --- the connection -----------------------------------------------------------------------


def test_a_lost_socket_resumes(call: Widget, notebook: Notebook, space: LoopbackSpace) -> None:
    """The signalling socket is lost and comes back; the call and its media go on."""
    leg = the_leg(space)
    space.disconnect(leg["call_id"])
    expect(call.log).to_contain_text("is lost; the call goes on")
    expect(call.log).to_contain_text("The connection to the loopback space is back")
    call.frames("remote")
    assert the_leg(space)["member_id"] == leg["member_id"]
    assert call.statuses[-1] == "connected"
    notebook.run("call.hold()")
    wait_until(lambda: the_leg(space)["held"])
    hang_up(call, space)


def test_a_socket_that_stays_away(call: Widget, notebook: Notebook, space: LoopbackSpace) -> None:
    """A leg whose client does not come back ends; the page says that it is over."""
    space.disconnect(the_leg(space)["call_id"], 10)
    wait_until(lambda: space.legs() == [], 15)
    notebook.run("await call.wait_for('ended', timeout=25)", timeout=40)
    call.expect_ended()
    assert call.ask("call.errors[-1].fatal")


def test_the_media_path_is_lost_and_comes_back(
    call: Widget, notebook: Notebook, space: LoopbackSpace
) -> None:
    """While no packet passes the call is recovering; it connects again by itself."""
    space.interrupt(the_leg(space)["call_id"], 9)
    call.expect_status("reconnecting")
    call.expect_status("connected", timeout=30)
    assert call.statuses[-3:] == ["connected", "recovering", "connected"]
    call.frames("remote", 20)
    hang_up(call, space)


def test_the_kernel_is_busy(call: Widget, notebook: Notebook, space: LoopbackSpace) -> None:
    """A cell that computes holds up neither the media nor the buttons."""
    busy = notebook.start(
        "print('busy', flush=True)\n"
        "import numpy, time\n"
        "until = time.monotonic() + 5\n"
        "while time.monotonic() < until: sum(range(100_000))"
    )
    expect(notebook.panel.get_by_text("busy", exact=True)).to_be_visible()
    call.frames("remote", 20)
    call.button("Mute microphone").click()
    expect(call.button("Unmute microphone")).to_be_visible()
    call.hang_up.click()
    call.expect_no_live_track()
    wait_until(lambda: space.legs() == [])
    busy.wait()
    call.expect_ended()
