from __future__ import annotations

import pytest

from sw_notebook.advice import advise
from sw_notebook.exceptions import RestError
from sw_notebook.receiver.failures import Failing, Failure, ended, explained, refused, unreachable
from sw_notebook.signaling.causes import CAUSES, cause
from sw_notebook.signaling.heard import Failed


@pytest.mark.parametrize("why", CAUSES, ids=lambda why: why.name)
def test_every_cause_before_an_answer_is_explained(why: object) -> None:
    """With what it means, its name and number, and a next step."""
    failure = ended(why, answered=False)  # type: ignore[arg-type]
    assert failure is not None
    assert advise(failure.kind, failure.name)
    assert failure.message.endswith(")")


@pytest.mark.parametrize("name", ["NORMAL_CLEARING", "NORMAL_UNSPECIFIED", "BLIND_TRANSFER"])
def test_how_calls_end_is_no_failure(name: str) -> None:
    """Once they were answered."""
    assert ended(cause(name), answered=True) is None
    assert ended(cause(name), answered=False) is not None


def test_refusals_say_what_was_refused() -> None:
    """The call, or the connection."""
    call = refused(Failed("verto.invite", -32003, "not allowed", "c1"))
    assert (call.kind, call.message) == ("destination", "not allowed (-32003)")
    connection = refused(Failed("signalwire.connect", -32002, "expired"))
    assert connection.kind == "token"
    assert connection.message == "the space refused the connection: expired (-32002)"


@pytest.mark.parametrize(
    ("status", "kind", "name"),
    [(None, "network", "NoAnswerFromSpace"), (401, "token", "RestError")],
)
def test_a_space_that_gives_nothing_is_told_from_one_that_refuses(
    status: int | None, kind: str, name: str
) -> None:
    """By whether it answered at all."""
    failure = unreachable(RestError("example.com", status, "gone", "ask again"))
    assert (failure.kind, failure.name) == (kind, name)


def test_what_nobody_foresaw_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """And what was foreseen is not, and keeps its own words."""
    known = Failure("network", "NoReply", "nothing came")
    assert explained(Failing(known)) is known
    assert not caplog.records
    assert explained(KeyError("x")) == Failure("call", "KeyError", "the receiver failed (KeyError)")
    assert "dialling failed" in caplog.text
