"""What the projector has sent, and when, in memory that it shares with whoever measures."""

from __future__ import annotations

import mmap
import os

__all__ = ["Ledger"]

_SLOTS = 1 << 16
_HEAD = 16


class Ledger:
    """Frames by their number, counted from 0 in the order in which they were due.

    Args:
        fd: a file for it; it is made as large as needed.
    """

    def __init__(self, fd: int) -> None:
        size = 8 * (_HEAD + 2 * _SLOTS)
        os.ftruncate(fd, size)
        self._words = memoryview(mmap.mmap(fd, size)).cast("q")

    # --- the projector --------------------------------------------------------------------

    def due(self, number: int, picture: int) -> None:
        """Note which picture of the film a frame shows."""
        self._words[_HEAD + 2 * (number % _SLOTS) + 1] = picture

    def sent(self, number: int, nanoseconds: int) -> None:
        """Note when a frame's last packet was sent, by the monotonic clock."""
        self._words[_HEAD + 2 * (number % _SLOTS)] = nanoseconds
        self._words[0] = number + 1

    def sounded(self, count: int) -> None:
        """Note how many packets of sound were sent."""
        self._words[1] = count

    # --- who measures ---------------------------------------------------------------------

    @property
    def frames(self) -> int:
        """How many frames were sent."""
        return self._words[0]

    @property
    def sounds(self) -> int:
        """How many packets of sound were sent."""
        return self._words[1]

    def when(self, number: int) -> float:
        """Return when a frame was sent, in seconds of ``time.monotonic()``."""
        return self._words[_HEAD + 2 * (number % _SLOTS)] / 1e9

    def picture(self, number: int) -> int:
        """Return which picture of the film a frame shows."""
        return self._words[_HEAD + 2 * (number % _SLOTS) + 1]

    def number(self, picture: int, moment: float) -> int:
        """Return which frame it is that shows this picture and was there at this moment.

        Raises:
            LookupError: none was sent before it.
        """
        for number in range(self.frames - 1, -1, -1):
            if self.picture(number) == picture and self.when(number) <= moment:
                return number
        raise LookupError(f"picture {picture} was not sent before {moment}")
