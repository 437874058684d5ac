"""Who sends a stream: which packets are theirs, what time it is there, and how to ask them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from typing import Any

from aiortc import RTCRtpReceiver

from sw_notebook.rtp.clock import CallClock, StreamClock
from sw_notebook.rtp.packets import Packet

from . import hooks
from .arrivals import Arrivals

__all__ = ["Source"]

RECENT = 1.0
"""Seconds that a bitrate is of at least; at most twice as many."""

SILENT = 0.3
"""Seconds without a packet after which another sender may take the place of the one before."""


class Source:
    """The sender of one section, by its SSRC; :meth:`accepts` comes first for each packet.

    All but the constructor is for the thread that pumps.

    Args:
        receiver: aiortc's side of the section.
        clock_rate: ticks a second of its time stamps.
        calls_clock: of all sections of the call.
        loop: aiortc's.
    """

    def __init__(
        self,
        receiver: RTCRtpReceiver,
        clock_rate: int,
        calls_clock: CallClock,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.ssrc: int | None = None
        self.changed = False
        """Whether the packet that was accepted last is the first of another sender."""
        self.foreign = 0
        """Packets of others."""
        self.last = float("-inf")
        """When the last packet came, or what aiortc has made of some."""
        self.bytes = 0
        # When there were how many bytes, a while ago and lately: two marks, as packets are many.
        self._before = self._lately = (0.0, 0)
        self._next_mark = float("-inf")
        self._receiver = receiver
        self._clock_rate = clock_rate
        self._loop = loop
        # Wall clock and the other one, read together: both go on evenly.
        self._offset = time.time() - time.monotonic()
        self._statistics = Arrivals(clock_rate)
        self._clock = StreamClock(clock_rate)
        self._calls_clock = calls_clock

    def accepts(self, packet: Packet, now: float) -> bool:
        """Whether a packet is the sender's; who is silent loses the place to the next one."""
        self.changed = False
        if packet.ssrc != self.ssrc:
            if self.ssrc is not None and now - self.last < SILENT:
                self.foreign += 1
                return False
            self.changed = self.ssrc is not None
            self.ssrc = packet.ssrc
            self._statistics = Arrivals(self._clock_rate)
            self._clock.reset()
            self._post(hooks.report_on, self._receiver, packet.ssrc, self._statistics)
        self.last = now
        self.bytes += len(packet.payload)
        if now >= self._next_mark:
            self._mark(now)
        self._statistics.arrived(packet, now)
        return True

    def _mark(self, now: float) -> None:
        mark = (now, self.bytes)
        gone_on = now - self._next_mark < RECENT  # a pause is not averaged with what is after it
        self._before = self._lately if gone_on else mark
        self._lately = mark
        self._next_mark = now + RECENT

    def bitrate(self, now: float) -> int | None:
        """Return how many bits a second came lately; None before that can be known.

        It is measured up to the last packet, as those after it may lie unread; who sends nothing
        for as long as it is measured has none.
        """
        began, before = self._before
        if not self.bytes or self.last <= began:
            return None
        if now - self.last > 2 * RECENT:
            return 0
        return round((self.bytes - before) * 8 / (self.last - began))

    def stats(self) -> dict[str, Any]:
        """Return what there is to count, as plain data; from any thread."""
        statistics = self._statistics
        begun = statistics.max_seq is not None
        return {
            "received": statistics.packets_received,
            "missing": statistics.packets_lost if begun else 0,
            "jitter_ms": statistics.jitter / self._clock_rate * 1000,
            "bytes": self.bytes,
            "bitrate": self.bitrate(time.monotonic()),
            "foreign": self.foreign,
            "age": time.monotonic() - self.last if begun else None,
        }

    def reported(self, ssrc: int, ntp: float, timestamp: int) -> None:
        """Learn that the sender's wall clock was at ``ntp`` when its media was at this."""
        if ssrc == self.ssrc:
            self._clock.report(ntp, timestamp)

    def unix(self, timestamp: int, arrival: float) -> float:
        """Return the Unix time of what has this time stamp and came at ``arrival``."""
        return self._calls_clock.time(self._clock, timestamp, arrival + self._offset)

    def ask_again(self, lost: Sequence[int]) -> None:
        """Ask for packets."""
        if self.ssrc is not None:
            self._post(hooks.ask_again, self._receiver, self.ssrc, lost)

    def ask_for_keyframe(self) -> None:
        """Ask for a keyframe."""
        if self.ssrc is not None:
            self._post(hooks.ask_for_keyframe, self._receiver, self.ssrc)

    def _post(self, call: Callable[..., object], *values: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has closed
            self._loop.call_soon_threadsafe(call, *values)
