"""Rooms, members and call methods."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sw_notebook.exceptions import FrameError
from sw_notebook.signaling.layouts import arrange
from sw_notebook.signaling.rooms import (
    CAPABILITIES,
    CallRequest,
    Member,
    Room,
    call_joined,
    call_state,
    layout_changed,
    member_event,
)

ROOM = Room("room", "session", "/public/bars")
MEMBER = Member("m1", "c1", "node", "room", "session", "ada", "sub", "address")


def test_joining_tells_everything_the_sdk_asks_for() -> None:
    """Without capabilities or itself among the members a client would not know itself."""
    event = call_joined(ROOM, MEMBER, [MEMBER])
    assert event.type == "call.joined"
    params = event.params
    assert params["capabilities"] == list(CAPABILITIES)
    assert params["member_id"] == "m1"
    assert params["call_id"] == "c1"
    assert params["room_session"]["room_session_id"] == "session"
    assert [member["member_id"] for member in params["room_session"]["members"]] == ["m1"]


def test_members_have_the_platforms_fields() -> None:
    """A parent is absent, not null, where there is none."""
    wire = MEMBER.wire()
    assert wire["name"] == "ada"
    assert wire["audio_muted"] is False
    assert "parent_id" not in wire
    assert replace(MEMBER, parent_id="m0").wire()["parent_id"] == "m0"


def test_member_events_say_what_changed() -> None:
    """An update names the changed fields."""
    event = member_event("updated", ROOM, replace(MEMBER, deaf=True), updated=["deaf"])
    assert event.type == "member.updated"
    assert event.params["member"]["deaf"] is True
    assert event.params["member"]["updated"] == ["deaf"]
    assert member_event("left", ROOM, MEMBER).params["reason"] == "left"


def test_layouts_share_the_canvas() -> None:
    """Two members get half of it each."""
    layers = layout_changed(ROOM, arrange("2x1", ["m1", "m2"], {})).params["layout"]["layers"]
    assert [(layer["x"], layer["width"]) for layer in layers] == [(0, 50), (50, 50)]
    assert layout_changed(ROOM, []).params["layout"]["layers"] == []


def test_call_states_are_told() -> None:
    """With the time in milliseconds."""
    event = call_state(
        call_id="c1", node_id="n", segment_id="s", state="answered", room=ROOM, created=12.5
    )
    assert event.params["call_state"] == "answered"
    assert event.params["start_time"] == 12500


TARGET = {"member_id": "m1", "call_id": "c1", "node_id": "n"}


@pytest.mark.parametrize(
    ("params", "targets"),
    [
        ({"self": TARGET, "target": TARGET}, ("m1",)),
        ({"self": TARGET, "targets": [TARGET, {**TARGET, "member_id": "m2"}]}, ("m1", "m2")),
        ({"self": TARGET, "targets": [{"target": TARGET, "position": "auto"}]}, ("m1",)),
        ({"self": TARGET}, ()),
    ],
)
def test_call_methods_are_read(params: dict[str, Any], targets: tuple[str, ...]) -> None:
    """In the shapes that the SDKs send."""
    request = CallRequest.parse("call.mute", params)
    assert request.method == "call.mute"
    assert request.call_id == "c1"
    assert request.targets == targets


@pytest.mark.parametrize(
    "params",
    [{}, {"self": {}}, {"self": TARGET, "target": 5}, {"self": TARGET, "targets": [{}]}],
)
def test_call_methods_without_their_members_are_refused(params: dict[str, Any]) -> None:
    """Who asks, and whom it is about, must be readable."""
    with pytest.raises(FrameError, match=r"call\.mute needs"):
        CallRequest.parse("call.mute", params)
