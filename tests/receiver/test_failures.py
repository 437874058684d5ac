from __future__ import annotations

import pytest

from sw_notebook.advice import advise
from sw_notebook.receiver.failures import ended, refused
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
