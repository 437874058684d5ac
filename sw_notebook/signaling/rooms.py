"""Rooms: who takes part in a call, the events about them, and the ``call.*`` methods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from .fabric import Event
from .fields import Fields
from .layouts import Layer

__all__ = [
    "CAPABILITIES",
    "OK",
    "ROOM_CAPABILITIES",
    "CallRequest",
    "CallState",
    "Member",
    "Room",
    "call_joined",
    "call_state",
    "call_updated",
    "layout_changed",
    "member_event",
]

CAPABILITIES = ("self", "member", "layout", "digit", "vmuted", "device", "end")
"""What a client may do in a call; the SDK ignores a ``call.joined`` without the list."""

ROOM_CAPABILITIES = (*CAPABILITIES, "lock", "screenshare")
"""What a client may do where others are, too."""

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
    display_name: str = ""
    locked: bool = False

    def ids(self) -> dict[str, str]:
        """Return the two ids that every event about the room carries."""
        return {"room_id": self.id, "room_session_id": self.session_id}

    def wire(self, members: Sequence[Member]) -> dict[str, Any]:
        """Return the room with its members as JSON."""
        return {
            **self.ids(),
            "event_channel": f"room.{self.session_id}",
            "name": self.name,
            "display_name": self.display_name or self.name,
            "layout_name": self.layout,
            "recording": False,
            "streaming": False,
            "prioritize_handraise": False,
            "hide_video_muted": False,
            "locked": self.locked,
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
        positions: for each target where it is to be, empty where that is not said with it.
    """

    method: str
    call_id: str
    targets: tuple[str, ...]
    fields: Fields
    positions: tuple[str, ...] = ()

    @classmethod
    def parse(cls, method: str, params: dict[str, Any]) -> CallRequest:
        """Read the parameters, or raise :class:`~sw_notebook.exceptions.FrameError`."""
        fields = Fields(params, method)
        named = [params["target"]] if "target" in fields else fields.list("targets", [])
        members, positions = [], []
        for target in named:
            # Newer SDKs wrap each target: {"target": {...}, "position": "auto"}.
            outer = Fields(target if isinstance(target, dict) else {"member_id": target}, method)
            inner = outer.fields("target") if "target" in outer else outer
            members.append(inner.short("member_id"))
            positions.append(outer.text("position", ""))
        self_call = fields.fields("self").short("call_id")
        return cls(method, self_call, tuple(members), fields, tuple(positions))


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


def call_joined(
    room: Room,
    member: Member,
    members: Sequence[Member],
    *,
    capabilities: Sequence[str] = CAPABILITIES,
    origin_call_id: str = "",
) -> Event:
    """Tell a client that it is in, who else is, and what it may do.

    Args:
        room: where.
        member: who the client is there.
        members: all who are there.
        capabilities: what it may do.
        origin_call_id: the call that this one belongs to, where it is a screen or a device.
    """
    return Event(
        "call.joined",
        {
            **room.ids(),
            "room_session": room.wire(members),
            "call_id": member.call_id,
            "origin_call_id": origin_call_id or member.call_id,
            "member_id": member.member_id,
            "node_id": member.node_id,
            "capabilities": list(capabilities),
        },
    )


def call_updated(room: Room, members: Sequence[Member]) -> Event:
    """Tell that the room itself has changed, as when it is locked."""
    return Event("call.updated", {**room.ids(), "room_session": room.wire(members)})


def member_event(
    what: MemberEvent,
    room: Room,
    member: Member,
    *,
    updated: Sequence[str] = (),
    reason: str = "left",
) -> Event:
    """Tell that a member came, changed or left.

    Args:
        what: happened.
        room: where.
        member: who, as it is now.
        updated: what has changed.
        reason: why it left.
    """
    wire = member.wire()
    if updated:
        wire["updated"] = list(updated)
    params: dict[str, Any] = {**room.ids(), "member": wire}
    if what == "left":
        params["reason"] = reason
    return Event(f"member.{what}", params)


def layout_changed(room: Room, layers: Sequence[Layer]) -> Event:
    """Tell where on the canvas each member is."""
    wire = [layer.wire(index) for index, layer in enumerate(layers)]
    layout = {"id": room.layout, "name": room.layout, "layers": wire}
    return Event("layout.changed", {**room.ids(), "layout": layout})
