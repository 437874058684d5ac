"""Each way a dial can fail: it is explained, and the next dial is possible."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from sw_notebook import LoopbackSpace

from .conftest import Desk
from .lab import Lab
from .notebook import Notebook
from .widget import Widget


def expect_failure(call: Widget, kind: str, *words: str) -> None:
    """The attempt failed, is explained in Python and in the view, and *Dial* is possible."""
    call.expect_idle()
    call.notebook.run(f"await {call.name}.wait_for('ended', timeout=10)")
    assert call.ask("call.status") == "failed"
    found = call.ask("[(e.kind, e.fatal, str(e)) for e in call.errors]")[-1]
    assert found[:2] == [kind, True]
    alert = call.view.get_by_role("alert").filter(has_text=words[0])
    expect(alert).to_be_visible()
    for word in words:
        assert word in found[2]
        expect(call.log).to_contain_text(word)
    expect(call.log).to_contain_text("dial() rejected:")
    call.expect_no_live_track()


def test_empty_destination(notebook: Notebook) -> None:
    """The guide's sentence is logged, and the camera stays dark."""
    call = Widget(notebook, "'', video=True, space='loopback'")
    before = call.captures
    call.dial.click()
    expect(call.view).to_contain_text("Need a token and a destination")
    expect(call.log).to_contain_text("Need a token and a destination")
    call.expect_idle()
    assert call.ask("[e.kind for e in call.errors]") == ["destination"]
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
    [("/public/forbidden", "refuses"), ("/public/nowhere", "no such destination")],
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
    """For a phone number the advice names the permission that it needs."""
    call = Widget(notebook, "'+15551234567', space='loopback'")
    call.dial.click()
    expect_failure(call, "destination", "telephone network")


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


def test_no_network_interface(notebook_no_network: Notebook) -> None:
    """A browser that finds no interface says so, instead of a timeout after six seconds."""
    call = Widget(notebook_no_network, "'/public/echo', space='loopback'")
    call.dial.click()
    expect_failure(call, "network", "no network interface", "besides lo")


def test_the_next_dial_works_after_a_failure(notebook: Notebook) -> None:
    """A failed attempt leaves nothing that the next one trips over."""
    call = Widget(notebook, "'/public/nowhere', space='loopback'")
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
