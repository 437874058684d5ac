"""Counting the packets of a stream, and the frames that they belong to."""

from __future__ import annotations

from collections import deque

__all__ = ["Tally"]

RECENT = 256
"""How many frames back a packet may be late, or come again, and still be known."""


class Tally:
    """How many packets of a stream passed, and how many frames: distinct RTP time stamps.

    >>> tally = Tally()
    >>> for timestamp in (0, 0, 3000, 0, 6000):
    ...     tally.add(timestamp)
    >>> tally.packets, tally.frames
    (5, 3)
    """

    def __init__(self) -> None:
        self.packets = 0
        self.frames = 0
        self._recent: deque[int] = deque(maxlen=RECENT)

    def add(self, timestamp: int) -> None:
        """Count a packet with this time stamp."""
        self.packets += 1
        # Nearly always it is that of the packet before.
        if self._recent and self._recent[-1] == timestamp:
            return
        if timestamp not in self._recent:
            self.frames += 1
            self._recent.append(timestamp)

    def describe(self) -> dict[str, int]:
        """Return both numbers by their names."""
        return {"packets": self.packets, "frames": self.frames}
