"""Sessions and events."""

from __future__ import annotations

from typing import Any

import pytest

from sw_notebook.exceptions import FrameError
from sw_notebook.signaling.fabric import (
    Authorization,
    Connect,
    Connected,
    Event,
    Reauthenticate,
    connect_result,
)


def test_a_fresh_connect_is_read() -> None:
    """As the SDK sends it."""
    params = {
        "version": {"major": 4, "minor": 0, "revision": 0},
        "event_acks": True,
        "authentication": {"jwt_token": "secret"},
        "agent": "signalwire-js/4.0.0",
        "contexts": [],
    }
    connect = Connect.parse(params)
    assert connect == Connect("secret", agent="signalwire-js/4.0.0")
    assert "secret" not in repr(connect)


def test_coming_back_is_read() -> None:
    """State and protocol come along."""
    params = {
        "authentication": {"jwt_token": "t"},
        "authorization_state": "hidden",
        "protocol": "p",
    }
    connect = Connect.parse(params)
    assert (connect.state, connect.protocol) == ("hidden", "p")
    assert "hidden" not in repr(connect)


@pytest.mark.parametrize(
    "params", [{}, {"authentication": {}}, {"authentication": "t"}, {"authentication": {"x": "t"}}]
)
def test_no_token_no_session(params: dict[str, Any]) -> None:
    """Connecting and reauthenticating need a token."""
    with pytest.raises(FrameError):
        Connect.parse(params)
    with pytest.raises(FrameError):
        Reauthenticate.parse(params)


def test_the_answer_has_what_the_sdk_needs() -> None:
    """identity, protocol, and authorization with jti, project and subscriber."""
    authorization = Authorization("j", "project", "space", "subscriber", 1_700_000_000, ("s",))
    result = connect_result("me", "p", authorization)
    assert result["identity"] == "me"
    assert result["protocol"] == "p"
    assert result["ice_servers"] == []
    assert result["authorization"]["jti"] == "j"
    assert result["authorization"]["project_id"] == "project"
    assert result["authorization"]["fabric_subscriber"]["subscriber_id"] == "subscriber"


def test_events_name_their_session() -> None:
    """The SDK throws away what is not in the channel of its protocol."""
    request = Event("call.state", {"a": 1}).request("the-protocol")
    assert request.method == "signalwire.event"
    assert "the-protocol" in request.params["event_channel"]
    assert request.params["event_type"] == "call.state"
    assert request.params["params"] == {"a": 1}
    assert isinstance(request.id, str)
    assert "event_channel" not in Event("x", {}).request(None).params


def test_a_client_s_connect_is_read_as_it_was_written() -> None:
    """And leaves out what is not there."""
    full = Connect("t", "p1", "state", "agent", "proof")
    assert Connect.parse(full.wire()) == full
    assert Connect.parse(Connect("t").wire()) == Connect("t")
    assert {"dpop_token", "authorization_state", "protocol"}.isdisjoint(Connect("t").wire())


@pytest.mark.parametrize(
    "server",
    [
        5,
        {},
        {"urls": "http://a"},
        {"urls": "turn:a"},
        {"urls": ["stun:a", 5]},
        {"urls": "turn:a", "username": 5, "credential": "p"},
    ],
)
def test_ice_servers_that_cannot_be_used_are_left_out(server: object) -> None:
    """The others are kept, without what a peer connection does not know."""
    good = {"urls": "turn:a", "username": "u", "credential": "p"}
    result = {"protocol": "p1", "ice_servers": [server, {**good, "credentialType": "password"}]}
    assert Connected.parse(result).ice_servers == (good,)


@pytest.mark.parametrize(
    "params",
    [{}, {"event_type": 5}, {"event_type": "a", "params": []}, {"event_type": "a"}],
)
def test_events_are_read_or_refused(params: dict[str, Any]) -> None:
    """Those without parameters have none."""
    if params == {"event_type": "a"}:
        assert Event.parse(params, None) == Event("a", {})
    else:
        with pytest.raises(FrameError):
            Event.parse(params, None)


def test_an_event_belongs_to_a_session() -> None:
    """Its channel contains the name; without a channel it is anybody's."""
    params = Event("a", {}).request("p1").params
    assert Event.parse(params, "p1") == Event("a", {})
    for other in ("p2", None):
        with pytest.raises(FrameError, match="another session"):
            Event.parse(params, other)
