"""When to ask for lost packets again, and when for a keyframe instead."""

from __future__ import annotations

__all__ = ["Keyframes", "RoundTrip"]

FIRST_GUESS = 0.1
"""Seconds that an answer is believed to take before the first has come."""

RETRY_LEAST, RETRY_MOST = 0.02, 0.15
GIVE_UP_LEAST, GIVE_UP_MOST = 0.2, 0.28
"""FreeSWITCH keeps what it sent for about 0.3 s (100 packets at 3 Mbit/s)."""


class RoundTrip:
    """How long the other side takes to answer a request for a packet, smoothed.

    >>> trip = RoundTrip()
    >>> trip.measured(0.04)
    >>> round(trip.give_up, 2)
    0.2

    Source: RFC 6298, section 2, for the smoothing.
    """

    __slots__ = ("_smooth", "_spread", "give_up", "retry")

    def __init__(self) -> None:
        self._smooth: float | None = None
        self._spread = 0.0
        self.retry = FIRST_GUESS
        """Seconds until one asks again."""
        self.give_up = GIVE_UP_MOST
        """Seconds after which one does not wait any longer."""

    @property
    def seconds(self) -> float | None:
        """The time itself, None before the first answer."""
        return self._smooth

    def measured(self, seconds: float) -> None:
        """Learn from a packet that came after it was asked for once."""
        if self._smooth is None:
            self._smooth, self._spread = seconds, seconds / 2
        else:
            self._spread += (abs(seconds - self._smooth) - self._spread) / 4
            self._smooth += (seconds - self._smooth) / 8
        self.give_up = min(max(2.5 * self._smooth, GIVE_UP_LEAST), GIVE_UP_MOST)
        # The second request shall have its time, too.
        most = min(RETRY_MOST, self.give_up / 2)
        self.retry = min(max(self._smooth + 4 * self._spread, RETRY_LEAST), most)


REPEAT = 1.0
"""Seconds until an unanswered request is made again: each one costs a whole room five keyframes."""

APART = 0.25
"""Seconds between two requests, where the first was answered; a server makes no more of them."""


class Keyframes:
    """Whether a keyframe is needed, and whether it may be asked for now.

    >>> keyframes = Keyframes()
    >>> keyframes.need()
    >>> keyframes.due(10.0), keyframes.due(10.5), keyframes.due(11.0)
    (True, False, True)
    >>> keyframes.came()
    >>> keyframes.due(20.0)
    False
    """

    __slots__ = ("_answered", "_asked", "_wished", "asked", "needed")

    def __init__(self) -> None:
        self.needed = False
        self._wished = False
        self.asked = 0
        """How often one was asked for."""
        self._asked = float("-inf")
        self._answered = False

    def need(self) -> None:
        """Say that nothing can be decoded without one."""
        self.needed = True

    def wish(self) -> None:
        """Say that one would be welcome, though all can be decoded."""
        self._wished = True

    def came(self) -> None:
        """Say that one is there."""
        self.needed = self._wished = False
        self._answered = True

    def due(self, now: float) -> bool:
        """Whether to ask; the answer True counts as having asked."""
        if not (self.needed or self._wished) or now - self._asked < (
            APART if self._answered else REPEAT
        ):
            return False
        self._asked, self._answered = now, False
        self.asked += 1
        return True
