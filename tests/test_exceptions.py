"""Errors say their cause and the next step, and survive a trip through pickle."""

from __future__ import annotations

import pickle

import pytest

from sw_notebook import exceptions


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (exceptions.MissingExtraError("The space", "media", "aiortc"), "sw-notebook[media]"),
        (exceptions.CallInProgressError("connected"), "already connected: hang up first"),
        (exceptions.CallInProgressError("disconnecting"), 'not yet over: wait for "ended", then'),
        (exceptions.CallInProgressError("disconnected"), 'not yet over: wait for "ended", then'),
        (exceptions.NoPageError(5.0), "within 5 s: show the call in a cell"),
        (exceptions.CallTimeoutError("connected", "trying", 2.5), "is trying, not connected"),
        (exceptions.CannotWaitError("connected", "ipykernel 6.31.0"), "ipykernel 7.1 or newer"),
        (exceptions.CannotWaitError("ended", "marimo"), "in a later cell"),
        (exceptions.SpaceRequestError(401, "bad key"), "answered 401: bad key"),
        (exceptions.FrameError("not JSON", code=-32700), "not JSON"),
        (
            exceptions.CallEnded(
                "connected", status="failed", kind="token", reason="it expired", advice="Renew it"
            ),
            "the call failed before it was connected: it expired. Renew it",
        ),
    ],
)
def test_errors_explain_themselves(error: Exception, words: str) -> None:
    """Each message holds its facts, also after a copy."""
    assert words in str(error)
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    """Every error of the module is drawn, under its own base."""
    drawn = exceptions.__doc__ or ""
    for name in exceptions.__all__:
        assert name in drawn
        kind = getattr(exceptions, name)
        assert issubclass(kind, exceptions.SwNotebookError | Warning)
