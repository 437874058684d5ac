"""Calls: the Verto messages inside ``webrtc.verto`` and ``webrtc.message``."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from sw_notebook.exceptions import FrameError

from .causes import Cause, cause
from .fabric import Event
from .fields import Fields
from .jsonrpc import METHOD_NOT_FOUND

__all__ = [
    "Answer",
    "Bye",
    "Dialog",
    "Envelope",
    "Info",
    "Invite",
    "Modify",
    "Pong",
    "Subscribe",
    "VertoMessage",
    "answer_event",
    "bye_event",
    "media_event",
    "ping_event",
    "reply",
]


@dataclass(frozen=True, slots=True)
class Dialog:
    """Which call a message is about, and how it came to be.

    Args:
        call_id: the id that the client gave the call.
        destination: the address that was dialled, without its query.
        query: the query of the address, for example ``{"channel": "video"}``.
        user_variables: what the caller passes along.
        attach: the client wants to come back to a call that it had.
        screen_share: this leg carries a screen.
        additional_device: this leg carries a second camera or microphone.
    """

    call_id: str
    destination: str = ""
    query: dict[str, str] = field(default_factory=dict)
    user_variables: dict[str, Any] = field(default_factory=dict)
    attach: bool = False
    screen_share: bool = False
    additional_device: bool = False

    @classmethod
    def parse(cls, fields: Fields, call_id: str | None = None) -> Dialog:
        """Read ``dialogParams``; ``call_id`` is used where they name no call themselves."""
        dialog = fields.fields("dialogParams", optional=call_id is not None)
        # The SDK dials the whole address: /public/x?channel=video.
        destination, _, query = dialog.text("destination_number", "").partition("?")
        return cls(
            call_id=dialog.text("callID", call_id),
            destination=destination,
            query=dict(parse_qsl(query)),
            user_variables=dialog.object("userVariables", {}),
            attach=dialog.flag("attach") or dialog.flag("reattaching"),
            screen_share=dialog.flag("screenShare"),
            additional_device=dialog.flag("additionalDevice"),
        )


@dataclass(frozen=True, slots=True)
class Invite:
    """``verto.invite``: a client calls, and offers media."""

    dialog: Dialog
    sdp: str = field(repr=False)

    @property
    def call_id(self) -> str:
        """The id that the client gave the call."""
        return self.dialog.call_id


@dataclass(frozen=True, slots=True)
class Answer:
    """``verto.answer``: a client takes a call that rang."""

    call_id: str
    sdp: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Bye:
    """``verto.bye``: a client hangs up."""

    call_id: str
    cause: Cause


@dataclass(frozen=True, slots=True)
class Modify:
    """``verto.modify``: hold, unhold, transfer, or other media (``updateMedia``)."""

    call_id: str
    action: str
    sdp: str | None = field(default=None, repr=False)
    destination: str | None = None


@dataclass(frozen=True, slots=True)
class Info:
    """``verto.info``: a client presses digits."""

    call_id: str
    digits: str


@dataclass(frozen=True, slots=True)
class Pong:
    """``verto.pong``: a client answers a ``verto.ping``."""

    call_id: str


@dataclass(frozen=True, slots=True)
class Subscribe:
    """``verto.subscribe``: a client asks for events."""

    call_id: str
    channels: tuple[str, ...]


VertoMessage = Invite | Answer | Bye | Modify | Info | Pong | Subscribe


@dataclass(frozen=True, slots=True)
class Envelope:
    """``webrtc.verto``: one Verto message and the id to answer it under."""

    inner_id: str
    message: VertoMessage

    @classmethod
    def parse(cls, params: dict[str, Any]) -> Envelope:
        """Read the parameters of ``webrtc.verto``.

        Raises:
            FrameError: something is missing, or the inner method is unknown.
        """
        outer = Fields(params, "webrtc.verto")
        inner = outer.fields("message")
        method = inner.text("method")
        values = inner.object("params", {})
        message = _message(method, values, outer.text("callID", "") or None)
        return cls(inner.text("id", ""), message)


def _message(method: str, values: dict[str, Any], outer_call: str | None) -> VertoMessage:
    fields = Fields(values, method)

    def call_id() -> str:
        return Dialog.parse(fields, outer_call).call_id

    match method:
        case "verto.invite":
            dialog = Dialog.parse(fields, outer_call)
            if not dialog.destination:
                Fields({}, method).text("destination_number")
            return Invite(dialog, fields.text("sdp"))
        case "verto.answer":
            return Answer(call_id(), fields.text("sdp"))
        case "verto.bye":
            code = values.get("causeCode")
            number = code if isinstance(code, int | str) else None
            return Bye(call_id(), cause(fields.text("cause", ""), number))
        case "verto.modify":
            sdp, destination = fields.text("sdp", ""), fields.text("destination", "")
            return Modify(call_id(), fields.text("action"), sdp or None, destination or None)
        case "verto.info":
            return Info(call_id(), fields.text("dtmf"))
        case "verto.pong":
            return Pong(fields.text("callID", "") or call_id())
        case "verto.subscribe":
            names = fields.list("eventChannel", [])
            return Subscribe(call_id(), tuple(name for name in names if isinstance(name, str)))
    raise FrameError(f"there is no Verto method {method[:40]!r} here", code=METHOD_NOT_FOUND)


def reply(node_id: str, inner_id: str, result: dict[str, Any]) -> dict[str, Any]:
    """Wrap the result of a Verto message as the platform does.

    ``code`` is the string ``"200"``: the SDK takes a number for an error.
    """
    return {
        "node_id": node_id,
        "code": "200",
        "message": "OK",
        "result": {"jsonrpc": "2.0", "id": inner_id, "result": result},
    }


def _event(method: str, params: dict[str, Any]) -> Event:
    inner = {"jsonrpc": "2.0", "id": str(uuid.uuid4()), "method": method, "params": params}
    return Event("webrtc.message", inner)


def answer_event(call_id: str, sdp: str) -> Event:
    """Tell the caller that the call was answered; once per call, a second SDP ends it."""
    return _event("verto.answer", {"callID": call_id, "sdp": sdp})


def media_event(call_id: str, sdp: str) -> Event:
    """Let the caller hear and see something before the answer."""
    return _event("verto.media", {"callID": call_id, "sdp": sdp})


def bye_event(call_id: str, why: Cause) -> Event:
    """Hang up on the client; ``causeCode`` is a number in this direction."""
    return _event("verto.bye", {"callID": call_id, "cause": why.name, "causeCode": why.number})


def ping_event(call_id: str, serial: int) -> Event:
    """Ask the client whether the call is still there."""
    params = {"callID": call_id, "dialogParams": {"callID": call_id}, "serno": serial}
    return _event("verto.ping", params)
