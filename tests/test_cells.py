"""A cell that runs again closes what its last run has made."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from sw_notebook import Call, CallError, _cells
from sw_notebook._cells import Execution, Superseded, current

from .paper_page import PaperPage


class Shell:
    """What IPython tells of the request that is being executed."""

    def __init__(self, parent: Any) -> None:
        self.parent = parent

    def get_parent(self) -> Any:
        """Return the request."""
        return self.parent


def request(cell: Any = "cell-1", run: str = "run-1", kind: str = "execute_request") -> Any:
    """A request to execute, as JupyterLab sends it."""
    return {"header": {"msg_type": kind, "msg_id": run}, "metadata": {"cellId": cell}}


@pytest.mark.parametrize(
    "parent",
    [None, {}, {"header": 1, "metadata": {}}, request(None), request(kind="comm_msg"), request("")],
)
def test_no_cell_where_none_is_named(parent: Any) -> None:
    """Other front ends, callbacks of widgets and plain Python run in no cell."""
    assert current(lambda: Shell(parent)) is None
    assert current(lambda: None) is None
    assert current() is None


def test_the_cell_that_runs() -> None:
    """The front end names it with each request."""
    assert current(lambda: Shell(request())) == Execution("cell-1", "run-1")


def test_what_is_gone_is_not_handed_out() -> None:
    """Only what somebody still holds."""

    class Thing:
        pass

    made = Superseded()
    made.add(Execution("a", "1"), Thing())
    gc.collect()
    assert made.add(Execution("a", "2"), Thing()) == []


@pytest.fixture
def cell(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The cell that runs now, to be changed by the test."""
    running = {"cell": "cell-1", "run": "run-1"}
    monkeypatch.setattr(_cells, "current", lambda: Execution(**running))
    return running


def test_the_older_call_ends_and_says_so(cell: dict[str, str]) -> None:
    """Of the same cell, in an earlier run; every other call goes on."""
    one, two = (Call("/public/echo", token="a.b.c") for _ in range(2))
    page = PaperPage(one)
    one.dial()
    page.connect()
    cell["cell"] = "cell-2"
    other = Call("/public/echo", token="a.b.c")
    cell.update(cell="cell-1", run="run-2")
    newer = Call("/public/echo", token="a.b.c")
    assert (one.status, one.end_reason) == ("destroyed", "its cell was run again")
    for older in (one, two):
        assert "closed" in repr(older)
        with pytest.raises(CallError, match="when its cell was run again"):
            older.dial()
    for alive in (other, newer):
        assert "closed" not in repr(alive)
    one.close()
