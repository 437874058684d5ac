"""Whether anybody wants a kind of media, so that nothing is decoded for nobody."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

__all__ = ["LINGER", "Wanted"]

LINGER = 10.0
"""Seconds for which somebody who looked once is believed to look again."""


class Wanted:
    """Counts those who want something, and tells when the first comes and the last has gone.

    Args:
        tell: called with each change; from any thread, even in the middle of a garbage collection:
            it must not wait nor raise.

    >>> wanted = Wanted(print)
    >>> let_go = wanted.hold()
    True
    >>> let_go(); let_go()
    False
    """

    def __init__(self, tell: Callable[[bool], object]) -> None:
        self._tell = tell
        # Whoever wants no more may say so from the garbage collector, in the middle of this.
        self._lock = threading.RLock()
        self._holders: set[object] = set()
        self._told = False
        self._timer: threading.Timer | None = None
        self._until = self._fires = 0.0

    @property
    def now(self) -> bool:
        """Whether somebody does."""
        return self._told

    def hold(self) -> Callable[[], None]:
        """Want it until what this returns is called; a second call of that does nothing."""
        holder = object()
        with self._lock:
            self._holders.add(holder)
            self._look()

        def let_go() -> None:
            with self._lock:
                self._holders.discard(holder)
                self._look()

        return let_go

    def glance(self, seconds: float = LINGER) -> None:
        """Want it for some seconds from now on."""
        with self._lock:
            self._until = time.monotonic() + seconds
            # One that fires too early looks again, as not each look shall make a thread.
            if self._timer is None or self._until < self._fires:
                self._start(seconds)
            self._look()

    def _start(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        timer = self._timer = threading.Timer(seconds, self._over)
        self._fires = time.monotonic() + seconds
        timer.daemon = True
        timer.start()

    def _over(self) -> None:
        with self._lock:
            if threading.current_thread() is not self._timer:
                return
            left = self._until - time.monotonic()
            self._timer = None
            if left > 0:
                self._start(left)
            self._look()

    def _look(self) -> None:
        wanted = bool(self._holders) or self._timer is not None
        if wanted != self._told:
            self._told = wanted
            self._tell(wanted)

    def close(self) -> None:
        """End the time of a glance; safe to call twice."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
