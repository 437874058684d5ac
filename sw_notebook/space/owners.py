"""Who needs the space: it ends when the last owner has gone for a while."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

__all__ = ["Owners"]

FIRST = 15.0
"""Seconds that the first owner may take to come."""


class Owners:
    """Counts owners, and says when there has been none for ``linger`` seconds.

    Args:
        linger: how long to stay after the last owner, in seconds; None means for ever.
    """

    def __init__(self, linger: float | None) -> None:
        self.count = 0
        self._linger = linger
        self._gone = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._wait(None if linger is None else max(linger, FIRST))

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Be an owner for as long as the block runs."""
        self.count += 1
        self._wait(None)
        try:
            yield
        finally:
            self.count -= 1
            if not self.count:
                self._wait(self._linger)

    @property
    def gone(self) -> bool:
        """Whether the last owner has gone for good."""
        return self._gone.is_set()

    async def wait_until_gone(self) -> None:
        """Return when the last owner has gone for good."""
        await self._gone.wait()

    def close(self) -> None:
        """Do not wait any longer; safe to call twice."""
        self._wait(None)
        self._gone.set()

    def _wait(self, seconds: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if seconds is not None:
            self._timer = asyncio.get_running_loop().call_later(seconds, self._gone.set)
