"""A lock whose holder's writes are made after it is released, in their order."""

from __future__ import annotations

import collections
import contextlib
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

__all__ = ["Scribe"]


class Scribe:
    """Guards a record, and makes the writes that follow from it when nobody guards it.

    A write runs the user's observers, and an observer may wait for another thread or for another
    call; under a lock that would be a deadlock.  One thread writes at a time; what another adds
    meanwhile is written by the first, so the order is that of the record.

    Args:
        around: makes the context in which a row of writes is made.
    """

    def __init__(
        self,
        around: Callable[[], contextlib.AbstractContextManager[None]] = contextlib.nullcontext,
    ) -> None:
        self._around = around
        self._lock = threading.RLock()
        self._depth = 0
        self._writes: collections.deque[Callable[[], None]] = collections.deque()
        self._writing = threading.Lock()

    def __enter__(self) -> Self:
        self._lock.acquire()
        self._depth += 1
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._depth -= 1
        outermost = self._depth == 0
        self._lock.release()
        if outermost:
            self.write()

    def later(self, write: Callable[[], None]) -> None:
        """Make this write when the lock is released.  It must not raise."""
        self._writes.append(write)

    def write(self) -> None:
        """Make what is to be written, unless another thread, or this one, is at it."""
        # Looked at again after the release: what was added in between is nobody's otherwise.
        while self._writes and self._writing.acquire(blocking=False):
            try:
                with self._around():
                    while self._writes:
                        self._writes.popleft()()
            finally:
                self._writing.release()
