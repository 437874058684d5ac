"""Whether anybody wants a kind of media, so that nothing is decoded for nobody."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

__all__ = ["LINGER", "Wanted"]

LINGER = 10.0
"""Seconds for which somebody who looked once is believed to look again."""


class Wanted:
    """Counts those who want something, and tells when the first comes and the last has gone.

    Args:
        tell: called with each change; from any thread.

    >>> wanted = Wanted(print)
    >>> let_go = wanted.hold()
    True
    >>> let_go(); let_go()
    False
    """

    def __init__(self, tell: Callable[[bool], None]) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._count = 0
        self._told = False
        self._timer: threading.Timer | None = None

    @property
    def now(self) -> bool:
        """Whether somebody does."""
        return self._told

    def hold(self) -> Callable[[], None]:
        """Want it until what this returns is called; a second call of that does nothing."""
        with self._lock:
            self._count += 1
            self._look()
        once = threading.Lock()

        def let_go() -> None:
            if once.acquire(blocking=False):
                with self._lock:
                    self._count -= 1
                    self._look()

        return let_go

    def glance(self, seconds: float = LINGER) -> None:
        """Want it for some seconds."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            timer = self._timer = threading.Timer(seconds, self._over)
            timer.daemon = True
            timer.start()
            self._look()

    def _over(self) -> None:
        with self._lock:
            if threading.current_thread() is self._timer:
                self._timer = None
                self._look()

    def _look(self) -> None:
        wanted = self._count > 0 or self._timer is not None
        if wanted != self._told:
            self._told = wanted
            self._tell(wanted)

    def close(self) -> None:
        """End the time of a glance; safe to call twice."""
        with self._lock, contextlib.suppress(AttributeError):
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
