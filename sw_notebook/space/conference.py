"""One room while somebody is in it: its members, and what each of them is told."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sw_notebook.signaling import rooms
from sw_notebook.signaling.fabric import Event
from sw_notebook.signaling.layouts import AUTO, Layer, arrange
from sw_notebook.signaling.rooms import Member, Room

from .media.hall import Hall

if TYPE_CHECKING:
    from .legs import Leg

__all__ = ["Conference"]


class Conference:
    """The members of a room, from the first one that calls to the last one that leaves.

    What has no room is called in one of the call's own, in which the caller is alone.

    Args:
        name: the room's.
        display_name: for people.
        shared: whether others can come, who hear and see one another.
        empty: called with this when the last one has left.
    """

    def __init__(
        self,
        name: str,
        display_name: str = "",
        *,
        shared: bool = False,
        empty: Callable[[Conference], None] = lambda _: None,
    ) -> None:
        self.room = Room(str(uuid.uuid4()), str(uuid.uuid4()), name, display_name=display_name)
        self.hall = Hall(name, self._talking) if shared else None
        self._empty = empty
        self._expected: list[Leg] = []
        self._legs: list[Leg] = []
        self._positions: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._expected) + len(self._legs)

    @property
    def legs(self) -> list[Leg]:
        """The calls of all who have joined."""
        return list(self._legs)

    @property
    def members(self) -> list[Member]:
        """All who have joined, the first one first."""
        return [leg.member for leg in self._legs]

    def find(self, member_id: str) -> Leg | None:
        """Return the call of a member, if it has joined."""
        return next((leg for leg in self._legs if leg.member.member_id == member_id), None)

    def children(self, leg: Leg) -> list[Leg]:
        """Return the calls that bring screens and devices of a member."""
        mine = leg.member.member_id
        return [one for one in (*self._expected, *self._legs) if one.member.parent_id == mine]

    def describe(self) -> dict[str, Any]:
        """Return what there is to say about the room, for people and tests."""
        return {
            "name": self.room.name,
            "members": [member.name for member in self.members],
            "locked": self.room.locked,
            "layout": self.room.layout,
            "watchers": self.hall.stage.watchers if self.hall is not None else 0,
        }

    # ------------------------------------------------------------------ coming and going

    def expect(self, leg: Leg) -> None:
        """Keep a place for a call that is not answered yet."""
        self._expected.append(leg)
        if self.hall is not None:
            leg.attendance = self.hall.attend(leg.member)

    def join(self, leg: Leg) -> None:
        """Let a call in, and tell everybody."""
        self._expected.remove(leg)
        self._legs.append(leg)
        leg.member = self._seen(leg)
        leg.session.send(
            rooms.call_joined(
                self.room,
                leg.member,
                self.members,
                capabilities=(rooms.CAPABILITIES if self.hall is None else rooms.ROOM_CAPABILITIES),
                origin_call_id=leg.parent.call_id if leg.parent is not None else "",
            )
        )
        self._tell(rooms.member_event("joined", self.room, leg.member), but=leg)
        self._arrange()

    def leave(self, leg: Leg, reason: str = "left") -> None:
        """Let a call go, and tell those who stay; safe where it was not there."""
        if leg in self._expected:
            self._expected.remove(leg)
        elif leg in self._legs:
            self._legs.remove(leg)
            self._positions.pop(leg.member.member_id, None)
            self._tell(rooms.member_event("left", self.room, leg.member, reason=reason))
            self._arrange()
        else:
            return
        if not len(self):
            self._empty(self)

    # ------------------------------------------------------------------ changes

    def change(self, leg: Leg, values: dict[str, Any]) -> None:
        """Let what a member is be this, and tell everybody."""
        leg.member = replace(leg.member, **values)
        self._apply(leg)
        if leg.line is not None:
            leg.line.heed(leg.member)
        self._tell(rooms.member_event("updated", self.room, leg.member, updated=list(values)))
        self._paint(self._layers())

    def refresh(self, leg: Leg) -> None:
        """Look again what a member sends, after its media has changed."""
        member = self._seen(leg)
        if leg in self._legs and member != leg.member:
            self.change(leg, {"visible": member.visible})
            self._arrange()

    def lock(self, locked: bool) -> None:
        """Let nobody in any more, or everybody again, and tell so."""
        self.room = replace(self.room, locked=locked)
        self._tell(rooms.call_updated(self.room, self.members))

    def lay_out(self, positions: dict[str, str], layout: str | None = None) -> None:
        """Put members to these positions, perhaps in another layout, and tell everybody."""
        if layout is not None:
            self.room = replace(self.room, layout=layout)
        self._positions |= positions
        for member_id in [one for one, where in self._positions.items() if where == AUTO]:
            del self._positions[member_id]
        self._arrange()

    # ------------------------------------------------------------------ the rest

    def _seen(self, leg: Leg) -> Member:
        """Return a member with what the canvas has of it: who only receives is not there."""
        if leg.attendance is None:
            return leg.member
        presence = leg.attendance.presence
        return replace(leg.member, visible=presence.speaks or presence.shows)

    def _apply(self, leg: Leg) -> None:
        if leg.attendance is not None:
            leg.attendance.presence.member = leg.member

    def _talking(self, member_id: str, talks: bool) -> None:
        leg = self.find(member_id)
        if leg is None:
            return
        leg.member = replace(leg.member, talking=talks)
        self._apply(leg)
        self._tell(rooms.member_event("talking", self.room, leg.member))

    def _layers(self) -> list[Layer]:
        # What somebody shows on purpose comes first.
        members = sorted(self.members, key=lambda member: member.type != "screen")
        off = {member.member_id: "off-canvas" for member in members if not member.visible}
        order = [member.member_id for member in members]
        return arrange(self.room.layout, order, {**self._positions, **off})

    def _arrange(self) -> None:
        layers = self._layers()
        self._paint(layers)
        self._tell(rooms.layout_changed(self.room, layers))

    def _paint(self, layers: list[Layer]) -> None:
        if self.hall is not None:
            captions = {member.member_id: _caption(member) for member in self.members}
            self.hall.stage.show(layers, captions)

    def _tell(self, event: Event, *, but: Leg | None = None) -> None:
        """Send an event to all clients, once to each: the SDK gives it to all calls in the room."""
        for session in dict.fromkeys(leg.session for leg in self._legs if leg is not but):
            session.send(event)


def _caption(member: Member) -> str:
    words = [member.name]
    if member.audio_muted:
        words.append("muted")
    if member.handraised:
        words.append("hand raised")
    return " · ".join(words)
