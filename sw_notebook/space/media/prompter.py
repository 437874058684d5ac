"""Asks for keyframes, and not too often."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

__all__ = ["Prompter"]


class Prompter:
    """Sends requests at most every ``interval`` seconds; what is asked for sooner is deferred.

    Unlike :class:`~.feed.KeyframeGate` it needs no frames to pass: a picture that stands still
    may have none until somebody asks for one.

    Args:
        request: sends one.
        interval: seconds between two.
    """

    def __init__(self, request: Callable[[], Awaitable[None]], interval: float = 0.25) -> None:
        self._request = request
        self._interval = interval
        self._asked = False
        self._closed = False
        self._task: asyncio.Task[None] | None = None

    def ask(self) -> None:
        """Have a request sent, now or soon; several are one."""
        self._asked = True
        if self._task is None and not self._closed:
            self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Send no more; safe to call twice."""
        self._closed = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        while self._asked:
            self._asked = False
            await self._request()
            await asyncio.sleep(self._interval)
        self._task = None
