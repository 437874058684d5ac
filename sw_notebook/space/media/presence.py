"""One member's media in a room, as the room's sound and picture know it."""

from __future__ import annotations

from dataclasses import dataclass

from sw_notebook.signaling.rooms import Member

__all__ = ["Presence"]


@dataclass(slots=True, eq=False)
class Presence:
    """A member as its room hears and shows it.

    Args:
        member: as the other members know it; what it says of mute, deaf and volumes holds.
        held: whether the member has put the call on hold, and so is neither heard nor seen.
        speaks: whether it sends sound.
        shows: whether it sends a picture.
    """

    member: Member
    held: bool = False
    speaks: bool = False
    shows: bool = False

    @property
    def family(self) -> str:
        """The member that it belongs to: itself, unless it is a screen or a device of another."""
        return self.member.parent_id or self.member.member_id

    @property
    def heard(self) -> bool:
        """Whether others are to hear it."""
        return self.speaks and not self.held and not self.member.audio_muted

    @property
    def seen(self) -> bool:
        """Whether others are to see its picture."""
        return self.shows and not self.held and not self.member.video_muted
