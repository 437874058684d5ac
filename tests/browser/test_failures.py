"""Each way a dial can fail: it is explained, and the next dial is possible."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, expect

from sw_notebook import LoopbackSpace

from .chromium import launch
from .conftest import Desk
from .lab import Lab
from .notebook import Notebook
from .waiting import expect_no_leg, expect_none, wait_until
from .widget import Widget


def expect_failure(call: Widget, kind: str, *words: str, prefix: str = "dial() rejected:") -> None:
    """The attempt failed, is explained in Python and in the view, and *Dial* is possible."""
    call.expect_idle()
    call.notebook.run(f"await {call.name}.wait_for('ended', timeout=10)")
    expect(call.view).to_have_attribute("data-status", "failed")
    call.expect_python(f"{call.name}.status", "failed")
    # of two attempts that fail Python may have heard of the first one only
    said = f"[str(error) for error in {call.name}.errors][-1:]"
    expect_none(lambda: [word for word in words if word not in "".join(call.ask(said))])
    assert call.ask(f"[[e.kind, e.fatal] for e in {call.name}.errors][-1:]") == [[kind, True]]
    alert = call.view.get_by_role("alert").filter(has_text=words[0])
    expect(alert).to_be_visible()
    for word in words:
        expect(call.log).to_contain_text(word)
    expect(call.log).to_contain_text(prefix)
    call.expect_no_live_track()


def test_empty_destination(notebook: Notebook) -> None:
    """The guide's sentence is logged, and the camera stays dark."""
    call = Widget(notebook, "'', video=True, space='loopback'")
    before = call.captures
    call.dial.click()
    expect(call.view).to_contain_text("Need a token and a destination")
    expect(call.log).to_contain_text("Need a token and a destination")
    call.expect_idle()
    call.expect_python("[e.kind for e in call.errors]", ["destination"])
    assert call.captures == before


def test_empty_token(notebook: Notebook) -> None:
    """An empty token asks for one, and dialling without says so."""
    call = Widget(notebook, "'/public/echo', token=''")
    expect(call.token).to_be_visible()
    call.dial.click()
    expect(call.view).to_contain_text("Need a token and a destination")
    call.expect_idle()


def test_pasted_token(notebook: Notebook, space: LoopbackSpace) -> None:
    """A token that is pasted into the page dials, and stays in the page's session."""
    secret = space.token("pasted").reveal()
    call = Widget(notebook, "'/public/silence', token=''")
    call.token.fill(secret)
    call.dial.click()
    call.expect_status("connected")
    assert secret not in str(call.ask("[row.text for row in call.messages]"))
    assert secret not in notebook.page.evaluate("() => document.documentElement.outerHTML")
    call.hang_up.click()
    call.expect_ended()


@pytest.mark.parametrize("token", ["nonsense", "a.b.c"])
def test_malformed_token(notebook: Notebook, token: str) -> None:
    """A token that is none fails, where the SDK alone would hang."""
    call = Widget(notebook, f"'/public/echo', token={token!r}")
    call.dial.click()
    expect_failure(call, "token", "token", "fresh subscriber token")


def test_expired_token(notebook: Notebook, space: LoopbackSpace) -> None:
    """A token that has run out is named as such."""
    secret = space.token("late", expires_in=-60).reveal()
    call = Widget(notebook, f"'/public/echo', token={secret!r}")
    call.dial.click()
    expect_failure(call, "token", "the token has expired")


def test_refused_token(notebook: Notebook, space: LoopbackSpace) -> None:
    """A token that the space did not sign is refused, and the SDK's hang is cut short."""
    secret = space.token("mallory").reveal()
    forged = secret[:-8] + ("A" * 8 if not secret.endswith("A" * 8) else "B" * 8)
    call = Widget(notebook, f"'/public/echo', token={forged!r}")
    call.dial.click()
    expect_failure(call, "token", "refused")


@pytest.mark.parametrize(
    ("destination", "words"),
    [("/public/forbidden", "refuses"), ("/public/@nowhere", "no such destination")],
)
def test_refused_destination(notebook: Notebook, destination: str, words: str) -> None:
    """A refusal keeps the far side's reason and says what to check."""
    call = Widget(notebook, f"{destination!r}, space='loopback'")
    call.dial.click()
    expect_failure(call, "destination", words, "allowed_addresses")


def test_destination_outside_the_tokens_scope(notebook: Notebook, space: LoopbackSpace) -> None:
    """The guide's CallCreateError: the token's scope does not reach the destination."""
    secret = space.token("narrow", allowed_addresses=["/public/echo"]).reveal()
    call = Widget(notebook, f"'/public/bars', token={secret!r}")
    call.dial.click()
    expect_failure(call, "destination", "does not allow", "allowed_addresses")
    notebook.run("call.destination = '/public/echo'; await call.dial(); call.hangup()")
    call.expect_ended()


def test_refused_phone_number_mentions_the_telephone_network(notebook: Notebook) -> None:
    """For a phone number the advice names the permission that it needs, and what is simulated."""
    call = Widget(notebook, "'+12125550100', space='loopback'")
    call.dial.click()
    expect_failure(call, "destination", "telephone network", "+1555")


@pytest.mark.parametrize(
    ("options", "device"),
    [("", "microphone"), (", audio=False, video=True", "camera"), (", video=True", "camera")],
)
def test_denied_permission(notebook_denied: Notebook, options: str, device: str) -> None:
    """A denied device is named, and the advice says how to allow it or do without."""
    call = Widget(notebook_denied, f"'/public/echo'{options}, space='loopback'")
    call.dial.click()
    expect_failure(call, "media", "denied", device, "receive-only")


def test_receive_only_needs_no_permission(notebook_denied: Notebook) -> None:
    """Where every device is denied, receiving works, and nothing is asked for."""
    call = Widget(
        notebook_denied,
        "'/public/bars', audio=False, video=False, receive_audio=True, receive_video=True, "
        "space='loopback'",
    )
    before = call.captures
    call.connect()
    call.frames("remote")
    assert call.captures == before
    call.hang_up.click()
    call.expect_ended()


def test_slow_permission_prompt(lab: Lab, browser: Browser, request: pytest.FixtureRequest) -> None:
    """A prompt that stays open for longer than the SDK's six seconds does not fail the dial."""
    desk = Desk(lab, browser)
    page = desk.page()
    # The person's hesitation, and nothing else, is made up.
    page.evaluate(
        "() => { const devices = navigator.mediaDevices;"
        " const open = devices.getUserMedia.bind(devices);"
        " let first = true;"
        " devices.getUserMedia = async (constraints) => {"
        "   if (first) { first = false; await new Promise((done) => setTimeout(done, 7000)); }"
        "   return open(constraints); };"
        " navigator.permissions.query = async () => ({ state: 'prompt' }); }"
    )
    lab.write("slow_prompt.ipynb")
    notebook = Notebook(lab, page, "slow_prompt.ipynb")
    call = Widget(notebook, "'/public/silence', space='loopback'")
    call.dial.click()
    expect(call.log).to_contain_text("Waiting for the browser's permission")
    call.expect_status("connected")
    call.hang_up.click()
    call.expect_ended()
    notebook.dispose()
    desk.clear()


@pytest.mark.parametrize(
    ("destination", "words"), [("busy", "the far side is busy"), ("no-answer", "nobody answered")]
)
def test_nobody_takes_the_call(
    notebook: Notebook, space: LoopbackSpace, destination: str, words: str
) -> None:
    """A call that was created and then refused is a failed dial with the far side's cause."""
    call = Widget(notebook, f"'/public/{destination}', space='loopback'")
    call.dial.click()
    expect_failure(call, "destination", words, "Dial again in a while")
    expect_no_leg(space)


def test_the_far_side_hangs_up(notebook: Notebook, space: LoopbackSpace) -> None:
    """In mid-call that is an ordinary end, and says who ended it."""
    call = Widget(notebook, "'/public/drop', video=True, space='loopback'")
    call.connect()
    call.expect_ended()
    assert call.ask("[call.status, call.end_reason, len(call.errors)]") == [
        "destroyed",
        "the far side hung up (NORMAL_CLEARING 16)",
        0,
    ]
    expect_no_leg(space)


def test_the_far_side_vanishes(notebook: Notebook, space: LoopbackSpace) -> None:
    """A far side that is gone without a word is missed: recovering, then failed."""
    call = Widget(notebook, "'/public/vanish', video=True, space='loopback'")
    call.connect()
    call.expect_status("reconnecting")
    notebook.run("await call.wait_for('ended', timeout=60)", timeout=70)
    expect_failure(call, "network", "the far side stopped answering", prefix="Error:")
    assert call.statuses[-3:] == ["connected", "recovering", "failed"]
    expect_no_leg(space)


def test_the_space_ends(notebook: Notebook) -> None:
    """A space that is stopped hangs up; the next dial starts it again."""
    notebook.run("from sw_notebook import LoopbackSpace\nmine = LoopbackSpace(private=True)")
    call = Widget(notebook, "'/public/echo', video=True, space=mine")
    call.connect()
    notebook.run("mine.stop(); await call.wait_for('ended', timeout=10)")
    call.expect_ended()
    assert "SYSTEM_SHUTDOWN" in call.ask("call.end_reason")
    notebook.run("await call.dial(); call.hangup(); await call.wait_for('ended'); mine.stop()")


def test_the_space_is_killed(notebook: Notebook) -> None:
    """A space that is gone without a word is missed within seconds, and named."""
    notebook.run("from sw_notebook import LoopbackSpace\nmine = LoopbackSpace(private=True)")
    call = Widget(notebook, "'/public/echo', video=True, space=mine")
    call.connect()
    notebook.run("mine._process.kill()")
    expect(call.log).to_contain_text("is lost; the call goes on")
    notebook.run("await call.wait_for('ended', timeout=25)", timeout=40)
    expect_failure(call, "space", "the loopback space has ended", prefix="Error:")
    notebook.run("await call.dial(); call.hangup(); await call.wait_for('ended'); mine.stop()")


@pytest.fixture
def browser_no_camera(playwright: Playwright) -> Iterator[Browser]:
    """A Chromium on a machine without a camera."""
    browser = launch(playwright, options=["--use-fake-device-for-media-stream=device-count=0"])
    yield browser
    browser.close()


def test_no_such_device(lab: Lab, browser_no_camera: Browser) -> None:
    """On a machine without a camera the camera is named, and sound alone works."""
    desk = Desk(lab, browser_no_camera)
    lab.write("no_camera.ipynb")
    notebook = Notebook(lab, desk.page(), "no_camera.ipynb")
    call = Widget(notebook, "'/public/echo', video=True, space='loopback'")
    call.dial.click()
    expect_failure(call, "media", "no camera was found", "Plug the device in")
    notebook.run(
        "call.video = None; await call.dial(); call.hangup(); await call.wait_for('ended')"
    )
    notebook.dispose()
    desk.clear()


def test_a_device_in_use(notebook: Notebook) -> None:
    """A device that another program holds is named with what to do."""
    call = Widget(notebook, "'/public/echo', space='loopback'")
    # What another program does to a device no fake one can have done to it.
    notebook.page.evaluate(
        "() => { const devices = navigator.mediaDevices; const open = devices.getUserMedia;"
        " navigator.permissions.query = async () => ({ state: 'prompt' });"
        " devices.getUserMedia = async () => {"
        "   devices.getUserMedia = open;"
        "   throw new DOMException('Device in use', 'NotReadableError'); } }"
    )
    call.dial.click()
    expect_failure(call, "media", "the microphone is in use", "Close the program")
    notebook.run("await call.dial(); call.hangup(); await call.wait_for('ended')")


@pytest.fixture
def silent_browser(playwright: Playwright) -> Iterator[Browser]:
    """A Chromium that plays no sound before a person has clicked in the page."""
    browser = launch(playwright, options=["--autoplay-policy=document-user-activation-required"])
    yield browser
    browser.close()


def test_click_to_hear(notebook: Notebook, silent_browser: Browser) -> None:
    """Where the browser plays nothing before a click, the far side's tile asks for one."""
    notebook.run(
        "from sw_notebook import Call\n"
        "call = Call('/public/bars', audio=False, video=False, receive_audio=True,"
        " receive_video=True, space='loopback')\n"
        "call"
    )
    notebook.save()
    page = silent_browser.new_page(viewport={"width": 1280, "height": 900})
    # Whatever Playwright looks at it looks at as if a person had clicked; hence the bare protocol.
    bare = page.context.new_cdp_session(page)

    def ask(expression: str) -> Any:
        found = bare.send("Runtime.evaluate", {"expression": expression, "returnByValue": True})
        return found["result"].get("value")

    page.goto(f"{notebook.lab.url}/lab/workspaces/hear/tree/{notebook.name}")
    wait_until(lambda: ask("document.querySelectorAll('.sw-call').length") == 1, 30)
    notebook.run("await call.dial()")
    button = "document.querySelector('.sw-remote .sw-hear')"
    wait_until(lambda: ask(f"{button}.checkVisibility()"))
    assert ask("document.querySelector('.sw-remote video').paused")
    bare.send("Runtime.evaluate", {"expression": f"{button}.click()", "userGesture": True})
    wait_until(lambda: not ask(f"{button}.checkVisibility()"))
    assert not ask("document.querySelector('.sw-remote video').paused")
    notebook.run("call.hangup(); await call.wait_for('ended')")


def test_no_network_interface(notebook_no_network: Notebook) -> None:
    """A browser that finds no interface says so, instead of a timeout after six seconds."""
    call = Widget(notebook_no_network, "'/public/echo', space='loopback'")
    call.dial.click()
    expect_failure(call, "network", "no network interface", "besides lo")


def test_the_next_dial_works_after_a_failure(notebook: Notebook) -> None:
    """A failed attempt leaves nothing that the next one trips over."""
    call = Widget(notebook, "'/public/@nowhere', space='loopback'")
    call.dial.click()
    expect_failure(call, "destination", "no such destination")
    call.destination.fill("/public/silence")
    call.dial.click()
    call.expect_status("connected")
    assert call.ask("len(call.errors)") == 0
    call.hang_up.click()
    call.expect_ended()


def test_await_raises_with_kind_and_advice(notebook: Notebook) -> None:
    """In a cell the same failure is an exception that explains itself."""
    call = Widget(notebook, "'/public/forbidden', space='loopback'")
    notebook.run(
        "from sw_notebook import CallEnded\n"
        "try:\n"
        "    await call.dial()\n"
        "except CallEnded as error:\n"
        "    ended = error"
    )
    assert call.ask("[ended.kind, ended.status]") == ["destination", "failed"]
    assert "allowed_addresses" in call.ask("str(ended)")
