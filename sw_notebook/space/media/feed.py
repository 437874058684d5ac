"""One listener's queue of encoded media, and the rule for asking a source for a keyframe."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import av
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

__all__ = ["Encoded", "Feed", "KeyframeGate", "LateFeed"]


@dataclass(frozen=True, slots=True)
class Encoded:
    """One encoded frame; ``key`` says that it can be decoded without those before it."""

    packet: av.Packet[Any]
    key: bool


class Feed(MediaStreamTrack):
    """A track that hands encoded frames to one listener.

    It holds at most ``limit`` frames.  When one more comes, all that wait are thrown away and
    so is what follows, up to the next frame that can be decoded alone, which is asked for;
    :attr:`dropped` counts them.  A new feed begins with such a frame, too.

    Args:
        kind: what it carries.
        limit: how many frames may wait.
        ask: called when a keyframe is needed.
        join: called once, when the listener is there; nothing needs to be pushed before.
        leave: called once, when the listener has gone.
    """

    def __init__(
        self,
        kind: Literal["audio", "video"],
        *,
        limit: int,
        ask: Callable[[], None] = lambda: None,
        join: Callable[[Feed], None] | None = None,
        leave: Callable[[Feed], None] | None = None,
    ) -> None:
        super().__init__()
        self.kind = kind
        self.held = False
        self.dropped = 0
        self._limit = limit
        self._queue: asyncio.Queue[av.Packet[Any]] = asyncio.Queue()
        self._needs_key = True
        self._ask = ask
        self._join = join
        self._leave = leave

    def push(self, encoded: Encoded) -> None:
        """Offer a frame to the listener; it is taken or dropped at once."""
        if self.held:
            self._needs_key = True
            return
        if self._queue.qsize() >= self._limit:
            self._drop_waiting()
        if self._needs_key and not encoded.key:
            self.dropped += 1
            self.ask_for_keyframe()
            return
        self._needs_key = False
        self._queue.put_nowait(encoded.packet)

    def ask_for_keyframe(self) -> None:
        """Pass on that the listener cannot go on without a keyframe."""
        self._ask()

    async def recv(self) -> av.Packet[Any]:
        """Return the next frame, when there is one; called by aiortc's sender."""
        if self.readyState != "live":
            raise MediaStreamError
        if self._join is not None:
            join, self._join = self._join, None
            join(self)
        return await self._queue.get()

    def stop(self) -> None:
        """End the feed; safe to call twice."""
        if self.readyState == "live":
            super().stop()
            if self._leave is not None:
                self._leave(self)

    def _drop_waiting(self) -> None:
        while not self._queue.empty():
            self._queue.get_nowait()
            self.dropped += 1
        self._needs_key = True


class LateFeed(Feed):
    """A feed that begins with frames that cannot be decoded, as the platform's may.

    Keyframes are left out until ``seconds`` after the listener has joined.  Then one is asked
    for, whether or not the listener has asked before.

    Args:
        kind: what it carries.
        limit: how many frames may wait.
        seconds: how long there is no keyframe.
        clock: seconds that only go up.
        ask: called when a keyframe is needed.
        join: called once, when the listener is there.
        leave: called once, when the listener has gone.
    """

    def __init__(
        self,
        kind: Literal["audio", "video"],
        *,
        limit: int,
        seconds: float,
        clock: Callable[[], float],
        ask: Callable[[], None] = lambda: None,
        join: Callable[[Feed], None] | None = None,
        leave: Callable[[Feed], None] | None = None,
    ) -> None:
        super().__init__(kind, limit=limit, ask=ask, join=join, leave=leave)
        self._seconds = seconds
        self._clock = clock
        self._until = math.inf
        self._late = True

    async def recv(self) -> av.Packet[Any]:
        """Return the next frame, when there is one; called by aiortc's sender."""
        if self._until == math.inf:
            self._until = self._clock() + self._seconds
        return await super().recv()

    def push(self, encoded: Encoded) -> None:
        """Offer a frame to the listener; it is taken or dropped at once."""
        if self._late:
            self._late = self._clock() < self._until
            self._needs_key = False
            if not self._late:
                self.ask_for_keyframe()
            elif encoded.key:
                return
        super().push(encoded)

    def ask_for_keyframe(self) -> None:
        """Pass on that the listener cannot go on without a keyframe, when it may have one."""
        if not self._late:
            super().ask_for_keyframe()


class KeyframeGate:
    """Lets keyframes pass at most every ``interval`` seconds; what comes sooner is deferred.

    The platform's media servers do the same, with the same interval.

    >>> gate = KeyframeGate()
    >>> gate.ask()
    >>> gate.passes(10.0), gate.passes(10.1)
    (True, False)
    >>> gate.ask()
    >>> gate.passes(10.2), gate.passes(10.3)
    (False, True)
    """

    def __init__(self, interval: float = 0.25) -> None:
        self._interval = interval
        self._asked = False
        self._last = float("-inf")

    def ask(self) -> None:
        """Ask for a keyframe."""
        self._asked = True

    def passes(self, now: float) -> bool:
        """Whether a keyframe was asked for and may be made ``now`` (seconds, monotonic)."""
        if not self._asked or now - self._last < self._interval:
            return False
        self._asked, self._last = False, now
        return True
