"""Where RTP leaves a section of a call: counted, kept for a while, and impaired if asked for."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import struct
from collections.abc import Callable
from dataclasses import asdict

from aiortc import RTCRtpSender

from . import hooks
from .impairment import Counts, Impairment, Impairments
from .tally import Tally

__all__ = ["HISTORY", "Outlet"]

HISTORY = 100
"""How many packets can be sent again; the platform's media servers keep as many."""


class Outlet:
    """Sends the RTP packets of one sender, and answers when the other side misses some.

    The answer is the same packet once more, with its SSRC, payload type and sequence number, as
    the platform's media servers give it.

    Args:
        sender: whose packets; from now on they all pass here.
        clock: seconds that only go up; None takes the event loop's.
    """

    def __init__(self, sender: RTCRtpSender, clock: Callable[[], float] | None = None) -> None:
        self._kind = sender.kind
        self._clock = clock or asyncio.get_running_loop().time
        self._wire = hooks.Wire(sender.transport, self.send)
        hooks.on_nack(sender, self.resend)
        self._tally, self._counts, self._resent = Tally(), Counts(), 0
        self._history: dict[int, bytes] = {}
        self._impairment: Impairment[bytes] | None = None
        self._began = 0.0
        self._late = _Late(self._wire, self._clock)

    def impair(self, asked: Impairments | None) -> None:
        """Treat what is sent from now on like this; what is late already comes as it would have."""
        if self._impairment is not None:
            self._late.put([(0.0, packet) for _, packet in self._impairment.release()])
        self._impairment = None
        if asked is not None:
            self._impairment = Impairment(asked, self._kind, self._counts)
        self._began = self._clock()

    def describe(self) -> dict[str, int]:
        """Return how many packets and frames were sent, and what became of the packets."""
        return {**self._tally.describe(), "resent": self._resent, **asdict(self._counts)}

    async def send(self, packet: bytes) -> None:
        """Send a packet for the first time.

        Raises:
            ConnectionError: there is no connection.
        """
        sequence_number, timestamp = struct.unpack_from("!HL", packet, 2)
        self._history[sequence_number] = packet
        if len(self._history) > HISTORY:
            del self._history[next(iter(self._history))]
        self._tally.add(timestamp)
        await self._pass(packet, again=False)

    async def resend(self, sequence_number: int) -> None:
        """Send a packet again, if it is not too old, and nobody asked not to."""
        packet = self._history.get(sequence_number)
        deaf = self._impairment is not None and not self._impairment.asked.nack
        if packet is not None and not deaf:
            self._resent += 1
            self._tally.packets += 1
            with contextlib.suppress(ConnectionError):
                await self._pass(packet, again=True)

    async def close(self) -> None:
        """Send nothing more, not even what is late; safe to call twice."""
        await self._late.close()

    async def _pass(self, packet: bytes, *, again: bool) -> None:
        datagram = self._wire.protect(packet)
        if self._impairment is None:
            await self._wire.send(datagram)
            return
        now = self._clock() - self._began
        due = self._impairment.take(datagram, now, again=again)
        self._late.put([(late, copy) for late, copy in due if late])
        for late, copy in due:
            if not late:
                await self._wire.send(copy)


class _Late:
    """Datagrams that wait for their time."""

    def __init__(self, wire: hooks.Wire, clock: Callable[[], float]) -> None:
        self._wire = wire
        self._clock = clock
        self._waiting: list[tuple[float, int, bytes]] = []
        self._numbers = itertools.count()  # keeps those in order that are due at once
        self._earlier = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    def put(self, due: list[tuple[float, bytes]]) -> None:
        """Send these in so many seconds each."""
        if self._closed or not due:
            return
        now = self._clock()
        for late, datagram in due:
            heapq.heappush(self._waiting, (now + late, next(self._numbers), datagram))
        self._earlier.set()
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Forget all that waits."""
        self._closed = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        while self._waiting:
            self._earlier.clear()
            wait = self._waiting[0][0] - self._clock()
            if wait > 0:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._earlier.wait()
                continue
            _, _, datagram = heapq.heappop(self._waiting)
            try:
                await self._wire.send(datagram)
            except ConnectionError:
                self._waiting.clear()
        self._task = None
