"""The client's side of a connection, as a state machine that does no I/O."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sw_notebook.exceptions import FrameError

from . import fabric, verto
from .causes import Cause, cause
from .fabric import AUTHORIZATION_STATE, Connected, Event
from .fields import Fields
from .heard import (
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
from .jsonrpc import (
    CALL_ERROR,
    FORBIDDEN,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    Error,
    Frame,
    Request,
    Result,
    encode,
    parse,
    read_error,
)
from .session import State

__all__ = ["ClientSession"]

# As the SDK subscribes a main call; without them the platform tells nothing about members.
_SUBSCRIBED = [
    "track",
    "destroy",
    "member.updated.videoMuted",
    "layout.changed",
    "room.subscribed",
    "member.updated.audioMuted",
    "media.connected",
    "room.updated",
    "call.joined",
]
_STATE_REFUSED = frozenset({CALL_ERROR, FORBIDDEN, INVALID_PARAMS})


@dataclass(slots=True)
class _Call:
    node_id: str = ""
    has_sdp: bool = False
    answered: bool = False


@dataclass(frozen=True, slots=True)
class _Pending:
    method: str
    call_id: str | None = None


class ClientSession:
    """What a client does with the frames of its connection.

    Ask with :meth:`connect`, :meth:`invite` and :meth:`bye`; feed each frame to :meth:`receive`
    in order, act on what it returns, and send what :meth:`outgoing` hands out after each.  Acks
    and the answers to pings are queued by itself.

    The session outlives its socket: after :meth:`lost`, :meth:`connect` on the next one comes
    back to it with what the server gave for that, and its calls go on.

    >>> session = ClientSession()
    >>> session.connect("a.token.xyz")
    >>> session.receive("{}")
    Ignored(reason='the id is missing or null; send it as a string')
    """

    def __init__(self, *, agent: str = "sw_notebook") -> None:
        self.state = State.NEW
        self.protocol: str | None = None
        self.authorization_state: str | None = None
        self._agent = agent
        self._outgoing: list[Frame] = []
        self._pending: dict[str, _Pending] = {}
        self._calls: dict[str, _Call] = {}

    # ------------------------------------------------------------------ what is asked

    def connect(self, token: str) -> None:
        """Introduce oneself, or come back; :class:`Connected` or :class:`Failed` follows.

        Args:
            token: a subscriber's; one that has expired will do to come back.
        """
        params = fabric.Connect(token, self.protocol, self.authorization_state, self._agent)
        self._ask("signalwire.connect", params.wire(), _Pending("signalwire.connect"))

    def online(self) -> None:
        """Say that one is there; :class:`Acknowledged` or :class:`Failed` follows."""
        self._ask("subscriber.online", {}, _Pending("subscriber.online"))

    def lost(self) -> None:
        """Forget what was on its way, as the socket has gone; calls and session remain."""
        self.state = State.NEW
        self._outgoing.clear()
        self._pending.clear()

    def invite(self, destination: str, sdp: str, *, call_id: str | None = None) -> str:
        """Call somebody; :class:`Created`, :class:`Failed` or :class:`Ended` follows.

        Args:
            destination: the address, with its query.
            sdp: the offer, with all its candidates.
            call_id: the id for the call; a new one where none is given.

        Returns:
            The id of the call.
        """
        call_id = call_id or str(uuid.uuid4())
        self._calls[call_id] = _Call()
        params = verto.invite_params(call_id, destination, sdp)
        self._verto("verto.invite", call_id, params, subscribe=_SUBSCRIBED)
        return call_id

    def bye(self, call_id: str, why: Cause | None = None) -> None:
        """Hang up, at any moment of a call; :class:`Ended` follows, and for no call nothing.

        Args:
            call_id: the call.
            why: NORMAL_CLEARING where none is given.
        """
        if call_id not in self._calls:
            return
        why = why or cause("NORMAL_CLEARING")
        code = {"cause": why.name, "causeCode": str(why.number)}  # text in this direction
        self._verto("verto.bye", call_id, {**code, "dialogParams": {"callID": call_id}})

    def has(self, call_id: str) -> bool:
        """Whether a call was made and is not over."""
        return call_id in self._calls

    def outgoing(self) -> list[str]:
        """Hand out the frames to send, in order, and forget them."""
        frames, self._outgoing = self._outgoing, []
        return [encode(frame) for frame in frames]

    def _verto(self, method: str, call_id: str, params: dict[str, Any], **outer: object) -> None:
        call = self._calls.get(call_id, _Call())
        wrapped = verto.request_params(method, params, call_id=call_id, node_id=call.node_id)
        self._ask("webrtc.verto", wrapped | outer, _Pending(method, call_id))

    def _ask(self, method: str, params: dict[str, Any], pending: _Pending) -> None:
        request = Request(str(uuid.uuid4()), method, params)
        self._pending[request.id] = pending
        self._outgoing.append(request)

    # ------------------------------------------------------------------ what comes in

    def receive(self, data: str | bytes) -> Heard:
        """Take one frame and say what it means; it never raises."""
        if isinstance(data, bytes):
            return Ignored("the frame is binary")
        try:
            frame = parse(data)
        except FrameError as error:
            asked = self._pending.pop(error.id, None) if error.id is not None else None
            if asked is None:
                return Ignored(error.reason)
            return self._failed(asked, error.code, error.reason)
        if isinstance(frame, Request):
            return self._requested(frame)
        asked = self._pending.pop(frame.id, None) if frame.id is not None else None
        if asked is None:
            return Ignored("the answer is to nothing that was asked")
        if isinstance(frame, Error):
            return self._failed(asked, frame.code, frame.message)
        try:
            return self._answered(asked, frame.result)
        except FrameError as error:
            return self._failed(asked, error.code, error.reason)

    def _answered(self, asked: _Pending, result: dict[str, Any]) -> Heard:
        if asked.method == "subscriber.online":
            return Acknowledged(asked.method)
        if asked.call_id is None:
            connected = Connected.parse(result)
            self.state, self.protocol = State.CONNECTED, connected.protocol
            return connected
        outer = Fields(result, f"the answer to {asked.method}")
        inner = outer.object("result", {})
        if "error" in inner:
            error = read_error(None, inner["error"])
            return self._failed(asked, error.code, error.message)
        said = Fields(inner, f"the answer to {asked.method}").object("result", {})
        if asked.method == "verto.bye":
            return self._over(asked.call_id, verto.bye_cause(said))
        if asked.method != "verto.invite":
            return Acknowledged(asked.method)
        call = self._calls.get(asked.call_id)
        if call is None:
            return Ignored("the invite was taken after its call was over")
        values = Fields(said, "the answer to verto.invite")
        if values.text("message", "") != "CALL CREATED":
            return self._failed(asked, INVALID_REQUEST, "the call was not created")
        call.node_id = outer.text("node_id", "")
        return Created(asked.call_id, values.text("memberID", ""))

    def _failed(self, asked: _Pending, code: int, reason: str) -> Heard:
        match asked.method:
            case "signalwire.connect" if code in _STATE_REFUSED:
                # What it came back with is no good: the next connect begins afresh.
                self.protocol = self.authorization_state = None
            case "verto.invite" if self._calls.pop(asked.call_id or "", None) is None:
                return Ignored("the invite was refused after its call was over")
            case "verto.bye":  # there was nothing left to hang up
                return self._over(asked.call_id or "", cause("NORMAL_CLEARING"))
        return Failed(asked.method, code, reason, asked.call_id)

    def _requested(self, request: Request) -> Heard:
        match request.method:
            case "signalwire.event":
                # Acked whatever it says, as the SDK does: the server would send it again.
                self._outgoing.append(Result(request.id))
                try:
                    return self._happened(Event.parse(request.params, self.protocol))
                except FrameError as error:
                    return Ignored(error.reason)
            case "signalwire.ping":
                stamp = request.params.get("timestamp")
                known = isinstance(stamp, int | float) and -1e15 < stamp < 1e15
                self._outgoing.append(Result(request.id, {"timestamp": stamp if known else 0}))
                return Pinged()
        refusal = Error(request.id, METHOD_NOT_FOUND, "there is no such method here")
        self._outgoing.append(refusal)
        return Ignored(f"there is no method {request.method[:40]!r} here")

    def _happened(self, event: Event) -> Heard:
        if event.type == AUTHORIZATION_STATE:
            fields = Fields(event.params, event.type)
            self.authorization_state = fields.text("authorization_state")
            return Acknowledged(event.type)
        message = verto.told(event)
        if message is None:
            return Happened(event.type, event.params)
        call = self._calls.get(message.call_id)
        if call is None:
            return Ignored("the message is about no call of this session")
        match message:
            case verto.Bye(call_id=call_id, cause=why):
                return self._over(call_id, why)
            case verto.Ping(call_id=call_id):
                self._verto("verto.pong", call_id, message.pong())
                return Pinged(call_id)
            case verto.Media(call_id=call_id, sdp=sdp):
                if call.has_sdp:
                    return Ignored("the call has its session description already")
                call.has_sdp = True
                return EarlyMedia(call_id, sdp)
            case verto.Answer(call_id=call_id, sdp=sdp):
                if call.answered:
                    return Ignored("the call is answered already")
                fresh = sdp if sdp and not call.has_sdp else None
                call.answered, call.has_sdp = True, call.has_sdp or bool(sdp)
                return Answered(call_id, fresh)
            case verto.Attach(call_id=call_id):
                return Attached(call_id)

    def _over(self, call_id: str, why: Cause) -> Heard:
        call = self._calls.pop(call_id, None)
        if call is None:
            return Ignored("the call was over already")
        return Ended(call_id, why, call.answered)
