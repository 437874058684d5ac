"""The words of a report."""

from __future__ import annotations

import pytest

from sw_notebook.check import facts, report
from sw_notebook.check.steps import Step, StepFailed
from sw_notebook.destinations import Destination
from sw_notebook.signaling.causes import CAUSES, Cause, cause
from sw_notebook.signaling.heard import Failed
from sw_notebook.signaling.sdp import Description
from sw_notebook.tokens import Token

from .checking import jwt


@pytest.mark.parametrize("why", CAUSES, ids=lambda why: str(why.name))
@pytest.mark.parametrize("answered", [True, False])
def test_each_cause_has_a_next_step(why: Cause, answered: bool) -> None:
    """Which has nothing of the widget."""
    failed = facts.ended(why, answered=answered)
    assert why.name in failed.cause
    assert failed.next_step
    assert "log below" not in failed.next_step
    assert ("before its media came" in failed.cause) == answered


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("NO_ROUTE_DESTINATION", "Check the spelling"),
        ("INCOMPATIBLE_DESTINATION", "Dial with sound"),
        ("DESTINATION_OUT_OF_ORDER", "UDP"),
        ("NORMAL_TEMPORARY_FAILURE", "run the check again"),
    ],
)
def test_advice_fits_the_cause(name: str, words: str) -> None:
    """Where the name of the cause is not that of the advice."""
    assert words in facts.ended(cause(name), answered=False).next_step


def test_a_refusal_says_what_was_refused() -> None:
    """And for a telephone number what that needs."""
    phone = Destination.parse("+15551234567")
    said = str(facts.refused(Failed("verto.invite", -32002, "no", "c1"), phone))
    assert said.startswith("the call was refused: no (-32002); check the spelling")
    assert "telephone network" in said
    said = str(facts.refused(Failed("signalwire.connect", -32002, "no"), phone))
    assert said.startswith("the connection was refused: no (-32002); check that the project")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/public/bars?channel=video", "/public/bars?channel=video"),
        ("+15551234567?channel=audio", "phone …4567"),
        ("sip:ada@example.com", "a SIP address"),
    ],
)
def test_a_person_s_number_is_not_told(text: str, shown: str) -> None:
    """What is no person's is."""
    assert facts.destination_fact(Destination.parse(text)) == shown


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("opaque", ["unknown kind", "no expiry"]),
        (jwt({"typ": "SAT"}), ["SAT", "no expiry"]),
        ("e30.eyJleHAiOjF9.c2ln", ["unknown kind", "0 min left"]),
    ],
)
def test_a_token_may_say_little(token: str, expected: list[str]) -> None:
    """Then that is told."""
    assert facts.token_facts(Token(token)) == expected


def test_what_an_answer_accepts_is_told_as_we_see_it() -> None:
    """Directions are the other way round."""
    text = (
        "v=0\r\nm=audio 9 X 0\r\na=rtpmap:0 PCMU/8000\r\na=sendonly\r\n"
        "m=video 9 X 97\r\na=sendrecv\r\nm=video 9 X 97\r\na=inactive\r\n"
    )
    assert facts.media_facts(Description.parse(text)) == [
        "audio PCMU recvonly",
        "video ? sendrecv",
        "video refused",
    ]


def test_the_types_of_candidates_are_told_and_not_their_addresses() -> None:
    """Each once."""
    candidate = "a=candidate:1 1 udp 1 203.0.113.7 5000 typ"
    text = f"v=0\r\nm=audio 9 X 0\r\n{candidate} srflx\r\n{candidate} host\r\n{candidate} host\r\n"
    assert facts.candidate_facts(Description.parse(text)) == ["offered host, srflx"]
    bare = Description.parse("v=0\r\nm=audio 9 X 0\r\n")
    assert facts.candidate_facts(bare) == ["offered no candidate"]


def test_a_failed_step_has_facts_and_a_sentence() -> None:
    """The advice goes on in the middle of it."""
    problem = str(StepFailed("no video came", "Dial another"))
    step = Step("media", "failed", 12, ("ICE host/host",), problem)
    expected = "media        failed      12 ms  ICE host/host: no video came; dial another"
    assert report.line(step) == expected


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        (["ok", "ok"], "all ok"),
        (["ok", "failed", "skipped"], "failed: token"),
        (["ok", "ok", "skipped"], "ok as far as it went, which is token"),
    ],
)
def test_the_last_line_says_how_it_went(outcomes: list[str], expected: str) -> None:
    """All, or what failed, or how far it went."""
    steps = [
        Step(name, outcome)  # type: ignore[arg-type]
        for name, outcome in zip(("credentials", "token", "subscriber"), outcomes, strict=False)
    ]
    assert report.verdict(steps) == expected
