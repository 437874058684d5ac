"""Numbers the packets of changing sources so that they are one stream to a listener."""

from __future__ import annotations

from collections.abc import Hashable

__all__ = ["Rewriter"]


class Rewriter:
    """Gives packets the sequence numbers and RTP time stamps of one stream.

    What its first source sends keeps its time stamps.  Those of the next one go on where that
    ended, moved by as much as it takes for time to pass as on the clock.  Sequence numbers go on
    without a gap where the source changes, and have all gaps that its own have.

    Args:
        clock_rate: ticks a second of the time stamps.
        first: the first sequence number.

    >>> rewriter = Rewriter(90_000, first=100)
    >>> rewriter.rewrite("ada", 7, 3000, now=0.0), rewriter.rewrite("ada", 9, 6000, now=0.03)
    ((100, 3000), (102, 6000))
    >>> rewriter.rewrite("bob", 50, 888_000, now=0.05)
    (103, 7800)
    """

    def __init__(self, clock_rate: int, first: int) -> None:
        self._clock_rate = clock_rate
        self._next = first
        self._source: Hashable = None
        self._first = 0  # of the source's own numbers
        self._start = 0  # of those that it was given
        self._highest = 0  # counted from both
        self._paused = True
        self._moved = 0
        self._last: tuple[int, float] | None = None

    def pause(self) -> None:
        """Leave out what comes until the next :meth:`rewrite`, without a gap."""
        self._paused = True

    def rewrite(
        self, source: Hashable, sequence: int, timestamp: int, now: float
    ) -> tuple[int, int] | None:
        """Return sequence number and time stamp for a packet.

        Args:
            source: whose it is.
            sequence: its sequence number.
            timestamp: its time stamp.
            now: seconds on a clock that only goes up.

        Returns:
            Nothing for a packet from before its source became the source: there is no number
            left for it.
        """
        if source != self._source:
            self._move(timestamp, now)
        if source != self._source or self._paused:
            self._source, self._paused = source, False
            self._first, self._start, self._highest = sequence, self._next, 0
        ahead = (sequence - self._first - self._highest + 0x8000) % 0x10000 - 0x8000
        position = self._highest + ahead
        if position < 0:
            return None
        moved = (timestamp + self._moved) % (1 << 32)
        if position >= self._highest:
            self._highest, self._last = position, (moved, now)
            self._next = self._start + position + 1
        return (self._start + position) % 0x10000, moved

    def _move(self, timestamp: int, now: float) -> None:
        if self._last is not None:
            before, then = self._last
            passed = max(1, round((now - then) * self._clock_rate))
            self._moved = before + passed - timestamp
