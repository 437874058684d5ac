"""Guests of a space, of whom many fit into a process: they send a film, and decode nothing."""

from __future__ import annotations

import asyncio
import contextlib
import fractions
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

import av
from aiortc import MediaStreamTrack
from aiortc.rtp import RtpPacket

from sw_notebook import LoopbackSpace
from sw_notebook.space.media import hooks
from tests.space.meeting import meeting

from .film import RATE, SOUND_RATE, film, sound

__all__ = ["Guest", "guest"]

_CLOCKS = {"audio": 48_000, "video": 90_000}


class Played(MediaStreamTrack):
    """Coded frames, over and over, each in its time.

    Args:
        kind: audio or video.
        packets: the frames.
        rate: how many a second.
    """

    def __init__(self, kind: str, packets: Sequence[bytes], rate: int) -> None:
        super().__init__()
        self.kind = kind
        self._packets = packets
        self._rate = rate
        self._began = 0.0
        self._count = 0

    async def recv(self) -> av.Packet[Any]:
        """Return the next one."""
        now = time.monotonic()
        self._began = self._began or now
        await asyncio.sleep(max(0.0, self._began + self._count / self._rate - now))
        packet: av.Packet[Any] = av.Packet(self._packets[self._count % len(self._packets)])
        packet.pts, packet.time_base = self._count, fractions.Fraction(1, self._rate)
        self._count += 1
        return packet


class Guest:
    """What somebody has received: packets of sound, and pictures."""

    def __init__(self) -> None:
        self.packets = 0
        self._stamps: set[int] = set()

    @property
    def pictures(self) -> int:
        """How many."""
        return len(self._stamps)

    async def heard(self, _: RtpPacket) -> None:
        """Count a packet of sound."""
        self.packets += 1

    async def saw(self, packet: RtpPacket) -> None:
        """Count the picture that a packet is of."""
        self._stamps.add(packet.timestamp)


@contextlib.asynccontextmanager
async def guest(
    space: LoopbackSpace, name: str, destination: str, *, sends: bool
) -> AsyncIterator[Guest]:
    """Let somebody be in a call who receives sound and pictures.

    Args:
        space: where.
        name: who.
        destination: whom to call.
        sends: whether 360p at 30 frames a second and sound are sent, too.
    """
    media = (
        [Played("audio", sound(), SOUND_RATE), Played("video", film("vp8", 360), RATE)]
        if sends
        else []
    )
    async with meeting(space, name, *media, receive="" if sends else "audio video") as call:
        counts = Guest()
        for transceiver in call.connection.getTransceivers():
            take = counts.heard if transceiver.kind == "audio" else counts.saw
            hooks.tap(transceiver.receiver, _CLOCKS[transceiver.kind], take)
        await call.dial(destination)
        try:
            yield counts
        finally:
            await call.client.bye(call.call_id)
