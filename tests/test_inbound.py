"""Calls that come in, as the kernel keeps them: listening, ringing, answered, rejected, missed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

import pytest

from sw_notebook import Call, CallEnded, CallError, CallInProgressError, Participant, TokenError

from .paper_page import PaperPage

MEMBER = {
    "id": "m1",
    "name": "ada",
    "type": "member",
    "audio_muted": False,
    "video_muted": True,
    "deaf": False,
    "hand_raised": True,
    "talking": False,
    "is_self": True,
}


@pytest.fixture
def call() -> Call:
    """A call that no test here lets leave the process."""
    return Call("/public/echo", token="header.payload.signature", video=False)


@pytest.fixture
def page(call: Call) -> PaperPage:
    """A page that listens."""
    page = PaperPage(call)
    call.listen()
    page.event("accepted")
    page.event("status", status="listening", raw=None)
    return page


def ring(page: PaperPage, name: str = "bob", number: str = "/private/bob") -> None:
    """Let somebody ring."""
    page.event("incoming", name=name, number=number)
    page.event("dialled", call_id="a-call")
    page.status("ringing")


def test_listening_is_commanded_like_a_dial(call: Call, page: PaperPage) -> None:
    """With what a page needs to connect, and without a destination or options."""
    (command,) = page.commands("listen")
    assert {name: command[name] for name in command if name != "kind"} == {
        "page": "page1",
        "command": "listen",
        "attempt": 1,
        "ice": {"relay_only": False},
        "pasted_token": False,
        "asks_key": False,
    }
    assert (call.status, call.direction, call.incoming) == ("listening", "inbound", None)
    assert repr(call) == "<Call from anybody listening (SignalWire)>"
    with pytest.raises(CallInProgressError, match="already listening: hang up first"):
        call.dial()
    with pytest.raises(CallInProgressError):
        call.listen()


def test_who_rings_is_shown(call: Call, page: PaperPage) -> None:
    """In a trait, in the repr, and in the log."""
    ring(page)
    assert call.incoming == {"name": "bob", "number": "/private/bob"}
    assert (call.status, call.call_id) == ("ringing", "a-call")
    assert repr(call) == "<Call from /private/bob ringing (SignalWire)>"
    assert "bob is calling (/private/bob)" in [row.text for row in call.messages]


def test_listening_can_be_awaited(call: Call) -> None:
    """It ends when somebody rings, and the answer when the call is connected."""

    async def answer() -> list[str]:
        page = PaperPage(call)
        listening = asyncio.create_task(call.listen().within(5))
        await asyncio.sleep(0)
        page.event("accepted")
        page.event("status", status="listening", raw=None)
        ring(page)
        rung = await listening
        answering = asyncio.create_task(call.answer(audio=True, video=True).within(5))
        await asyncio.sleep(0)
        page.status("connecting", "connected")
        return [rung, await answering]

    assert asyncio.run(answer()) == ["ringing", "connected"]


def test_an_answer_has_the_options_of_a_dial(call: Call, page: PaperPage) -> None:
    """What is given beats the traits, which stay as they are."""
    call.input_audio_device_constraints = {"deviceId": "one"}
    ring(page)
    call.answer(video=True)
    (command,) = page.commands("answer")
    assert command["options"] == {
        "video": True,
        "receiveVideo": True,
        "inputAudioDeviceConstraints": {"deviceId": "one"},
    }
    assert call.video is False


@pytest.mark.parametrize("verb", ["answer", "reject"])
def test_nothing_to_settle(call: Call, verb: str) -> None:
    """Each state says in one sentence why, and what to do."""

    def refused() -> str:
        with pytest.raises(CallError) as error:
            getattr(call, verb)()
        return str(error.value).replace(f"so there is nothing to {verb}", "so")

    assert refused() == "nobody rings, so: await call.listen() first"
    page = PaperPage(call)
    call.dial()
    page.connect()
    assert refused().startswith("nobody rings, so")
    page.end()
    call.listen()
    assert refused() == "nobody rings yet, so: await call.listen(), which ends when somebody does"
    page.event("accepted")
    ring(page)
    page.end("remote", cause="ORIGINATOR_CANCEL", cause_code=487)
    assert refused().startswith("nobody rings any more (the caller has hung up")
    call.listen()
    page.event("accepted")
    ring(page)
    call.reject()
    assert refused() == "this call is rejected already, so: listen() again once it is over"
    page.end("rejected")
    call.listen()
    page.event("accepted")
    ring(page)
    call.answer()
    assert refused().startswith("this call is answered already, so")
    page.connect()
    assert refused().startswith("this call is answered already, so")


@pytest.mark.parametrize(
    ("reason", "cause", "rang", "words"),
    [
        ("remote", "ORIGINATOR_CANCEL", True, "the caller has hung up (ORIGINATOR_CANCEL)"),
        ("remote", "LOSE_RACE", True, "answered elsewhere (LOSE_RACE)"),
        ("remote", "NO_ANSWER", True, "it was not answered in time (NO_ANSWER)"),
        ("rejected", None, True, "rejected"),
        ("hangup", None, True, "hung up"),
        ("hangup", None, False, "stopped listening"),
    ],
)
def test_how_it_ended(
    call: Call, page: PaperPage, reason: str, cause: str | None, rang: bool, words: str
) -> None:
    """A call that was not taken says why in the words of who was rung."""
    if rang:
        ring(page)
    page.end(reason, cause=cause)
    assert (call.status, call.end_reason, len(call.errors)) == ("destroyed", words, 0)


def test_the_next_call_knows_nothing_of_the_last(call: Call, page: PaperPage) -> None:
    """Neither who rang nor its direction."""
    ring(page)
    page.end("rejected")
    assert call.incoming is not None
    call.dial()
    assert (call.incoming, call.direction) == (None, "outbound")


def test_clicks_settle_it(call: Call, page: PaperPage) -> None:
    """The kernel has the options for the answer; a second click is told in the log."""
    ring(page)
    page.act("answer")
    page.act("reject")
    assert len(page.commands("answer")) == 1
    assert page.commands("reject") == []
    assert "this call is answered already" in call.messages[-1].text


def test_a_call_that_comes_in_is_not_taken_over(call: Call, page: PaperPage) -> None:
    """It rings in its page."""
    PaperPage(call, "page2").act("take over")
    assert page.commands("hangup") == []
    assert "stays in its page" in call.messages[-1].text


def test_hanging_up_stops_listening(call: Call, page: PaperPage) -> None:
    """And whoever waits for a ring is told."""

    async def stop() -> None:
        waiting = asyncio.create_task(call.wait_for("ringing", 5))
        await asyncio.sleep(0)
        call.hangup()
        page.end("hangup")
        await waiting

    with pytest.raises(CallEnded, match="before it was ringing: stopped listening"):
        asyncio.run(stop())


def test_listening_needs_a_token() -> None:
    """As a dial does."""
    with pytest.raises(TokenError, match="the token is empty"):
        Call(token="").listen()


# --- participants ---------------------------------------------------------------------------


def test_participants_are_values(call: Call, page: PaperPage) -> None:
    """A table in a cell, plain rows for the page, and nobody once the call is over."""
    assert list(call.participants) == []
    ring(page)
    page.connect()
    page.event("participants", participants=[MEMBER, MEMBER | {"id": "m2", "is_self": False}])
    assert call.participants[0] == Participant(**MEMBER)  # type: ignore[arg-type]
    assert "ada" in call.participants._repr_html_()
    assert call.get_state(["participants"])["participants"][0] == MEMBER
    page.end()
    assert list(call.participants) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m: m.pop("name"), "participants: name is not text"),
        (lambda m: m.update(deaf=1), "participants: deaf is not true or false"),
        (lambda m: m.update(id=None), "participants: id is not text"),
    ],
)
def test_a_participant_is_checked(
    call: Call, page: PaperPage, change: Callable[[dict[str, Any]], object], words: str
) -> None:
    """A field that is none costs the message, and nothing else."""
    member = dict(MEMBER)
    change(member)
    page.event("participants", participants=[member])
    assert list(call.participants) == []
    assert re.search(words, call.messages[-1].text)


def test_a_page_cannot_send_thousands(call: Call, page: PaperPage) -> None:
    """The list is cut, as it goes to every page."""
    page.event("participants", participants=[MEMBER] * 5000)
    assert len(call.participants) == 200
