"""Sessions and events."""

from __future__ import annotations

from typing import Any

import pytest

from sw_notebook.exceptions import FrameError
from sw_notebook.signaling.fabric import (
    Authorization,
    Connect,
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
