"""A call opens its line with little, and nothing is lost by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ipywidgets import Layout, Widget
from ipywidgets.widgets import widget

from sw_notebook import Call
from sw_notebook._lean import LeanWidget


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """The states of the models that were opened."""
    states: list[dict[str, Any]] = []
    create = widget.comm.create_comm

    def spy(**options: Any) -> Any:
        states.append(options["data"]["state"])
        return create(**options)

    monkeypatch.setattr(widget.comm, "create_comm", spy)
    yield states
    Widget.close_all()


def test_what_has_its_default_is_not_sent(opened: list[dict[str, Any]]) -> None:
    """One model opens, with what was given and what the page cannot know."""
    Call("/public/echo", video=True, space="loopback")
    (state,) = opened
    own = {name for name in state if not name.startswith("_")} - {"tabbable", "tooltip"}
    always = {"application", "protocol", "version"}
    assert own == always | {"destination", "destination_kind", "video", "space_label"}
    assert {"_esm", "_anywidget_id", "_model_name", "_view_name"} <= state.keys()


def test_a_page_that_comes_later_gets_everything(opened: list[dict[str, Any]]) -> None:
    """What was sent once may have changed back, so a full state has the defaults too."""
    call = Call("/public/echo")
    state = call.get_state()
    assert state["status"] == "idle"
    assert "layout" not in state
    assert len(opened) == 1


def test_the_layout_is_made_when_it_is_asked_for(
    opened: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is each call's own, and the page is told."""
    told: list[object] = []
    monkeypatch.setattr(LeanWidget, "send_state", lambda _, key=None: told.append(key))
    one, two = Call("/public/echo"), Call("/public/echo")
    assert len(opened) == 2
    told.clear()
    one.layout.width = "50%"
    assert told == [["layout"]]
    assert opened[2]["_model_name"] == "LayoutModel"
    assert two.layout.width is None
    assert one.get_state()["layout"] == f"IPY_MODEL_{one.layout.model_id}"


@pytest.mark.parametrize("kind", [dict, Layout])
def test_a_layout_that_is_given_is_sent_at_once(
    opened: list[dict[str, Any]], kind: Callable[..., Any]
) -> None:
    """As any widget takes it."""
    call = Call("/public/echo", layout=kind(width="50%"))
    assert call.layout.width == "50%"
    assert opened[-1]["layout"] == f"IPY_MODEL_{call.layout.model_id}"
