"""The client's side of a connection."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sw_notebook.signaling import fabric, verto
from sw_notebook.signaling.causes import cause
from sw_notebook.signaling.client import ClientSession
from sw_notebook.signaling.fabric import Authorization, Connected, Event, connect_result
from sw_notebook.signaling.heard import (
    Acknowledged,
    Answered,
    Attached,
    Created,
    EarlyMedia,
    Ended,
    Failed,
    Happened,
    Heard,
    Ignored,
    Pinged,
)
from sw_notebook.signaling.jsonrpc import CALL_ERROR, MAX_FRAME, METHOD_NOT_FOUND
from sw_notebook.signaling.session import Asked, ServerSession, State

BUSY = cause("USER_BUSY")
CLEARING = cause("NORMAL_CLEARING")
CREATED = {"message": "CALL CREATED", "callID": "c1", "memberID": "m1"}
SERVER = {"urls": "turn:turn.example.com", "username": "u", "credential": "p"}


class Pair:
    """A client and a server, with nothing between them."""

    def __init__(self) -> None:
        self.client = ClientSession()
        self.server = ServerSession()

    def asked(self) -> list[Asked]:
        """Hand the client's frames to the server; return its requests."""
        taken = [self.server.receive(frame) for frame in self.client.outgoing()]
        return [one for one in taken if isinstance(one, Asked)]

    def heard(self) -> list[Heard]:
        """Hand the server's frames to the client; return what it makes of them."""
        return [self.client.receive(frame) for frame in self.server.outgoing()]

    def connected(self) -> Pair:
        """Introduce the client."""
        self.client.connect("a.token.xyz")
        (asked,) = self.asked()
        authorization = Authorization("j", "project", "space", "subscriber", 2_000_000_000)
        result = connect_result("ada", "p1", authorization)
        self.server.accept(asked, "p1", {**result, "ice_servers": [SERVER]})
        self.server.send(Event("signalwire.authorization.state", {"authorization_state": "st"}))
        self.heard()
        self.asked()  # what is left is the ack
        return self

    def reply(self, result: dict[str, Any], node_id: str = "n1") -> list[Heard]:
        """Answer the client's one Verto request, and return what it hears."""
        (asked,) = self.asked()
        assert isinstance(asked.message, verto.Envelope)
        self.server.reply(asked, verto.reply(node_id, asked.message.inner_id, result))
        return self.heard()

    def tell(self, *events: Event) -> list[Heard]:
        """Send events of the server, and return what the client hears."""
        for event in events:
            self.server.send(event)
        return self.heard()


@pytest.fixture
def pair() -> Pair:
    """A client that is connected."""
    return Pair().connected()


@pytest.fixture
def call(pair: Pair) -> Pair:
    """A client whose call ``c1`` was created."""
    pair.client.invite("/public/bars", "v=0", call_id="c1")
    assert pair.reply(CREATED) == [Created("c1", "m1")]
    return pair


def test_a_client_connects() -> None:
    """It says who it is, and hears its session and the ICE servers."""
    pair = Pair()
    pair.client.connect("a.token.xyz")
    (asked,) = pair.asked()
    assert asked.message == fabric.Connect("a.token.xyz", agent="sw_notebook")
    pair.server.accept(asked, "p1", {"protocol": "p1", "ice_servers": [SERVER, {"urls": "http:"}]})
    assert pair.heard() == [Connected("p1", (SERVER,))]
    assert pair.client.state is State.CONNECTED


def test_what_is_secret_does_not_show(pair: Pair) -> None:
    """Neither the values nor the session show a password, the session's name or its state."""
    shown = repr(Connected("p1", (SERVER,))) + repr(EarlyMedia("c1", "v=0")) + repr(pair.client)
    assert "turn" not in shown
    assert "p1" not in shown
    assert "v=0" not in shown


@pytest.mark.parametrize("result", [{}, {"protocol": 5}, {"protocol": "p", "ice_servers": 5}])
def test_a_connect_answer_without_a_session_is_a_failure(result: dict[str, Any]) -> None:
    """It says what is missing."""
    pair = Pair()
    pair.client.connect("t")
    (asked,) = pair.asked()
    pair.server.reply(asked, result)
    (failed,) = pair.heard()
    assert isinstance(failed, Failed)
    assert failed.method == "signalwire.connect"
    assert "protocol" in failed.reason or "ice_servers" in failed.reason
    assert pair.client.state is State.NEW


def test_a_refused_connect_keeps_code_and_words() -> None:
    """And the client may try again."""
    pair = Pair()
    pair.client.connect("t")
    (asked,) = pair.asked()
    pair.server.refuse(asked, CALL_ERROR, "Authentication failed")
    assert pair.heard() == [Failed("signalwire.connect", CALL_ERROR, "Authentication failed")]


def test_a_lost_session_comes_back(call: Pair) -> None:
    """With its state and name on the next socket; its call goes on, old answers mean nothing."""
    call.client.bye("c1")
    call.client.lost()
    call.server = ServerSession()
    call.client.connect("expired")
    (asked,) = call.asked()
    assert asked.message == fabric.Connect("expired", "p1", "st", "sw_notebook")
    call.server.accept(asked, "p1", {"protocol": "p1"})
    assert call.heard() == [Connected("p1")]
    assert call.tell(verto.bye_event("c1", BUSY)) == [Ended("c1", BUSY, answered=False)]


def test_a_session_that_is_over_begins_afresh(pair: Pair) -> None:
    """Once its state was refused, it is not sent again."""
    pair.client.lost()
    pair.server = ServerSession()
    pair.client.connect("t")
    (asked,) = pair.asked()
    pair.server.refuse(asked, CALL_ERROR, "over")
    pair.heard()
    pair.client.connect("t")
    (asked,) = pair.asked()
    assert asked.message == fabric.Connect("t", agent="sw_notebook")


def test_an_invite_is_the_sdk_s(pair: Pair) -> None:
    """The server reads the destination, the offer and what the client listens to."""
    pair.client.invite("/public/bars?channel=video", "v=0", call_id="c1")
    (text,) = pair.client.outgoing()
    params = json.loads(text)["params"]
    assert list(params) == ["callID", "node_id", "message", "subscribe"]
    assert params["node_id"] == ""
    assert list(params["message"]["params"]["dialogParams"]) == [
        "callID",
        "destination_number",
        "remote_caller_id_number",
        "userVariables",
        "screenShare",
        "additionalDevice",
        "pingSupported",
        "version",
    ]
    asked = pair.server.receive(text)
    assert isinstance(asked, Asked)
    assert isinstance(asked.message, verto.Envelope)
    invite = asked.message.message
    assert isinstance(invite, verto.Invite)
    assert invite.dialog.destination == "/public/bars"
    assert invite.dialog.query == {"channel": "video"}
    assert invite.sdp == "v=0"


def test_each_call_gets_an_id(pair: Pair) -> None:
    """Where none is given."""
    assert pair.client.invite("/a", "v=0") != pair.client.invite("/a", "v=0")


def test_a_call_is_answered_and_hung_up(call: Pair) -> None:
    """The bye names the media node, and ends the call when it is answered."""
    assert call.tell(verto.answer_event("c1", "v=0")) == [Answered("c1", "v=0")]
    call.client.bye("c1")
    _ack, text = call.client.outgoing()
    params = json.loads(text)["params"]
    assert params["node_id"] == "n1"
    assert params["message"]["params"]["causeCode"] == "16"
    asked = call.server.receive(text)
    assert isinstance(asked, Asked)
    said = {"message": "CALL ENDED", "cause": "NORMAL_CLEARING", "causeCode": 16}
    call.server.reply(asked, verto.reply("n1", "i", said))
    assert call.heard() == [Ended("c1", CLEARING, answered=True)]
    call.client.bye("c1")
    assert call.client.outgoing() == []


def test_a_bye_after_created_is_why_the_dial_failed(call: Pair) -> None:
    """As FreeSWITCH refuses: the invite is taken, then comes the cause; once."""
    bye = verto.bye_event("c1", BUSY)
    over = Ignored("the message is about no call of this session")
    assert call.tell(bye, bye) == [Ended("c1", BUSY, answered=False), over]


def test_a_bye_may_come_before_the_reply(pair: Pair) -> None:
    """What follows about that call means nothing any more."""
    pair.client.invite("/a", "v=0", call_id="c1")
    assert pair.tell(verto.bye_event("c1", BUSY)) == [Ended("c1", BUSY, answered=False)]
    assert pair.reply(CREATED) == [Ignored("the invite was taken after its call was over")]


def test_a_refusal_may_come_after_a_bye(pair: Pair) -> None:
    """It is told once that the call is over."""
    pair.client.invite("/a", "v=0", call_id="c1")
    pair.tell(verto.bye_event("c1", BUSY))
    (asked,) = pair.asked()
    pair.server.refuse(asked, CALL_ERROR, "no")
    assert pair.heard() == [Ignored("the invite was refused after its call was over")]


def test_an_answer_may_come_before_the_reply(pair: Pair) -> None:
    """The SDK takes that, too."""
    pair.client.invite("/a", "v=0", call_id="c1")
    assert pair.tell(verto.answer_event("c1", "v=0")) == [Answered("c1", "v=0")]
    assert pair.reply(CREATED) == [Created("c1", "m1")]


def test_both_sides_may_hang_up_at_once(call: Pair) -> None:
    """The call ends once, with the cause that came first."""
    call.tell(verto.answer_event("c1", "v=0"))
    call.client.bye("c1")
    (asked,) = call.asked()
    assert call.tell(verto.bye_event("c1", BUSY)) == [Ended("c1", BUSY, answered=True)]
    call.server.refuse(asked, CALL_ERROR, "CALL DOES NOT EXIST")
    assert call.heard() == [Ignored("the call was over already")]


def test_a_refused_bye_ends_the_call(call: Pair) -> None:
    """There is nothing left to hang up."""
    call.client.bye("c1")
    (asked,) = call.asked()
    call.server.refuse(asked, CALL_ERROR, "CALL DOES NOT EXIST")
    assert call.heard() == [Ended("c1", CLEARING, answered=False)]


def test_one_description_per_call(call: Pair) -> None:
    """Early media brings it; what the answer repeats is not handed out, nor a second answer."""
    early, answer = verto.media_event("c1", "v=0 a"), verto.answer_event("c1", "v=0 b")
    assert call.tell(early, early, answer, answer) == [
        EarlyMedia("c1", "v=0 a"),
        Ignored("the call has its session description already"),
        Answered("c1", None),
        Ignored("the call is answered already"),
    ]


def test_an_answer_without_a_description(call: Pair) -> None:
    """As FreeSWITCH sends it after early media."""
    event = Event("webrtc.message", {"method": "verto.answer", "params": {"callID": "c1"}})
    assert call.tell(verto.media_event("c1", "v=0"), event) == [
        EarlyMedia("c1", "v=0"),
        Answered("c1", None),
    ]


def test_a_description_after_the_answer(call: Pair) -> None:
    """It is the first one all the same."""
    event = Event("webrtc.message", {"method": "verto.answer", "params": {"callID": "c1"}})
    assert call.tell(event, verto.media_event("c1", "v=0")) == [
        Answered("c1", None),
        EarlyMedia("c1", "v=0"),
    ]


def test_a_far_side_that_would_set_media_up_anew(call: Pair) -> None:
    """Of a call that there is."""
    events = [
        Event("webrtc.message", {"method": "verto.attach", "params": {"callID": call_id}})
        for call_id in ("c1", "c9")
    ]
    assert call.tell(*events) == [
        Attached("c1"),
        Ignored("the message is about no call of this session"),
    ]


@pytest.mark.parametrize("code", [CALL_ERROR, -32000, -32603])
def test_a_refused_invite_keeps_code_and_words(pair: Pair, code: int) -> None:
    """At the top of the frame, and the call is over."""
    pair.client.invite("/a", "v=0", call_id="c1")
    (asked,) = pair.asked()
    pair.server.refuse(asked, code, "no such destination")
    assert pair.heard() == [Failed("verto.invite", code, "no such destination", "c1")]
    pair.client.bye("c1")
    assert pair.client.outgoing() == []


@pytest.mark.parametrize(
    ("result", "code", "reason"),
    [
        ({"error": {"code": CALL_ERROR, "message": "CALL ERROR"}}, CALL_ERROR, "CALL ERROR"),
        ({"error": 5}, -32600, "no reason given"),
        ({"result": {"message": "OK"}}, -32600, "the call was not created"),
        ({}, -32600, "the call was not created"),
    ],
)
def test_an_invite_may_be_refused_inside(
    pair: Pair, result: dict[str, Any], code: int, reason: str
) -> None:
    """In the inner answer, or by not saying that the call was created."""
    pair.client.invite("/a", "v=0", call_id="c1")
    (asked,) = pair.asked()
    pair.server.reply(asked, {"node_id": "n1", "code": "200", "result": result})
    assert pair.heard() == [Failed("verto.invite", code, reason, "c1")]


def test_a_malformed_answer_is_a_failure(pair: Pair) -> None:
    """Who waits for it must not wait for ever."""
    pair.client.invite("/a", "v=0", call_id="c1")
    (text,) = pair.client.outgoing()
    number = json.loads(text)["id"]
    failed = pair.client.receive(json.dumps({"jsonrpc": "2.0", "id": number}))
    assert isinstance(failed, Failed)
    assert failed.call_id == "c1"


def test_pings_are_answered(call: Pair) -> None:
    """The server's with its time stamp, a call's with its serial number."""
    call.server.ping(12.5)
    (ping,) = call.server.outgoing()
    assert call.client.receive(ping) == Pinged()
    (pong,) = call.client.outgoing()
    assert json.loads(pong)["result"] == {"timestamp": 12.5}
    call.server.receive(pong)
    assert not call.server.ping_unanswered

    assert call.tell(verto.ping_event("c1", 4)) == [Pinged("c1")]
    ack, pong = call.client.outgoing()
    assert json.loads(ack)["result"] == {}
    asked = call.server.receive(pong)
    assert isinstance(asked, Asked)
    assert asked.message == verto.Envelope(asked.message.inner_id, verto.Pong("c1"))  # type: ignore[union-attr]
    assert json.loads(pong)["params"]["message"]["params"]["serno"] == 4
    call.server.reply(asked, verto.reply("n1", "i", {}))
    assert call.heard() == [Acknowledged("verto.pong")]


@pytest.mark.parametrize("stamp", ["1e999", '"soon"', "null", "-1e300"])
def test_a_ping_without_a_time_is_answered(stamp: str) -> None:
    """What cannot be sent back is 0."""
    client = ClientSession()
    frame = (
        f'{{"jsonrpc":"2.0","id":"1","method":"signalwire.ping","params":{{"timestamp":{stamp}}}}}'
    )
    assert client.receive(frame) == Pinged()
    assert client.outgoing() == ['{"jsonrpc":"2.0","id":"1","result":{"timestamp":0}}']


def test_events_are_acked_and_handed_out(pair: Pair) -> None:
    """Also those that the client does not know, or cannot read."""
    event = Event("call.state", {"call_state": "created"})
    assert pair.tell(event) == [Happened("call.state", {"call_state": "created"})]
    assert pair.tell(Event("webrtc.message", {})) == [
        Ignored("webrtc.message needs method as a string")
    ]
    other = Event("webrtc.message", {"method": "verto.display", "params": {}})
    assert pair.tell(other) == [Happened("webrtc.message", other.params)]
    acks = [json.loads(text) for text in pair.client.outgoing()]
    assert [ack["result"] for ack in acks] == [{}, {}, {}]


def test_an_event_of_another_session_is_ignored(pair: Pair) -> None:
    """And acked, or it would come again."""
    request = Event("call.state", {}).request("p2", id="9")
    frame = {"jsonrpc": "2.0", "id": "9", "method": request.method, "params": request.params}
    assert pair.client.receive(json.dumps(frame)) == Ignored("the event is for another session")
    assert len(pair.client.outgoing()) == 1


def test_messages_about_other_calls_are_ignored(pair: Pair) -> None:
    """A call that was never made cannot end."""
    (heard,) = pair.tell(verto.bye_event("c9", BUSY))
    assert isinstance(heard, Ignored)


def test_unknown_requests_are_refused(pair: Pair) -> None:
    """With the code for it."""
    heard = pair.client.receive('{"jsonrpc":"2.0","id":"9","method":"no.such"}')
    assert isinstance(heard, Ignored)
    (refusal,) = pair.client.outgoing()
    assert json.loads(refusal)["error"]["code"] == METHOD_NOT_FOUND


@pytest.mark.parametrize(
    "frame",
    ["{", "[]", b"{}", "x" * (MAX_FRAME + 1), '{"jsonrpc":"2.0","id":"1","result":{}}', '{"id":1}'],
)
def test_bad_frames_are_ignored(pair: Pair, frame: str | bytes) -> None:
    """Nothing is answered: an error about an error would have no end."""
    heard = pair.client.receive(frame)
    assert isinstance(heard, Ignored)
    assert pair.client.outgoing() == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["callID", "sdp", "cause", "causeCode", "serno", "timestamp", "event_channel", "protocol"]
)
PARAMS = st.dictionaries(NAMES, JSON | st.just("c1"), max_size=5)
METHODS = st.sampled_from(
    ["verto.answer", "verto.media", "verto.bye", "verto.ping", "verto.attach", "x"]
)
EVENTS = st.builds(
    lambda kind, inner: {"event_type": kind, "params": inner},
    st.sampled_from(["webrtc.message", "signalwire.authorization.state", "call.state"]) | JSON,
    st.builds(lambda method, params: {"method": method, "params": params}, METHODS, PARAMS) | JSON,
)


@given(st.lists(st.tuples(st.sampled_from(["event", "ping", "answer", "raw"]), EVENTS, JSON)))
def test_no_frame_raises(frames: list[tuple[str, dict[str, Any], Any]]) -> None:
    """Whatever a server sends, the client says what it means and can still send."""
    pair = Pair().connected()
    pair.client.invite("/a", "v=0", call_id="c1")
    pair.client.bye("c1")
    waiting = [json.loads(text)["id"] for text in pair.client.outgoing()]
    for kind, event, value in frames:
        frame: Any = {"jsonrpc": "2.0", "id": "1"}
        match kind:
            case "event":
                frame |= {"method": "signalwire.event", "params": event}
            case "ping":
                frame |= {"method": "signalwire.ping", "params": {"timestamp": value}}
            case "answer":
                frame |= {"id": waiting.pop() if waiting else "2", "result": value}
            case _:
                frame = value
        assert isinstance(pair.client.receive(json.dumps(frame)), Heard)
        for text in pair.client.outgoing():
            json.loads(text)


@given(
    st.permutations(
        ["reply", "media", "answer", "far bye", "our bye"],
    )
)
def test_a_call_ends_once_in_any_order(order: list[str]) -> None:
    """Answered at most once, ended exactly once, and nothing is told after that."""
    pair = Pair().connected()
    pair.client.invite("/a", "v=0", call_id="c1")
    (invited,) = pair.asked()
    told: list[Heard] = []
    for step in order:
        match step:
            case "reply":
                pair.server.reply(invited, verto.reply("n1", "i", CREATED))
            case "media":
                pair.server.send(verto.media_event("c1", "v=0"))
            case "answer":
                pair.server.send(verto.answer_event("c1", "v=0"))
            case "far bye":
                pair.server.send(verto.bye_event("c1", BUSY))
            case "our bye":
                pair.client.bye("c1")
                for asked in pair.asked():
                    pair.server.reply(asked, verto.reply("n1", "i", {"causeCode": 16}))
        told += [heard for heard in pair.heard() if not isinstance(heard, Ignored)]
    assert [type(heard) for heard in told].count(Ended) == 1
    assert isinstance(told[-1], Ended)
    assert told[-1].answered == any(isinstance(heard, Answered) for heard in told)
    assert sum(getattr(heard, "sdp", None) is not None for heard in told) <= 1
