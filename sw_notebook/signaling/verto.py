"""Calls: the Verto messages inside ``webrtc.verto`` and ``webrtc.message``."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from sw_notebook.exceptions import FrameError

from .causes import Cause, cause
from .dialog import Dialog
from .fabric import Event
from .fields import Fields
from .jsonrpc import METHOD_NOT_FOUND

__all__ = [
    "Answer",
    "Attach",
    "Bye",
    "Dialog",
    "Envelope",
    "Info",
    "Invite",
    "Media",
    "Modify",
    "Ping",
    "Pong",
    "Subscribe",
    "Told",
    "VertoMessage",
    "answer_event",
    "bye_cause",
    "bye_event",
    "info_event",
    "invite_event",
    "invite_params",
    "media_event",
    "media_params_event",
    "ping_event",
    "reply",
    "request_params",
    "told",
]


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
    """``verto.answer``: a client takes a call that rang, or the far side takes one of a client.

    From the far side ``sdp`` is empty where ``verto.media`` brought it already.  ``pings`` says of
    a client that it answers a ``verto.ping``.
    """

    call_id: str
    sdp: str = field(repr=False)
    pings: bool = False


@dataclass(frozen=True, slots=True)
class Bye:
    """``verto.bye``: one side hangs up, or refuses."""

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
        message = _message(method, values, outer.short("callID", "") or None)
        return cls(inner.short("id", ""), message)


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
            dialog = Dialog.parse(fields, outer_call)
            return Answer(dialog.call_id, fields.text("sdp"), dialog.pings)
        case "verto.bye":
            fields.short("cause", "")
            return Bye(call_id(), bye_cause(values))
        case "verto.modify":
            sdp, destination = fields.text("sdp", ""), fields.text("destination", "")
            return Modify(call_id(), fields.text("action"), sdp or None, destination or None)
        case "verto.info":
            return Info(call_id(), fields.short("dtmf"))
        case "verto.pong":
            return Pong(fields.short("callID", "") or call_id())
        case "verto.subscribe":
            names = fields.list("eventChannel", [])
            return Subscribe(call_id(), tuple(name for name in names if isinstance(name, str)))
    raise FrameError(f"there is no Verto method {method[:40]!r} here", code=METHOD_NOT_FOUND)


def bye_cause(values: dict[str, Any]) -> Cause:
    """Read why a call ended, from the parameters of ``verto.bye`` or the answer to it.

    Raises:
        FrameError: the name is no text.

    >>> bye_cause({"causeCode": 17}).name
    'USER_BUSY'
    """
    code = values.get("causeCode")
    number = code if isinstance(code, int | str) else None
    return cause(Fields(values, "verto.bye").text("cause", ""), number)


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


def _event(method: str, params: dict[str, Any], node_id: str = "") -> Event:
    inner = {"jsonrpc": "2.0", "id": str(uuid.uuid4()), "method": method, "params": params}
    return Event("webrtc.message", inner, node_id)


def invite_event(
    call_id: str,
    sdp: str,
    *,
    node_id: str,
    caller: tuple[str, str],
    callee: tuple[str, str],
    user_variables: dict[str, Any],
) -> Event:
    """Let a client ring.

    Args:
        call_id: the id of its call.
        sdp: what is offered to it.
        node_id: the id of the space as a media node.
        caller: the name and the address of who calls.
        callee: the name and the address that was called.
        user_variables: what the caller passes along.
    """
    params = {
        "callID": call_id,
        "sdp": sdp,
        "caller_id_name": caller[0],
        "caller_id_number": caller[1],
        "callee_id_name": callee[0],
        "callee_id_number": callee[1],
        "display_direction": "inbound",
        "userVariables": user_variables,
    }
    return _event("verto.invite", params, node_id)


def info_event(call_id: str, digits: str) -> Event:
    """Tell a client which digits the other side presses."""
    return _event("verto.info", {"callID": call_id, "dtmf": digits})


def answer_event(call_id: str, sdp: str | None) -> Event:
    """Tell the caller that the call was answered.

    ``sdp`` is None where :func:`media_event` brought it: a second one ends the call.
    """
    return _event("verto.answer", {"callID": call_id, **({} if sdp is None else {"sdp": sdp})})


def media_event(call_id: str, sdp: str) -> Event:
    """Let the caller hear and see something before the answer."""
    return _event("verto.media", {"callID": call_id, "sdp": sdp})


def media_params_event(call_id: str, audio: dict[str, bool]) -> Event:
    """Tell a client how to take up its sound from now on, by the browser's constraints."""
    return _event("verto.mediaParams", {"callID": call_id, "mediaParams": {"audio": audio}})


def bye_event(call_id: str, why: Cause) -> Event:
    """Hang up on the client; ``causeCode`` is a number in this direction."""
    return _event("verto.bye", {"callID": call_id, "cause": why.name, "causeCode": why.number})


def ping_event(call_id: str, serial: int) -> Event:
    """Ask the client whether the call is still there."""
    params = {"callID": call_id, "dialogParams": {"callID": call_id}, "serno": serial}
    return _event("verto.ping", params)


# ---------------------------------------------------------------------- what a client does


@dataclass(frozen=True, slots=True)
class Media:
    """``verto.media``: there is something to hear and see before the answer."""

    call_id: str
    sdp: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ping:
    """``verto.ping``: is the call still there?  ``serial`` is its number, where it has one."""

    call_id: str
    serial: int | None = None

    def pong(self) -> dict[str, Any]:
        """Return the parameters of the ``verto.pong`` that answers it."""
        serial = {} if self.serial is None else {"serno": self.serial}
        return {"callID": self.call_id, "dialogParams": {"callID": self.call_id}, **serial}


@dataclass(frozen=True, slots=True)
class Attach:
    """``verto.attach``: the far side would set the media of a call up anew.

    FreeSWITCH says so after the socket was lost, as it has stopped sending then.
    """

    call_id: str


Told = Answer | Attach | Bye | Media | Ping


def told(event: Event) -> Told | None:
    """Read what the far side of a call says in an event; None where it is something else.

    Raises:
        FrameError: it is malformed.

    >>> told(bye_event("c1", cause("USER_BUSY"))).cause.number
    17
    """
    if event.type != "webrtc.message":
        return None
    inner = Fields(event.params, event.type)
    method, values = inner.text("method"), inner.object("params", {})
    fields = Fields(values, method)
    match method:
        case "verto.answer":
            return Answer(fields.text("callID"), fields.text("sdp", ""))
        case "verto.media":
            return Media(fields.text("callID"), fields.text("sdp"))
        case "verto.attach":
            return Attach(fields.text("callID"))
        case "verto.bye":
            return Bye(fields.text("callID"), bye_cause(values))
        case "verto.ping":
            serial = values.get("serno")
            return Ping(fields.text("callID"), serial if isinstance(serial, int) else None)
    return None


def request_params(
    method: str, params: dict[str, Any], *, call_id: str, node_id: str = ""
) -> dict[str, Any]:
    """Wrap a Verto message of a client into the parameters of ``webrtc.verto``.

    Args:
        method: of Verto, as ``"verto.bye"``.
        params: its parameters.
        call_id: which call.
        node_id: the media node, as the answer to the invite named it.
    """
    inner = {"jsonrpc": "2.0", "id": str(uuid.uuid4()), "method": method, "params": params}
    return {"callID": call_id, "node_id": node_id, "message": inner}


def invite_params(call_id: str, destination: str, sdp: str) -> dict[str, Any]:
    """Return the parameters of ``verto.invite``, in the order in which the SDK has them."""
    dialog = {
        "callID": call_id,
        "destination_number": destination,
        "remote_caller_id_number": destination,
        "userVariables": {"memberCallId": call_id},
        "screenShare": False,
        "additionalDevice": False,
        "pingSupported": True,
        "version": 1000,
    }
    return {"dialogParams": dialog, "sdp": sdp}
