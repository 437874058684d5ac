"""The server's side of one connection, as a state machine that does no I/O."""

from __future__ import annotations

import enum
import uuid
from collections import deque
from dataclasses import dataclass
from typing import Any

from sw_notebook.exceptions import FrameError

from .fabric import AUTHORIZATION_STATE, Connect, Event, Offline, Online, Ping, Reauthenticate
from .jsonrpc import (
    CALL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    MAX_FRAME,
    METHOD_NOT_FOUND,
    Error,
    Frame,
    Request,
    Result,
    encode,
    parse,
)
from .rooms import CallRequest
from .verto import Envelope

__all__ = ["Acknowledged", "Asked", "Message", "Received", "Refused", "ServerSession", "State"]

CLOSE_BINARY = 1003
CLOSE_TOO_BIG = 1009

Message = Connect | Reauthenticate | Ping | Online | Offline | Envelope | CallRequest


class State(enum.Enum):
    """How far a connection has come."""

    NEW = "new"
    CONNECTED = "connected"
    CLOSING = "closing"


@dataclass(frozen=True, slots=True)
class Asked:
    """The client asks for something: answer with ``reply``, ``accept`` or ``refuse``."""

    id: str
    method: str
    message: Message


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The client answered a request of ours; ``error`` is what it refused with, if it did."""

    id: str
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A frame that was refused; the answer is queued already, the reason is for the log."""

    reason: str
    code: int


Received = Asked | Acknowledged | Refused


class ServerSession:
    """What a server does with the frames of one connection.

    Feed it each text frame, act on what :meth:`receive` returns, and send what
    :meth:`outgoing` hands out; when :attr:`close_code` is set, send that and close.
    Frames are to be handled strictly in order, so finish one before feeding the next.

    >>> session = ServerSession()
    >>> session.receive('{"jsonrpc":"2.0","id":"1","method":"subscriber.online"}')
    Refused(reason="'subscriber.online' came before signalwire.connect; connect first", code=-32002)
    >>> session.outgoing()[0][:40]
    '{"jsonrpc":"2.0","id":"1","error":{"code'
    """

    def __init__(self) -> None:
        self.state = State.NEW
        self.protocol: str | None = None
        self.close_code: int | None = None
        self._outgoing: deque[tuple[Frame | Event, str]] = deque()  # each with its text
        self._bytes = 0
        self._ping: str | None = None

    # ------------------------------------------------------------------ what comes in

    def receive(self, data: str | bytes) -> Received:
        """Take one frame and say what it means; it never raises."""
        if self.state is State.CLOSING:
            return Refused("the connection is closing", INVALID_REQUEST)
        if isinstance(data, bytes):
            return self._close(CLOSE_BINARY, "the frame is binary; send text")
        if len(data) > MAX_FRAME:
            return self._close(CLOSE_TOO_BIG, f"the frame is over {MAX_FRAME} bytes; send less")
        try:
            frame = parse(data)
            if not isinstance(frame, Request):
                return self._acknowledged(frame)
            return Asked(frame.id, frame.method, self._understand(frame))
        except FrameError as error:
            self._queue(Error(error.id, error.code, error.reason))
            return Refused(error.reason, error.code)

    def _understand(self, request: Request) -> Message:
        method, params = request.method, request.params
        try:
            if self.state is State.NEW and method != "signalwire.connect":
                words = f"{method[:40]!r} came before signalwire.connect; connect first"
                raise FrameError(words, code=CALL_ERROR)
            match method:
                case "signalwire.connect" if self.state is State.NEW:
                    return Connect.parse(params)
                case "signalwire.connect":
                    raise FrameError("this socket is connected already; open another one")
                case "signalwire.reauthenticate":
                    return Reauthenticate.parse(params)
                case "signalwire.ping":
                    return Ping(_timestamp(params.get("timestamp")))
                case "subscriber.online":
                    return Online()
                case "subscriber.offline":
                    return Offline()
                case "webrtc.verto":
                    return Envelope.parse(params)
                case _ if method.startswith("call."):
                    return CallRequest.parse(method, params)
            raise FrameError(f"there is no method {method[:40]!r} here", code=METHOD_NOT_FOUND)
        except FrameError as error:
            raise FrameError(error.reason, code=error.code, id=request.id) from None

    def _acknowledged(self, frame: Result | Error) -> Acknowledged:
        if frame.id == self._ping:
            self._ping = None
        error = f"{frame.code} {frame.message}" if isinstance(frame, Error) else None
        return Acknowledged(frame.id or "", error)

    def _close(self, code: int, reason: str) -> Refused:
        self.state, self.close_code = State.CLOSING, code
        return Refused(reason, INVALID_REQUEST)

    # ------------------------------------------------------------------ what goes out

    def accept(self, asked: Asked, protocol: str, result: dict[str, Any]) -> None:
        """Answer ``signalwire.connect`` with yes: the session is ``protocol`` from now on."""
        self.state, self.protocol = State.CONNECTED, protocol
        self.reply(asked, result)

    def reply(self, asked: Asked, result: dict[str, Any]) -> None:
        """Answer a request."""
        self._queue(Result(asked.id, result))

    def refuse(self, asked: Asked, code: int, reason: str) -> None:
        """Refuse a request, with the reason in words."""
        self._queue(Error(asked.id, code, reason))

    def send(self, event: Event) -> None:
        """Tell the client about an event, in the channel of its session."""
        self._queue(event)

    def ping(self, timestamp: float) -> None:
        """Ask the client whether it is there; ``timestamp`` is in Unix seconds."""
        self._ping = str(uuid.uuid4())
        self._queue(Request(self._ping, "signalwire.ping", {"timestamp": timestamp}))

    @property
    def ping_unanswered(self) -> bool:
        """Whether the last :meth:`ping` has had no answer yet."""
        return self._ping is not None

    @property
    def unsent(self) -> int:
        """How many frames wait to be handed out."""
        return len(self._outgoing)

    @property
    def unsent_bytes(self) -> int:
        """How many bytes they have together."""
        return self._bytes

    def pop(self) -> str | None:
        """Hand out the oldest frame that waits, and forget it; None when none does."""
        if not self._outgoing:
            return None
        _, text = self._outgoing.popleft()
        self._bytes -= len(text)
        return text

    def outgoing(self) -> list[str]:
        """Hand out all frames that wait, in order, and forget them."""
        return list(iter(self.pop, None))

    def give_back(self) -> list[Event]:
        """Forget all frames that wait; return the events for the client's next connection."""
        events = [frame for frame, _ in self._outgoing if isinstance(frame, Event)]
        self._outgoing.clear()
        self._bytes = 0
        return [event for event in events if event.type != AUTHORIZATION_STATE]

    def _queue(self, frame: Frame | Event) -> None:
        request: Frame
        if isinstance(frame, Event):
            # The state event carries no channel on the platform, as it precedes all others.
            request = frame.request(None if frame.type == AUTHORIZATION_STATE else self.protocol)
        else:
            request = frame
        text = encode(request)
        self._outgoing.append((frame, text))
        self._bytes += len(text)  # it is ASCII


def _timestamp(value: object) -> float:
    """The number to send back, 0 where none was sent."""
    if not isinstance(value, int | float):
        return 0.0
    # Python reads whole numbers of any length, and 1e999 as infinity; neither can be sent.
    if not -1e15 < value < 1e15:
        raise FrameError("timestamp is out of range; send Unix seconds", code=INVALID_PARAMS)
    return float(value)
