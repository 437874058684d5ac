"""The ``call.*`` methods: what members of a call do to themselves and one another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sw_notebook.signaling import rooms
from sw_notebook.signaling.causes import cause
from sw_notebook.signaling.fields import Fields
from sw_notebook.signaling.jsonrpc import INVALID_PARAMS, METHOD_NOT_FOUND
from sw_notebook.signaling.rooms import OK, CallRequest

from .calls import Calls, Refusal
from .legs import Leg

__all__ = ["LAYOUTS", "perform"]

LAYOUTS = ("grid-responsive", "highlight-1-responsive", "1x1", "2x1", "2x2")

Change = Callable[[Fields], dict[str, Any]]


def perform(calls: Calls, leg: Leg, request: CallRequest) -> dict[str, Any]:
    """Do what a ``call.*`` method asks for, tell the members, and return the result.

    Raises:
        Refusal: there is no such method or member, or a value is out of range.
    """
    if any(target != leg.member.member_id for target in request.targets):
        raise Refusal(INVALID_PARAMS, "no such member in this call")
    if request.method in _CHANGES:
        _change(leg, _CHANGES[request.method](request.fields))
        return OK
    match request.method:
        case "call.layout.list":
            return {**OK, "layouts": list(LAYOUTS)}
        case "call.layout.set":
            _set_layout(leg, request.fields.text("layout"))
        case "call.member.remove" | "call.end":
            calls.end(leg, cause("NORMAL_CLEARING"))
        case method:
            raise Refusal(METHOD_NOT_FOUND, f"this space does not know {method[:40]!r} yet")
    return OK


def _change(leg: Leg, values: dict[str, Any]) -> None:
    leg.member = replace(leg.member, **values)
    leg.session.send(rooms.member_event("updated", leg.room, leg.member, updated=list(values)))


def _set_layout(leg: Leg, layout: str) -> None:
    if layout not in LAYOUTS:
        raise Refusal(INVALID_PARAMS, f"no layout {layout[:40]!r}; ask call.layout.list")
    leg.room = replace(leg.room, layout=layout)
    leg.session.send(rooms.layout_changed(leg.room, [leg.member]))


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


def _flags(fields: Fields) -> dict[str, Any]:
    names = ("echo_cancellation", "auto_gain", "noise_suppression")
    return {name: fields.flag(name) for name in names if name in fields}


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
    "call.audioflags.set": _flags,
    "call.lowbitrate.set": lambda fields: {"lowbitrate": fields.flag("lowbitrate")},
    "call.microphone.volume.set": _number("volume", "input_volume", -50, 50),
    "call.speaker.volume.set": _number("volume", "output_volume", -50, 50),
    "call.microphone.sensitivity.set": _number("sensitivity", "input_sensitivity", 0, 100),
}
