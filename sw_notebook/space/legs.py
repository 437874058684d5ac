"""One call as the space holds it."""

from __future__ import annotations

import asyncio
import time
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from sw_notebook.signaling import rooms
from sw_notebook.signaling.fabric import Event
from sw_notebook.signaling.rooms import CallState, Member

from .conference import Conference
from .media.hall import Attendance
from .media.line import Line
from .media.phone import Phone
from .resources import Resource
from .sessions import Session

if TYPE_CHECKING:
    from .bridge import Bridge

__all__ = ["Leg"]


class Leg:
    """A call from one client to one resource.

    Args:
        call_id: the id that the client gave the call.
        session: the client's.
        resource: what was called.
        node_id: the id of the space as a media node.
        conference: where it takes place.
        parent: the call whose screen or device this one brings.
        type: what it brings.
    """

    def __init__(
        self,
        call_id: str,
        session: Session,
        resource: Resource,
        node_id: str,
        conference: Conference,
        parent: Leg | None = None,
        type: Literal["member", "screen", "device"] = "member",
    ) -> None:
        self.call_id = call_id
        self.session = session
        self.resource = resource
        self.node_id = node_id
        self.state: CallState = "created"
        self.created = self.since = time.time()
        """When it began, and since when it goes where it goes; it may be handed over."""
        self.digits = ""
        self.held = False
        self.conference = conference
        self.parent = parent
        self.attendance: Attendance | None = None
        room, name = conference.room, session.claims.reference
        self.member: Member = Member(
            member_id=str(uuid.uuid4()),
            call_id=call_id,
            node_id=node_id,
            room_id=room.id,
            room_session_id=room.session_id,
            name=name if parent is None else f"{name} ({type})",
            subscriber_id=session.claims.subscriber_id,
            address_id=resource.id,
            type=type,
            parent_id=parent.member.member_id if parent is not None else None,
        )
        self.line: Line | None = None
        self.bridge: Bridge | None = None
        self.phone: Phone | None = None
        self.answering: asyncio.Task[None] | None = None
        self.media_timer: asyncio.TimerHandle | None = None
        self.fate: asyncio.TimerHandle | None = None
        self.before: Leg | None = None
        """The same call before its client took it up again, until this one is in its place."""
        self.pings = False
        """Whether its client says that it answers pings."""
        self.asked_by: object = None
        """The socket by which it was asked whether it is there, and has not been answered since."""
        self._segment = str(uuid.uuid4())

    def enter(self, state: CallState) -> Event:
        """Go on to another state, and return the event that tells it."""
        self.state = state
        return rooms.call_state(
            call_id=self.call_id,
            node_id=self.node_id,
            segment_id=self._segment,
            state=state,
            room=self.conference.room,
            created=self.created,
        )

    def move(self, conference: Conference) -> None:
        """Take place elsewhere from now on, as the same member, who is expected there."""
        self.conference.leave(self)
        self.conference, room = conference, conference.room
        self.member = replace(self.member, room_id=room.id, room_session_id=room.session_id)
        conference.expect(self)

    def ring(self) -> None:
        """Tell the client that the far side rings; not where it was put through already."""
        if self.state == "created":
            self.session.send(self.enter("ringing"))

    def describe(self) -> dict[str, Any]:
        """Return what there is to say about the call, for people and tests."""
        line = self.line
        impairments = line.impairments if line is not None else None
        return {
            "call_id": self.call_id,
            "destination": self.resource.name,
            "member": self.member.name,
            "member_id": self.member.member_id,
            "type": self.member.type,
            "room": self.conference.room.name if self.resource.room is not None else None,
            "state": self.state,
            "media": line.state if line is not None else "new",
            "directions": dict(line.directions) if line is not None else {},
            "seconds": round(time.time() - self.created, 3),
            "audio_muted": self.member.audio_muted,
            "video_muted": self.member.video_muted,
            "held": self.held,
            "interrupted": line is not None and line.interrupted,
            "impaired": impairments.dump() if impairments is not None else None,
            "received": line.received if line is not None else {},
            "sent": line.sent if line is not None else {},
            "digits": self.digits,
            "frames_dropped": line.dropped if line is not None else 0,
            "connected": self.session.connected,
        }
