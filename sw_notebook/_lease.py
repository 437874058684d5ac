"""Whether the page that owns a call is still there: a browser that crashes says no goodbye."""

from __future__ import annotations

import threading
from collections.abc import Callable

from ._attempt import Attempt
from ._kernel import counts_only_heard_time, timer

__all__ = ["Lease"]

PING_SECONDS = 10.0
"""How often the page of a call is asked whether it is there."""

MISSES = 3
"""So many questions without an answer, and the page is taken for gone."""


class Lease:
    """Asks the page of one attempt after another, until the attempt is over.

    Args:
        lock: held while anything is decided.
        ask: sends the question to the page of this attempt.
        lost: called, with the lock held, once the page is taken for gone.
    """

    def __init__(
        self, lock: threading.RLock, ask: Callable[[Attempt], None], lost: Callable[[Attempt], None]
    ) -> None:
        self._lock = lock
        self._ask = ask
        self._lost = lost
        self._misses = 0
        self._heard_in_time = False

    def start(self, attempt: Attempt) -> None:
        """Begin to ask the page that took this attempt."""
        self._misses = 0
        timer(PING_SECONDS, lambda: self._tick(attempt))

    def heard(self) -> None:
        """Note that a page spoke, and whether it can be heard while a cell runs."""
        self._misses = 0
        beside = threading.current_thread() is not threading.main_thread()
        self._heard_in_time = beside or counts_only_heard_time()

    def _tick(self, attempt: Attempt) -> None:
        with self._lock:
            if attempt.over:
                return
            if self._misses >= MISSES:
                self._lost(attempt)
                return
            # Where messages wait for the end of a cell, and the timer does not wait with them,
            # silence says nothing about the page: in marimo.
            if self._heard_in_time:
                self._misses += 1
            self._ask(attempt)
        timer(PING_SECONDS, lambda: self._tick(attempt))
