"""The ``call.*`` methods: what members of a call do to themselves and one another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sw_notebook.signaling import verto
from sw_notebook.signaling.causes import cause
from sw_notebook.signaling.fields import Fields
from sw_notebook.signaling.jsonrpc import INVALID_PARAMS, METHOD_NOT_FOUND
from sw_notebook.signaling.layouts import LAYOUTS, is_position
from sw_notebook.signaling.rooms import OK, CallRequest

from .calls import Calls
from .conference import Conference
from .legs import Leg
from .refusal import Refusal

__all__ = ["perform"]

Change = Callable[[Fields], dict[str, Any]]

_CONSTRAINTS = {
    "echo_cancellation": "echoCancellation",
    "noise_suppression": "noiseSuppression",
    "auto_gain": "autoGainControl",
}
"""The flags of a member's sound, and what the browser calls them."""


def perform(calls: Calls, leg: Leg, request: CallRequest) -> dict[str, Any]:
    """Do what a ``call.*`` method asks for, tell the members, and return the result.

    Everybody may do everything to everybody in the same room.

    Raises:
        Refusal: there is no such method or member, or a value is out of range.
    """
    conference, fields = leg.conference, request.fields
    if leg not in conference.legs:
        raise Refusal(INVALID_PARAMS, "this call has not joined yet; wait for call.joined")
    match request.method:
        # What is about the room has no use for targets: SDK 4.0.0-beta.12 names the screen that
        # it shared last, which may be gone.
        case "call.layout.list":
            return {**OK, "layouts": list(LAYOUTS)}
        case "call.layout.set":
            conference.lay_out(_positions(conference, fields), _layout(fields))
        case "call.lock" | "call.unlock" as method:
            conference.lock(method == "call.lock")
        case "call.end":
            for one in conference.legs:
                calls.end(one, cause("NORMAL_CLEARING"), reason="ended")
        case "call.member.position.set":
            ids = [target.member.member_id for target in _targets(leg, request)]
            conference.lay_out(dict(zip(ids, _places(request), strict=True)))
        case "call.member.remove":
            for target in _targets(leg, request):
                calls.end(target, cause("NORMAL_CLEARING"), reason="removed")
        case "call.audioflags.set":
            values = _flags(fields)
            for target in _targets(leg, request):
                _set_flags(conference, target, values)
        case method if method in _CHANGES:
            targets = _targets(leg, request)
            values = _CHANGES[method](fields)
            for target in targets:
                conference.change(target, values)
        case method:
            raise Refusal(METHOD_NOT_FOUND, f"this space does not know {method[:40]!r} yet")
    return OK


def _targets(leg: Leg, request: CallRequest) -> list[Leg]:
    """Return the calls of those it is about: the one who asks, where nobody is named."""
    return [_target(leg.conference, one) for one in request.targets or [leg.member.member_id]]


def _target(conference: Conference, member_id: str) -> Leg:
    found = conference.find(member_id)
    if found is None:
        raise Refusal(INVALID_PARAMS, "no such member in this call")
    return found


def _layout(fields: Fields) -> str:
    layout = fields.text("layout")
    if layout not in LAYOUTS:
        raise Refusal(INVALID_PARAMS, f"no layout {layout[:40]!r}; ask call.layout.list")
    return layout


def _positions(conference: Conference, fields: Fields) -> dict[str, str]:
    asked = fields.object("positions", {})
    for member_id, where in asked.items():
        _target(conference, member_id)
        _check(where)
    return asked


def _places(request: CallRequest) -> list[str]:
    """Return a position for each target: newer SDKs send one with each of them."""
    common = request.fields.text("position", "")
    places = [where or common for where in request.positions] or [common]
    for where in places:
        _check(where)
    return places


def _check(where: object) -> None:
    if not is_position(where):
        raise Refusal(
            INVALID_PARAMS,
            "positions are auto, standard-1, reserved-1 and so on, off-canvas and full-screen",
        )


def _muted(muted: bool) -> Change:
    def change(fields: Fields) -> dict[str, Any]:
        channels = fields.list("channels", ["audio"])
        if not set(map(str, channels)) <= {"audio", "video"}:
            raise Refusal(INVALID_PARAMS, "channels are audio and video")
        return {f"{channel}_muted": muted for channel in channels}

    return change


def _fixed(name: str, value: bool) -> Change:
    def change(_: Fields) -> dict[str, Any]:
        return {name: value}

    return change


def _flags(fields: Fields) -> dict[str, bool]:
    return {name: fields.flag(name) for name in _CONSTRAINTS if name in fields}


def _set_flags(conference: Conference, target: Leg, values: dict[str, bool]) -> None:
    """Change how a member takes up sound; its client does it, whoever asked for it."""
    before = target.member
    conference.change(target, values)
    now = {name: getattr(target.member, name) for name in _CONSTRAINTS}
    if any(getattr(before, name) != value for name, value in now.items()):
        audio = {constraint: now[name] for name, constraint in _CONSTRAINTS.items()}
        target.session.send(verto.media_params_event(target.call_id, audio))


def _number(parameter: str, name: str, low: int, high: int) -> Change:
    def change(fields: Fields) -> dict[str, Any]:
        value = fields.number(parameter)
        if not low <= value <= high:
            raise Refusal(INVALID_PARAMS, f"{parameter} goes from {low} to {high}")
        return {name: value}

    return change


_CHANGES: dict[str, Change] = {
    "call.mute": _muted(True),
    "call.unmute": _muted(False),
    "call.deaf": _fixed("deaf", True),
    "call.undeaf": _fixed("deaf", False),
    "call.raisehand": _fixed("handraised", True),
    "call.lowerhand": _fixed("handraised", False),
    "call.lowbitrate.set": lambda fields: {"lowbitrate": fields.flag("lowbitrate")},
    "call.microphone.volume.set": _number("volume", "input_volume", -50, 50),
    "call.speaker.volume.set": _number("volume", "output_volume", -50, 50),
    "call.microphone.sensitivity.set": _number("sensitivity", "input_sensitivity", 0, 100),
}
