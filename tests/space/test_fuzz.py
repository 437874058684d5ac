"""Whatever a client says, the space answers with a sentence, never fails, and goes on.

The frames are those of the typed messages, with members that are missing, of another type, out of
range, or name what is not the client's.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.sync.client import ClientConnection, connect

from sw_notebook.signaling.fabric import Connect, Reauthenticate
from sw_notebook.signaling.verto import invite_params, request_params
from sw_notebook.space import LoopbackSpace
from sw_notebook.space.members import _CHANGES
from sw_notebook.space.settings import Settings

from ..proofs import Prover
from .test_limits import bombs

SDP = bombs()["sections"].partition("m=")[0] + "m=" + bombs()["sections"].split("m=")[1]
CALL = {"dialogParams": {"callID": "mine"}}
SELF = {"node_id": "n", "call_id": "mine", "member_id": "m"}
VERTO: dict[str, dict[str, Any]] = {
    "verto.invite": invite_params("new", "/public/no-answer", SDP),
    "verto.answer": {**CALL, "sdp": SDP},
    "verto.bye": {**CALL, "cause": "NORMAL_CLEARING", "causeCode": "16"},
    "verto.modify": {**CALL, "action": "transfer", "destination": "/public/x", "sdp": SDP},
    "verto.info": {**CALL, "dtmf": "12#"},
    "verto.pong": {**CALL, "serno": 1},
    "verto.subscribe": {**CALL, "eventChannel": ["a"]},
}
ACTIONS = ("hold", "unhold", "transfer", "updateMedia", "nonsense")
METHODS = (
    *sorted(_CHANGES),
    *(f"call.layout.{what}" for what in ("list", "set")),
    *(f"call.{what}" for what in ("lock", "unlock", "end", "nonsense")),
    *(f"call.member.{what}" for what in ("remove", "position.set")),
)
PARAMETERS = {
    "channels": ["audio"],
    "volume": 10,
    "sensitivity": 10,
    "layout": "2x2",
    "lowbitrate": True,
    "echo_cancellation": False,
    "positions": {"m": "auto"},
}


def requests() -> dict[str, tuple[str, dict[str, Any]]]:
    """Good requests of every method, by name."""
    found: dict[str, tuple[str, dict[str, Any]]] = {
        "connect": ("signalwire.connect", Connect("token", "p", "state", "a", "proof").wire()),
        "reauthenticate": (
            "signalwire.reauthenticate",
            {"authentication": {"project": "p", "jwt_token": "t"}, "dpop_token": "proof"},
        ),
        "ping": ("signalwire.ping", {"timestamp": 1.5}),
        "online": ("subscriber.online", {}),
        "offline": ("subscriber.offline", {}),
        "nonsense": ("nonsense", {"a": 1}),
    }
    assert Reauthenticate.parse(found["reauthenticate"][1]).token == "t"
    for method, params in VERTO.items():
        found[method] = ("webrtc.verto", request_params(method, params, call_id="mine"))
    for method in METHODS:
        targets = [{"target": SELF, "position": "auto"}]
        found[method] = (method, {"self": SELF, "targets": targets, **PARAMETERS})
    return found


REQUESTS = requests()
WRONG = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["theirs", "mine", "nobody", "/public/forbidden", "\ud800", "v=0", SDP]),
    st.sampled_from(["/public/bars", "/public/echo", "/public/relay", "/public/busy"]),
    st.sampled_from([*ACTIONS, -51, 101, 10**400, "\x00", "'\"\\", "x" * 70000]),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


def paths(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each member."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for name, member in inner:
        yield (*before, name)
        if isinstance(member, dict | list):
            yield from paths(member, (*before, name))


@st.composite
def spoiled(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A request with one to three members missing or wrong."""
    method, good = REQUESTS[draw(st.sampled_from(sorted(REQUESTS)))]
    return method, spoil(draw, good, draw(st.integers(1, 3)))


def spoil(
    draw: st.DrawFn, good: dict[str, Any], times: int, wrong: st.SearchStrategy[Any] = WRONG
) -> dict[str, Any]:
    """Parameters with that many members missing or wrong."""
    params = copy.deepcopy(good)
    for _ in range(times):
        ways = list(paths(params))
        if not ways:
            break
        *way, last = draw(st.sampled_from(ways))
        place = params
        for step in way:
            place = place[step]
        if draw(st.booleans()):
            place[last] = copy.deepcopy(draw(wrong))  # it may be spoiled in turn
        else:
            del place[last]
    return params


def judge(said: dict[str, Any]) -> None:
    """See that an answer is a result or a sentence, and no failure of the space."""
    if "error" in said:
        words = said["error"]["message"]
        assert "the space failed" not in words
        assert len(words) >= 10
        assert isinstance(said["error"]["code"], int)
    else:
        assert isinstance(said["result"], dict)


class Speaker:
    """A client that says one thing after the other."""

    def __init__(self, space: LoopbackSpace, socket: ClientConnection, reference: str) -> None:
        self.socket = socket
        self._number = 0
        self.token = space.token(reference).reveal()

    def ask(self, method: str, params: Any) -> dict[str, Any]:
        """Send a request, and return what answers it."""
        self._number += 1
        number = str(self._number)
        self.socket.send(
            json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        )
        while True:
            frame: dict[str, Any] = json.loads(self.socket.recv(timeout=20))
            if frame.get("id") == number and "method" not in frame:
                return frame
            if frame.get("id") is None:  # the request itself could not be read
                return frame

    def invite(self, call_id: str) -> None:
        """Have a call up."""
        params = invite_params(call_id, "/public/no-answer", SDP)
        said = self.ask("webrtc.verto", request_params("verto.invite", params, call_id=call_id))
        assert "CALL CREATED" in str(said) or "a call with this callID is up" in str(said)


def patient() -> LoopbackSpace:
    """A space that never loses patience."""
    space = LoopbackSpace(private=True)
    space._settings = Settings(
        no_answer_seconds=3600,
        linger=0,
        max_frame_rate=100_000,
        connect_seconds=600,
        max_legs=9999,
        max_calls=9999,
    )
    return space


@pytest.fixture(scope="module")
def crowd() -> Iterator[tuple[LoopbackSpace, Speaker, Speaker]]:
    """A patient space, the offender, and another client with a call."""
    space = patient()
    url = f"ws{space.url.removeprefix('http')}/"
    with space, connect(url, proxy=None) as first, connect(url, proxy=None) as second:
        offender, other = Speaker(space, first, "eve"), Speaker(space, second, "bob")
        for one in (offender, other):
            assert "result" in one.ask("signalwire.connect", Connect(one.token).wire())
        other.invite("theirs")
        offender.invite("mine")
        yield space, offender, other


@settings(
    max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(spoiled())
def test_it_always_answers(
    crowd: tuple[LoopbackSpace, Speaker, Speaker], asked: tuple[str, dict[str, Any]]
) -> None:
    """With a result or a sentence, to the offender and to the other."""
    _, offender, other = crowd
    offender.invite("mine")  # what was asked before may have ended it
    said = offender.ask(*asked)
    judge(said)
    assert other.ask("signalwire.ping", {"timestamp": 1})["result"] == {"timestamp": 1}


def test_calls_of_others_are_not_touched(crowd: tuple[LoopbackSpace, Speaker, Speaker]) -> None:
    """By no method; to the offender they do not exist."""
    space, offender, _ = crowd
    foreign = json.loads(json.dumps(REQUESTS).replace('"mine"', '"theirs"'))
    for name, (method, params) in foreign.items():
        if '"theirs"' in json.dumps(params) and name != "verto.invite":
            said = offender.ask(method, params)
            assert said["error"]["message"] == "CALL DOES NOT EXIST", name
    assert "theirs" in [leg["call_id"] for leg in space.legs()]


def test_a_proof_is_good_once(crowd: tuple[LoopbackSpace, Speaker, Speaker]) -> None:
    """Whoever repeats one is refused, and the session goes on."""
    _, offender, other = crowd
    proof = Prover().rpc("signalwire.reauthenticate")
    params = {"authentication": {"jwt_token": offender.token}, "dpop_token": proof}
    assert "result" in offender.ask("signalwire.reauthenticate", params)
    for one in (offender, other):
        again = {**params, "authentication": {"jwt_token": one.token}}
        said = one.ask("signalwire.reauthenticate", again)
        assert said["error"]["message"].startswith("Authentication failed: ")
        assert "result" in one.ask("subscriber.online", {})


def test_no_failure_is_in_the_log(crowd: tuple[LoopbackSpace, Speaker, Speaker]) -> None:
    """After all that."""
    space, _, _ = crowd
    assert space.log_file is not None
    assert "Traceback" not in space.log_file.read_text()
