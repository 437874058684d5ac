"""How often something may happen."""

from __future__ import annotations

__all__ = ["Bucket"]


class Bucket:
    """Allows so many things in a second on average, and what was not used of five seconds at once.

    Args:
        rate: how many in a second.
        now: the time in seconds, by any clock that does not go back.

    >>> bucket = Bucket(1, now=0)
    >>> [bucket.take(0) for _ in range(6)], bucket.take(1)
    ([True, True, True, True, True, False], True)
    """

    BURST_SECONDS = 5

    def __init__(self, rate: float, now: float) -> None:
        self._rate = rate
        self._most = self._left = rate * self.BURST_SECONDS
        self._then = now

    def take(self, now: float) -> bool:
        """Whether one more is allowed."""
        self._left = min(self._most, self._left + (now - self._then) * self._rate)
        self._then = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
