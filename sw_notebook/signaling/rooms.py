"""Rooms: who takes part in a call, the events about them, and the ``call.*`` methods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from .fabric import Event
from .fields import Fields

__all__ = [
    "CAPABILITIES",
    "OK",
    "CallRequest",
    "CallState",
    "Member",
    "Room",
    "call_joined",
    "call_state",
    "layout_changed",
    "member_event",
]

CAPABILITIES = ("self", "member", "layout", "digit", "vmuted", "device", "end")
"""What a client may do in a call; the SDK ignores a ``call.joined`` without the list."""

# The SDK takes a numeric code for an error, even 200.
OK: dict[str, Any] = {"code": "200", "message": "OK"}

CallState = Literal["created", "ringing", "answered", "ending", "ended"]
MemberEvent = Literal["joined", "updated", "left", "talking"]


@dataclass(frozen=True, slots=True)
class Room:
    """Where the members of a call meet."""

    id: str
    session_id: str
    name: str
    layout: str = "grid-responsive"

    def ids(self) -> dict[str, str]:
        """Return the two ids that every event about the room carries."""
        return {"room_id": self.id, "room_session_id": self.session_id}

    def wire(self, members: Sequence[Member]) -> dict[str, Any]:
        """Return the room with its members as JSON."""
        return {
            **self.ids(),
            "event_channel": f"room.{self.session_id}",
            "name": self.name,
            "display_name": self.name,
            "layout_name": self.layout,
            "recording": False,
            "streaming": False,
            "prioritize_handraise": False,
            "hide_video_muted": False,
            "locked": False,
            "meta": {},
            "members": [member.wire() for member in members],
            "recordings": [],
            "streams": [],
            "playbacks": [],
        }


@dataclass(frozen=True, slots=True)
class Member:
    """One participant.

    The field names are the platform's, so that :func:`dataclasses.replace` with what a
    method changes is all it takes to change a member.
    """

    # Identity
    member_id: str
    call_id: str
    node_id: str
    room_id: str
    room_session_id: str
    name: str
    subscriber_id: str
    address_id: str
    type: Literal["member", "screen", "device"] = "member"
    parent_id: str | None = None
    # State
    visible: bool = True
    handraised: bool = False
    audio_muted: bool = False
    video_muted: bool = False
    deaf: bool = False
    talking: bool = False
    # Microphone and speaker
    input_volume: int = 0
    output_volume: int = 0
    input_sensitivity: int = 44
    echo_cancellation: bool = True
    auto_gain: bool = True
    noise_suppression: bool = True
    lowbitrate: bool = False
    denoise: bool = False
    meta: dict[str, Any] = field(default_factory=dict)

    def wire(self) -> dict[str, Any]:
        """Return the member as JSON; what does not apply is absent."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        if self.parent_id is None:
            del values["parent_id"]
        return values


@dataclass(frozen=True, slots=True)
class CallRequest:
    """A ``call.*`` method: something that a participant wants done.

    Args:
        method: for example ``call.mute``.
        call_id: the call of the one who asks.
        targets: the member ids it is about; empty means the one who asks.
        fields: the other parameters.
    """

    method: str
    call_id: str
    targets: tuple[str, ...]
    fields: Fields

    @classmethod
    def parse(cls, method: str, params: dict[str, Any]) -> CallRequest:
        """Read the parameters, or raise :class:`~sw_notebook.exceptions.FrameError`."""
        fields = Fields(params, method)
        named = [params["target"]] if "target" in fields else fields.list("targets", [])
        members = []
        for target in named:
            # Newer SDKs wrap each target: {"target": {...}, "position": "auto"}.
            wrapped = target.get("target", target) if isinstance(target, dict) else None
            members.append(Fields({"target": wrapped}, method).fields("target").text("member_id"))
        return cls(method, fields.fields("self").text("call_id"), tuple(members), fields)


def call_state(
    *, call_id: str, node_id: str, segment_id: str, state: CallState, room: Room, created: float
) -> Event:
    """Tell how far a call has come; ``created`` is in Unix seconds."""
    return Event(
        "call.state",
        {
            "call_id": call_id,
            "node_id": node_id,
            "segment_id": segment_id,
            "call_state": state,
            "direction": "inbound",
            "device": {"type": "webrtc", "params": {}},
            "room_session_id": room.session_id,
            "start_time": int(created * 1000),
        },
    )


def call_joined(room: Room, member: Member, members: Sequence[Member]) -> Event:
    """Tell a client that it is in, who else is, and what it may do."""
    return Event(
        "call.joined",
        {
            **room.ids(),
            "room_session": room.wire(members),
            "call_id": member.call_id,
            "origin_call_id": member.call_id,
            "member_id": member.member_id,
            "node_id": member.node_id,
            "capabilities": list(CAPABILITIES),
        },
    )


def member_event(
    what: MemberEvent, room: Room, member: Member, *, updated: Sequence[str] = ()
) -> Event:
    """Tell that a member came, changed or left; ``updated`` names what changed."""
    wire = member.wire()
    if updated:
        wire["updated"] = list(updated)
    params: dict[str, Any] = {**room.ids(), "member": wire}
    if what == "left":
        params["reason"] = "left"
    return Event(f"member.{what}", params)


def layout_changed(room: Room, members: Sequence[Member]) -> Event:
    """Tell where on the canvas each member is, in percent."""
    width = 100 / max(1, len(members))
    layers = [
        {
            "member_id": member.member_id,
            "layer_index": index,
            "z_index": 0,
            "position": f"standard-{index + 1}",
            "reservation": f"standard-{index + 1}",
            "playing_file": False,
            "visible": True,
            "x": index * width,
            "y": 0,
            "width": width,
            "height": 100,
        }
        for index, member in enumerate(members)
    ]
    layout = {"id": room.layout, "name": room.layout, "layers": layers}
    return Event("layout.changed", {**room.ids(), "layout": layout})
