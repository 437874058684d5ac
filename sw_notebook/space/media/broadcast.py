"""A live stream that is made once and watched by any number."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Literal

from .feed import Encoded, Feed, KeyframeGate, LateFeed

__all__ = ["Broadcast"]

logger = logging.getLogger("sw_notebook.space")


class Broadcast:
    """One stream for all who watch; it runs only while somebody does.

    Args:
        kind: what it carries.
        produce: makes the stream, frame by frame in its own time; it gets the gate that says
            when a keyframe is due.
        limit: how many frames may wait for one watcher before its queue is dropped.
    """

    def __init__(
        self,
        kind: Literal["audio", "video"],
        produce: Callable[[KeyframeGate], AsyncIterator[Encoded]],
        *,
        limit: int = 25,
    ) -> None:
        self.kind = kind
        self._produce = produce
        self._limit = limit
        self._gate = KeyframeGate()
        self._watchers: set[Feed] = set()
        self._task: asyncio.Task[None] | None = None

    def watch(self) -> Feed:
        """Return a feed for one more watcher, who counts from its first ``recv()`` on."""
        return Feed(
            self.kind,
            limit=self._limit,
            ask=self._gate.ask,
            join=self._joined,
            leave=self._left,
        )

    def watch_late(self, seconds: float) -> LateFeed:
        """Return such a feed that has no keyframe in its first seconds."""
        return LateFeed(
            self.kind,
            limit=self._limit,
            seconds=seconds,
            clock=asyncio.get_running_loop().time,
            ask=self._gate.ask,
            join=self._joined,
            leave=self._left,
        )

    @property
    def watchers(self) -> int:
        """How many watch."""
        return len(self._watchers)

    async def close(self) -> None:
        """End the stream for all; safe to call twice."""
        task = self._task
        for feed in list(self._watchers):
            feed.stop()
        if task is not None:
            await asyncio.wait([task])

    def _joined(self, feed: Feed) -> None:
        self._watchers.add(feed)
        self._gate.ask()
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    def _left(self, feed: Feed) -> None:
        self._watchers.discard(feed)
        if feed.dropped:
            logger.info("%s watcher left, %d frames dropped", self.kind, feed.dropped)
        if not self._watchers and self._task is not None:
            self._task.cancel()
            self._task = None

    async def _run(self) -> None:
        try:
            async for encoded in self._produce(self._gate):
                for feed in list(self._watchers):
                    feed.push(encoded)
        except Exception:
            logger.exception("the %s broadcast failed; its watchers see no more of it", self.kind)
