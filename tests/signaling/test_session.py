"""The server's side of a connection."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sw_notebook.signaling.fabric import (
    AUTHORIZATION_STATE,
    Connect,
    Event,
    Offline,
    Online,
    Ping,
    Reauthenticate,
)
from sw_notebook.signaling.jsonrpc import (
    CALL_ERROR,
    FORBIDDEN,
    INVALID_PARAMS,
    INVALID_REQUEST,
    MAX_FRAME,
    METHOD_NOT_FOUND,
    PARSE_ERROR,
)
from sw_notebook.signaling.rooms import CallRequest
from sw_notebook.signaling.session import Acknowledged, Asked, Refused, ServerSession, State
from sw_notebook.signaling.verto import Envelope, Info

CONNECT = {"authentication": {"jwt_token": "t"}}


def request(method: str, params: object = None, id: object = "1") -> str:
    """Return the text of a request."""
    frame: dict[str, Any] = {"jsonrpc": "2.0", "id": id, "method": method}
    if params is not None:
        frame["params"] = params
    return json.dumps(frame)


def sent(session: ServerSession) -> list[dict[str, Any]]:
    """Return what the session wants to send."""
    return [json.loads(text) for text in session.outgoing()]


@pytest.fixture
def session() -> ServerSession:
    """Return a session that is connected."""
    session = ServerSession()
    asked = session.receive(request("signalwire.connect", CONNECT))
    assert isinstance(asked, Asked)
    session.accept(asked, "p1", {"protocol": "p1"})
    assert sent(session) == [{"jsonrpc": "2.0", "id": "1", "result": {"protocol": "p1"}}]
    return session


def test_a_connection_begins_with_connect() -> None:
    """The first request is understood and named."""
    session = ServerSession()
    asked = session.receive(request("signalwire.connect", CONNECT))
    assert asked == Asked("1", "signalwire.connect", Connect("t"))
    assert session.state is State.NEW


@pytest.mark.parametrize(
    "method", ["subscriber.online", "webrtc.verto", "signalwire.reauthenticate", "call.mute", "x"]
)
def test_nothing_comes_before_connect(method: str) -> None:
    """Everything else is refused with a code whose words the SDK keeps."""
    session = ServerSession()
    received = session.receive(request(method, {}))
    assert isinstance(received, Refused)
    assert "connect first" in received.reason
    (frame,) = sent(session)
    assert frame["id"] == "1"
    assert frame["error"]["code"] == CALL_ERROR


def test_a_refused_connect_leaves_the_connection_new() -> None:
    """Another token may be tried on the same socket."""
    session = ServerSession()
    asked = session.receive(request("signalwire.connect", CONNECT))
    assert isinstance(asked, Asked)
    session.refuse(asked, FORBIDDEN, "no")
    (frame,) = sent(session)
    assert frame["error"] == {"code": FORBIDDEN, "message": "no"}
    assert isinstance(session.receive(request("signalwire.connect", CONNECT)), Asked)


@pytest.mark.parametrize(
    ("method", "params", "expected"),
    [
        ("signalwire.reauthenticate", CONNECT, Reauthenticate("t")),
        ("signalwire.ping", {"timestamp": 12.5}, Ping(12.5)),
        ("signalwire.ping", {}, Ping(0)),
        ("subscriber.online", {}, Online()),
        ("subscriber.offline", None, Offline()),
        (
            "webrtc.verto",
            {
                "callID": "c1",
                "message": {"id": "i", "method": "verto.info", "params": {"dtmf": "1"}},
            },
            Envelope("i", Info("c1", "1")),
        ),
    ],
)
def test_requests_are_understood(
    session: ServerSession, method: str, params: object, expected: object
) -> None:
    """Each method of the SDK."""
    assert session.receive(request(method, params)) == Asked("1", method, expected)  # type: ignore[arg-type]


def test_call_methods_are_understood(session: ServerSession) -> None:
    """All that begins with call. is about members."""
    received = session.receive(request("call.mute", {"self": {"call_id": "c1"}}))
    assert isinstance(received, Asked)
    assert isinstance(received.message, CallRequest)


@pytest.mark.parametrize(
    ("frame", "code", "id"),
    [
        ("{", PARSE_ERROR, None),
        ("[]", INVALID_REQUEST, None),
        (request("subscriber.online", id=5), INVALID_REQUEST, None),
        (request("subscriber.online", []), INVALID_REQUEST, "1"),
        (request("no.such"), METHOD_NOT_FOUND, "1"),
        (request("webrtc.verto", {}), INVALID_PARAMS, "1"),
        (
            request("webrtc.verto", {"message": {"method": "verto.no"}}),
            METHOD_NOT_FOUND,
            "1",
        ),
        (request("call.mute", {}), INVALID_PARAMS, "1"),
        (request("signalwire.reauthenticate", {}), INVALID_PARAMS, "1"),
        (request("signalwire.ping", {"timestamp": 10**400}), INVALID_PARAMS, "1"),
        (request("signalwire.ping", {"timestamp": -1e300}), INVALID_PARAMS, "1"),
        (request("signalwire.connect", CONNECT), INVALID_REQUEST, "1"),
    ],
)
def test_bad_frames_are_answered(
    session: ServerSession, frame: str, code: int, id: str | None
) -> None:
    """Each with its code and, where there is one, its id; the connection goes on."""
    received = session.receive(frame)
    assert isinstance(received, Refused)
    assert received.code == code
    (answer,) = sent(session)
    assert answer["error"] == {"code": code, "message": received.reason}
    assert answer["id"] == id
    assert session.close_code is None
    assert isinstance(session.receive(request("subscriber.online")), Asked)


@pytest.mark.parametrize(("data", "code"), [("x" * (MAX_FRAME + 1), 1009), (b"{}", 1003)])
def test_what_cannot_be_answered_closes(
    session: ServerSession, data: str | bytes, code: int
) -> None:
    """Too much, and binary: the socket is to be closed, and nothing more is read."""
    assert isinstance(session.receive(data), Refused)
    assert session.close_code == code
    assert session.state is State.CLOSING
    assert isinstance(session.receive(request("subscriber.online")), Refused)


def test_answers_of_the_client_are_noticed(session: ServerSession) -> None:
    """Acknowledgements are no requests; errors keep their words."""
    assert session.receive('{"jsonrpc":"2.0","id":"9","result":{}}') == Acknowledged("9")
    error = '{"jsonrpc":"2.0","id":"9","error":{"code":-1,"message":"no"}}'
    assert session.receive(error) == Acknowledged("9", "-1 no")
    assert sent(session) == []


def test_events_go_out_in_the_channel_of_the_session(session: ServerSession) -> None:
    """All but the state, which is without a channel on the platform, too."""
    session.send(Event("call.state", {}))
    session.send(Event(AUTHORIZATION_STATE, {"authorization_state": "s"}))
    call_state, state = sent(session)
    assert "p1" in call_state["params"]["event_channel"]
    assert "event_channel" not in state["params"]


def test_a_ping_waits_for_its_answer(session: ServerSession) -> None:
    """Another answer does not count for it."""
    session.ping(12.5)
    (ping,) = sent(session)
    assert ping["method"] == "signalwire.ping"
    assert ping["params"] == {"timestamp": 12.5}
    session.receive('{"jsonrpc":"2.0","id":"other","result":{}}')
    assert session.ping_unanswered
    session.receive(json.dumps({"jsonrpc": "2.0", "id": ping["id"], "result": {"timestamp": 1}}))
    assert not session.ping_unanswered


def test_frames_are_handed_out_once(session: ServerSession) -> None:
    """In the order in which they were queued."""
    session.send(Event("a", {}))
    session.send(Event("b", {}))
    assert session.unsent == 2
    assert [frame["params"]["event_type"] for frame in sent(session)] == ["a", "b"]
    assert sent(session) == []
    assert session.unsent == 0
    assert session.pop() is None


def test_events_that_were_not_sent_are_given_back(session: ServerSession) -> None:
    """For the next connection, which has a state of its own and asks for itself."""
    session.send(Event(AUTHORIZATION_STATE, {"authorization_state": "s"}))
    session.send(Event("a", {}))
    session.ping(12.5)
    session.send(Event("b", {"x": 1}))
    session.receive(request("no.such.method"))
    assert session.pop() is not None
    assert session.give_back() == [Event("a", {}), Event("b", {"x": 1})]
    assert session.give_back() == []
    assert session.outgoing() == []


@given(st.lists(st.text() | st.binary(), max_size=5))
def test_no_frame_raises(frames: list[str | bytes]) -> None:
    """Whatever comes is refused in words."""
    session = ServerSession()
    for frame in frames:
        received = session.receive(frame)
        assert isinstance(received, Refused)
        assert received.reason
