"""The media of a room, and the way of a member's call into it."""

from __future__ import annotations

from collections.abc import Callable

from aiortc import RTCRtpTransceiver
from aiortc.rtcrtpparameters import RTCRtpCodecParameters

from sw_notebook.signaling.rooms import Member

from .mixer import Mixer, Voice
from .presence import Presence
from .stage import Seat, Stage

__all__ = ["Attendance", "Hall"]


class Hall:
    """The sound and the picture of a room.

    Args:
        name: of the room.
        talking: called with a member's id when it begins to talk, and when it stops.
    """

    def __init__(self, name: str, talking: Callable[[str, bool], None]) -> None:
        self.stage = Stage(name)
        self.mixer = Mixer(name, lambda presence, talks: talking(presence.member.member_id, talks))

    def attend(self, member: Member) -> Attendance:
        """Let a member take part, as soon as its call has media."""
        return Attendance(self, Presence(member))

    async def close(self) -> None:
        """End both; safe to call twice."""
        await self.mixer.close()
        await self.stage.close()


class Attendance:
    """One member's way into a hall."""

    def __init__(self, hall: Hall, presence: Presence) -> None:
        self.presence = presence
        self._hall = hall

    def join(self, transceiver: RTCRtpTransceiver, codec: RTCRtpCodecParameters) -> Voice | Seat:
        """Take part with one section of a call, in this codec."""
        if transceiver.kind == "audio":
            return Voice(self._hall.mixer, self.presence)
        return Seat(self._hall.stage, self.presence, transceiver.receiver, codec.name.lower())
