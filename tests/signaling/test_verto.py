"""Verto messages."""

from __future__ import annotations

import math
from typing import Any

import pytest

from sw_notebook.exceptions import FrameError
from sw_notebook.signaling.causes import cause
from sw_notebook.signaling.fabric import Event
from sw_notebook.signaling.jsonrpc import INVALID_PARAMS, METHOD_NOT_FOUND
from sw_notebook.signaling.verto import (
    Answer,
    Attach,
    Bye,
    Envelope,
    Info,
    Invite,
    Media,
    Modify,
    Ping,
    Pong,
    Subscribe,
    Told,
    VertoMessage,
    answer_event,
    bye_event,
    media_event,
    ping_event,
    reply,
    request_params,
    told,
)


def envelope(method: str, params: dict[str, Any], **outer: Any) -> dict[str, Any]:
    """Return the parameters of a ``webrtc.verto`` as the SDK sends them."""
    message = {"jsonrpc": "2.0", "id": "inner", "method": method, "params": params}
    return {"callID": "c1", "node_id": "", "message": message, **outer}


def read(method: str, params: dict[str, Any], **outer: Any) -> VertoMessage:
    """Return the message that is read."""
    parsed = Envelope.parse(envelope(method, params, **outer))
    assert parsed.inner_id == "inner"
    return parsed.message


def test_an_invite_is_read() -> None:
    """The destination is cut at its query, as the SDK dials the whole address."""
    params = {
        "sdp": "v=0",
        "dialogParams": {
            "callID": "c1",
            "destination_number": "/public/bars?channel=video&x=1",
            "remote_caller_id_number": "/public/bars",
            "userVariables": {"memberCallId": "c1"},
            "screenShare": False,
            "additionalDevice": False,
            "pingSupported": True,
            "version": 1000,
        },
    }
    message = read("verto.invite", params)
    assert isinstance(message, Invite)
    assert message.call_id == "c1"
    assert message.sdp == "v=0"
    assert message.dialog.destination == "/public/bars"
    assert message.dialog.query == {"channel": "video", "x": "1"}
    assert message.dialog.user_variables == {"memberCallId": "c1"}
    assert message.dialog.pings
    assert not message.dialog.attach


def test_a_reattach_is_noticed() -> None:
    """Attach or reattaching says that the call existed."""
    dialog = {"callID": "c1", "destination_number": "/a", "attach": True, "reattaching": True}
    message = read("verto.invite", {"sdp": "v=0", "dialogParams": dialog})
    assert isinstance(message, Invite)
    assert message.dialog.attach


DIALOG = {"dialogParams": {"callID": "c1"}}


@pytest.mark.parametrize(
    ("method", "params", "expected"),
    [
        ("verto.answer", {**DIALOG, "sdp": "v=0"}, Answer("c1", "v=0")),
        (
            "verto.answer",
            {"dialogParams": {"callID": "c1", "pingSupported": True}, "sdp": "v=0"},
            Answer("c1", "v=0", pings=True),
        ),
        ("verto.bye", DIALOG, Bye("c1", cause("NORMAL_CLEARING"))),
        ("verto.bye", {**DIALOG, "causeCode": "17"}, Bye("c1", cause("USER_BUSY"))),
        ("verto.bye", {**DIALOG, "cause": "USER_BUSY"}, Bye("c1", cause("USER_BUSY"))),
        ("verto.bye", {}, Bye("c1", cause("NORMAL_CLEARING"))),
        ("verto.modify", {**DIALOG, "action": "hold"}, Modify("c1", "hold")),
        (
            "verto.modify",
            {**DIALOG, "action": "updateMedia", "sdp": "v=0"},
            Modify("c1", "updateMedia", "v=0"),
        ),
        (
            "verto.modify",
            {**DIALOG, "action": "transfer", "destination": "/b"},
            Modify("c1", "transfer", None, "/b"),
        ),
        ("verto.info", {**DIALOG, "dtmf": "12#"}, Info("c1", "12#")),
        ("verto.pong", {"callID": "c1", "serno": 3}, Pong("c1")),
        ("verto.subscribe", {"eventChannel": ["a", 1, "b"]}, Subscribe("c1", ("a", "b"))),
    ],
)
def test_messages_are_read(method: str, params: dict[str, Any], expected: VertoMessage) -> None:
    """Each message of the SDK."""
    assert read(method, params) == expected


@pytest.mark.parametrize(
    ("method", "params", "words"),
    [
        ("verto.invite", {"sdp": "v=0"}, "destination_number"),
        ("verto.invite", {"dialogParams": {"destination_number": "/a"}}, "sdp"),
        ("verto.invite", {"dialogParams": 5, "sdp": "v=0"}, "dialogParams"),
        ("verto.answer", DIALOG, "sdp"),
        ("verto.modify", DIALOG, "action"),
        ("verto.info", DIALOG, "dtmf"),
        ("verto.info", {**DIALOG, "dtmf": 12}, "dtmf"),
        (
            "verto.invite",
            {"dialogParams": {"destination_number": "/a", "userVariables": {"a": [math.inf]}}},
            "userVariables have a number that is out of range",
        ),
        (
            "verto.invite",
            {"dialogParams": {"destination_number": "/a", "userVariables": {"a": "é" * 11000}}},
            "userVariables have 66009 bytes; send at most 65536",
        ),
    ],
)
def test_what_is_missing_is_named(method: str, params: dict[str, Any], words: str) -> None:
    """The refusal names the parameter."""
    with pytest.raises(FrameError, match=words) as refused:
        read(method, params)
    assert refused.value.code == INVALID_PARAMS


def test_a_call_must_be_named_somewhere() -> None:
    """Neither outside nor inside is a refusal."""
    with pytest.raises(FrameError, match="dialogParams"):
        read("verto.bye", {}, callID="")


def test_unknown_methods_are_refused() -> None:
    """With the code for it, and not with their whole length."""
    with pytest.raises(FrameError, match=r"no Verto method 'verto\.x+'") as refused:
        read("verto." + "x" * 500, {})
    assert refused.value.code == METHOD_NOT_FOUND
    assert len(refused.value.reason) < 120


@pytest.mark.parametrize("params", [{}, {"message": []}, {"message": {}}, {"message": {"id": "1"}}])
def test_envelopes_without_a_message_are_refused(params: dict[str, Any]) -> None:
    """An envelope needs a message with a method."""
    with pytest.raises(FrameError):
        Envelope.parse(params)


def test_replies_carry_a_string_code() -> None:
    """A numeric 200 is an error to the SDK."""
    wrapped = reply("node", "inner", {"message": "CALL CREATED"})
    assert wrapped["code"] == "200"
    assert wrapped["node_id"] == "node"
    assert wrapped["result"]["id"] == "inner"
    assert wrapped["result"]["result"] == {"message": "CALL CREATED"}


def test_events_are_webrtc_messages() -> None:
    """Inside is a Verto request about the call."""
    busy = bye_event("c1", cause("USER_BUSY"))
    assert busy.type == "webrtc.message"
    assert busy.params["method"] == "verto.bye"
    assert busy.params["params"] == {"callID": "c1", "cause": "USER_BUSY", "causeCode": 17}
    assert answer_event("c1", "v=0").params["params"] == {"callID": "c1", "sdp": "v=0"}
    assert media_event("c1", "v=0").params["method"] == "verto.media"
    assert ping_event("c1", 4).params["params"]["serno"] == 4
    assert isinstance(busy.params["id"], str)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (answer_event("c1", "v=0"), Answer("c1", "v=0")),
        (media_event("c1", "v=0"), Media("c1", "v=0")),
        (bye_event("c1", cause("USER_BUSY")), Bye("c1", cause("USER_BUSY"))),
        (ping_event("c1", 4), Ping("c1", 4)),
        (
            Event("webrtc.message", {"method": "verto.attach", "params": {"callID": "c1"}}),
            Attach("c1"),
        ),
        (Event("call.state", {}), None),
        (Event("webrtc.message", {"method": "verto.display"}), None),
        (
            Event("webrtc.message", {"method": "verto.answer", "params": {"callID": "c1"}}),
            Answer("c1", ""),
        ),
    ],
)
def test_what_the_far_side_says_is_read(event: Event, expected: Told | None) -> None:
    """Each message of a server; an answer may be without a description."""
    assert told(event) == expected


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"method": "verto.bye"},
        {"method": "verto.bye", "params": {"callID": "c1", "cause": 5}},
        {"method": "verto.media", "params": {"callID": "c1"}},
        {"method": "verto.answer", "params": {"callID": 5}},
        {"method": "verto.ping", "params": []},
    ],
)
def test_what_the_far_side_says_may_be_malformed(params: dict[str, Any]) -> None:
    """Then it is refused."""
    with pytest.raises(FrameError):
        told(Event("webrtc.message", params))


def test_a_pong_is_read_as_it_was_written() -> None:
    """With the number of its ping, where that has one."""
    for ping in (Ping("c1", 4), Ping("c1")):
        params = request_params("verto.pong", ping.pong(), call_id="c1", node_id="n")
        assert Envelope.parse(params).message == Pong("c1")
    assert "serno" not in Ping("c1").pong()
