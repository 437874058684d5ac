"""People who ring one another: two notebooks, each with a page and a kernel of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from sw_notebook import LoopbackSpace

from .conftest import Desk
from .notebook import Notebook, load, text
from .waiting import expect_equal, expect_no_leg
from .widget import Widget

NOTEBOOK = Path(__file__).parent.parent.parent / "notebooks" / "03_rooms.ipynb"

AS = "token=LoopbackSpace().token({!r})"


@pytest.fixture
def second(request: pytest.FixtureRequest, desk: Desk, notebook: Notebook) -> Iterator[Notebook]:
    """Another notebook in another page."""
    name = re.sub(r"\W+", "_", request.node.name).strip("_") + "_2.ipynb"
    desk.lab.write(name)
    page = notebook.page.context.new_page()
    load(desk.lab, page)
    other = Notebook(desk.lab, page, name)
    yield other
    other.dispose()
    page.close()


def person(notebook: Notebook, name: str, arguments: str) -> Widget:
    """A call of somebody who has a token of that name."""
    notebook.run("from sw_notebook import CallError, CallEnded, LoopbackSpace")
    return Widget(notebook, f"{arguments}, {AS.format(name)}")


def listening(bob: Widget) -> None:
    """Be there to be rung."""
    bob.notebook.run("waiting = call.listen(); await call.wait_for('listening')")


@pytest.fixture
def alice(notebook: Notebook) -> Widget:
    """The caller."""
    return person(notebook, "alice", "'/private/bob', video=True")


@pytest.fixture
def bob(second: Notebook, alice: Widget) -> Widget:
    """Who is called, in the other notebook, and listens."""
    bob = person(second, "bob", "''")
    listening(bob)
    return bob


def said(notebook: Notebook, source: str) -> str:
    """What a call's error says."""
    outputs = notebook.run(f"try:\n    {source}\nexcept CallError as error:\n    print(error)")
    return text(outputs).strip()


def test_two_notebooks_of_one_user_call_each_other(
    alice: Widget, bob: Widget, space: LoopbackSpace
) -> None:
    """One rings, the other answers in Python; both hear and see, and both end with a hang-up."""
    expect(bob.status).to_contain_text("Listening")
    dialling = alice.notebook.start("await call.dial()")
    bob.notebook.run("await waiting")
    expect(bob.view.get_by_role("alert").filter(has_text="alice is calling")).to_be_visible()
    assert bob.ask("[call.incoming, call.direction, call.status]") == [
        {"name": "alice", "number": "/private/alice"},
        "inbound",
        "ringing",
    ]
    assert bob.ask("repr(call)").startswith("<Call from /private/alice ringing")
    assert bob.live_tracks == []
    bob.notebook.run("await call.answer(video=True)")
    dialling.wait()
    for one in (alice, bob):
        one.frames("local")
        one.frames("remote")
        expect(one.view.get_by_role("button", name="Answer")).to_be_hidden()
    assert bob.statuses == ["new", "listening", "ringing", "connecting", "connected"]
    assert bob.ask("call.media_directions") == {"audio": "sendrecv", "video": "sendrecv"}
    alice.hang_up.click()
    bob.notebook.run("await call.wait_for('ended', timeout=10)")
    assert bob.ask("call.end_reason").startswith("the far side hung up")
    expect(bob.dial).to_be_enabled()
    bob.expect_no_live_track()
    expect_no_leg(space)
    # and the other way round, by the buttons
    alice.notebook.run("call.listen(); await call.wait_for('listening')")
    alice.page.bring_to_front()
    bob.notebook.run("ringing = call.dial('/private/alice')")
    alice.button("Answer").click()
    bob.notebook.run("await ringing")
    expect(alice.status).to_contain_text("Connected")
    alice.notebook.run("call.hangup(); await call.wait_for('ended', timeout=10)")
    bob.notebook.run("await call.wait_for('ended', timeout=10)")
    expect_no_leg(space)


@pytest.mark.parametrize("how", ["click", "call.reject()"])
def test_reject(alice: Widget, bob: Widget, space: LoopbackSpace, how: str) -> None:
    """The caller hears that the other side is busy; a second word says that it is settled."""
    alice.notebook.run("ringing = call.dial()")
    bob.notebook.run("await waiting")
    if how == "click":
        bob.button("Reject").click()
    else:
        assert said(bob.notebook, "call.reject(); call.reject()").startswith(
            "this call is rejected already, so there is nothing to reject"
        )
    assert "busy" in said(alice.notebook, "await ringing")
    bob.notebook.run("await call.wait_for('ended', timeout=10)")
    assert bob.ask("[call.status, call.end_reason]") == ["destroyed", "rejected"]
    assert bob.ask("len(call.errors)") == 0
    bob.expect_idle()
    expect_no_leg(space)
    # whoever has rejected one may be rung by the next
    listening(bob)
    alice.notebook.run("ringing = call.dial()")
    bob.notebook.run("await waiting; await call.answer()")
    alice.notebook.run("await ringing; call.hangup(); await call.wait_for('ended', timeout=10)")


def test_the_caller_gives_up(alice: Widget, bob: Widget, space: LoopbackSpace) -> None:
    """The panel goes, and an answer that comes too late is told why."""
    alice.notebook.run("call.dial()")
    bob.notebook.run("await waiting")
    alice.notebook.run("call.hangup()")
    bob.notebook.run("await call.wait_for('ended', timeout=10)")
    expect(bob.button("Answer")).to_be_hidden()
    expect(bob.status).to_contain_text("the caller has hung up")
    assert said(bob.notebook, "call.answer()") == (
        "nobody rings any more (the caller has hung up (ORIGINATOR_CANCEL 487)), "
        "so there is nothing to answer: listen() again"
    )
    bob.expect_no_live_track()
    expect_no_leg(space)


def test_nobody_answers(alice: Widget, bob: Widget, space: LoopbackSpace) -> None:
    """Both sides are told, and nothing was ever opened."""
    assert "nobody answered" in said(alice.notebook, "await call.dial()")
    bob.notebook.run("await call.wait_for('ended', timeout=10)")
    assert bob.ask("call.end_reason").startswith("it was not answered in time")
    assert bob.captures == []
    expect_no_leg(space)


def test_answered_elsewhere(alice: Widget, bob: Widget, space: LoopbackSpace) -> None:
    """A person who is online twice rings twice; the one that does not answer is told."""
    bob.notebook.run(f"also = Call('', {AS.format('bob')})\nalso")
    bob.notebook.run("also.listen(); await also.wait_for('listening')")
    alice.notebook.run("ringing = call.dial()")
    bob.notebook.run("await waiting; await also.wait_for('ringing')")
    bob.notebook.run("await also.answer(); await call.wait_for('ended', timeout=10)")
    assert bob.ask("call.end_reason").startswith("answered elsewhere")
    alice.notebook.run("await ringing; call.hangup(); await call.wait_for('ended', timeout=10)")
    bob.notebook.run("await also.wait_for('ended', timeout=10)")
    expect_no_leg(space)


def test_two_answers_at_once(alice: Widget, bob: Widget, space: LoopbackSpace) -> None:
    """One of the two gets the call; the other is told, in whichever way it comes to know."""
    bob.notebook.run(f"also = Call('', {AS.format('bob')})\nalso")
    bob.notebook.run("also.listen(); await also.wait_for('listening')")
    alice.notebook.run("ringing = call.dial()")
    bob.notebook.run("await waiting; await also.wait_for('ringing')")
    bob.notebook.run("call.answer(); also.answer()")
    alice.notebook.run("await ringing")
    both = "sorted(one.status for one in (call, also))"
    expect_equal(lambda: bob.ask(both) in (["connected", s] for s in ("destroyed", "failed")), True)
    (why,) = bob.ask("[one.end_reason for one in (call, also) if one.end_reason]")
    assert why.startswith("answered elsewhere") or "faster" in why
    alice.notebook.run("call.hangup(); await call.wait_for('ended', timeout=10)")
    expect_no_leg(space)


def test_an_answer_without_a_microphone(notebook_denied: Notebook, space: LoopbackSpace) -> None:
    """It fails in words, nothing goes on ringing, and the caller is not kept waiting."""
    receive = "audio=False, receive_audio=True"
    alice = person(notebook_denied, "alice", f"'/private/bob', {receive}")
    notebook_denied.run(f"bob = Call('', {AS.format('bob')})\nbob")
    notebook_denied.run("bob.listen(); await bob.wait_for('listening')")
    notebook_denied.run("ringing = call.dial(); await bob.wait_for('ringing')")
    outputs = notebook_denied.run(
        "try:\n    await bob.answer()\nexcept CallEnded as error:\n    print(error.kind, error)"
    )
    assert text(outputs).startswith("media the call failed before it was connected: ")
    assert "call failed" in said(notebook_denied, "await ringing")
    alice.expect_no_live_track()
    expect_no_leg(space)


def test_nothing_rings(alice: Widget, bob: Widget, space: LoopbackSpace) -> None:
    """Each verb says why there is nothing to do; listening stops, and nobody is online then."""
    assert said(alice.notebook, "call.answer()").startswith("nobody rings, so")
    assert said(bob.notebook, "call.reject()").startswith("nobody rings yet, so")
    assert said(bob.notebook, "call.dial('/public/echo')").startswith(
        "this call is already listening: hang up first"
    )
    bob.button("Stop listening").click()
    bob.notebook.run("await call.wait_for('ended', timeout=10)")
    assert bob.ask("call.end_reason") == "stopped listening"
    bob.expect_idle()
    assert "not online" in said(alice.notebook, "await call.dial()")


def test_who_is_in_a_room(alice: Widget, second: Notebook, space: LoopbackSpace) -> None:
    """Members are values in Python and a list in the widget, and follow what they do."""
    bob = person(second, "bob", "'/public/lecture', audio=True")
    alice.notebook.run("await call.dial('/public/lecture')")
    assert alice.ask("[p.is_self for p in call.participants]") == [True]
    expect(alice.view.locator(".sw-people")).to_be_hidden()
    bob.connect()
    for one in (alice, bob):
        one.expect_python(
            "sorted((p.name, p.type, p.audio_muted) for p in call.participants)",
            [["alice", "member", False], ["bob", "member", False]],
        )
        expect(one.view.get_by_role("listitem")).to_have_count(2)
    assert bob.ask("[p.name for p in call.participants if p.is_self]") == ["bob"]
    assert "hand_raised" in text(bob.notebook.run("call.participants"))
    alice.notebook.run("call.mute_audio()")
    bob.expect_python("[p.name for p in call.participants if p.audio_muted]", ["alice"])
    row = bob.view.get_by_role("listitem").filter(has_text="alice")
    expect(row.get_by_label("microphone muted")).to_be_visible()
    alice.hang_up.click()
    bob.expect_python("[p.name for p in call.participants]", ["bob"])
    expect(bob.view.locator(".sw-people")).to_be_hidden()
    bob.notebook.run("call.hangup(); await call.wait_for('ended', timeout=10)")
    expect_equal(lambda: bob.ask("len(call.participants)"), 0)
    expect_no_leg(space)


def test_the_notebook_about_rooms(desk: Desk, space: LoopbackSpace) -> None:
    """Its cells run one after the other, and say what the text around them says."""
    (desk.lab.root / NOTEBOOK.name).write_text(NOTEBOOK.read_text())
    notebook = Notebook(desk.lab, desk.page(), NOTEBOOK.name)
    try:
        said = [text(outputs) for outputs in notebook.run_all(timeout=120)]
        assert "Rows" not in said[3]
        assert "ada" in said[3]
        assert "bob" in said[3]
        everything = "".join(said)
        for words in ("/private/ada", "listening", "the far side hung up", "is not online"):
            assert words in everything
        assert "rejected the call" in everything
        expect_no_leg(space)
    finally:
        notebook.dispose()
