"""Returning what arrives, packet by packet, without decoding it."""

from __future__ import annotations

import asyncio
import fractions
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import av
from aiortc import RTCRtpReceiver
from aiortc.codecs import depayload
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtp import RtpPacket

from . import hooks
from .encoders import AUDIO_TIME_BASE, VIDEO_TIME_BASE
from .feed import Encoded, Feed, KeyframeGate

__all__ = ["Assembler", "Take", "is_keyframe", "return_audio", "return_video"]

Take = Callable[[RtpPacket], Awaitable[None]]
"""What is given each packet that arrives with the payload type that was agreed on."""

AUDIO_LIMIT, VIDEO_LIMIT = 10, 15
"""How many frames of an echo may wait for its sender: about 200 ms, and half a second."""


@dataclass(slots=True)
class Assembler:
    """Puts the packets of a video stream together to frames, in order, without waiting.

    A packet that is missing or late spoils its frame, which is then left out; ``broken`` says
    that what follows cannot be decoded until a keyframe comes.

    >>> assembler = Assembler()
    >>> assembler.add(1, 3000, False, b"a"), assembler.add(2, 3000, True, b"b")
    (None, b'ab')
    >>> assembler.add(4, 6000, True, b"d"), assembler.broken
    (None, True)
    """

    broken: bool = False
    _parts: list[bytes] = field(default_factory=list)
    _timestamp: int | None = None
    _next: int | None = None
    _spoilt: bool = False

    def add(self, sequence: int, timestamp: int, marker: bool, payload: bytes) -> bytes | None:
        """Take one packet; return a frame when this packet completes it."""
        gap = self._next is not None and sequence != self._next
        if gap and (sequence - (self._next or 0)) % 65536 > 32768:
            return None  # late: its frame was given up already
        self._next = (sequence + 1) % 65536
        if timestamp != self._timestamp:
            self._parts, self._timestamp, self._spoilt = [], timestamp, False
        if gap:
            self.broken = self._spoilt = True
        self._parts.append(payload)
        if not marker:
            return None
        frame, self._parts = b"".join(self._parts), []
        self._timestamp = None
        return None if self._spoilt else frame


def is_keyframe(codec: str, frame: bytes) -> bool:
    """Whether a frame (VP8, or H264 in Annex B) can be decoded alone."""
    if codec.lower() == "vp8":
        return bool(frame) and not frame[0] & 1
    starts = frame.split(b"\x00\x00\x01")[1:]
    return any(unit and unit[0] & 0x1F in (5, 7) for unit in starts)


def return_audio() -> tuple[Feed, Take]:
    """Return a feed of sound, and what takes the packets for it."""
    feed = Feed("audio", limit=AUDIO_LIMIT)

    async def take(packet: RtpPacket) -> None:
        if packet.payload:
            feed.push(Encoded(_packet(packet.payload, packet.timestamp, AUDIO_TIME_BASE), True))

    return feed, take


def return_video(
    receiver: RTCRtpReceiver,
    codec: RTCRtpCodecParameters,
    clock: Callable[[], float] | None = None,
) -> tuple[Feed, Take]:
    """Return a feed of the picture that ``receiver`` gets, and what takes the packets for it.

    A lost packet costs a keyframe.
    """
    gate = KeyframeGate()
    feed = Feed("video", limit=VIDEO_LIMIT, ask=gate.ask)
    assembler = Assembler()
    now = clock or asyncio.get_running_loop().time

    async def take(packet: RtpPacket) -> None:
        if not packet.payload:
            return
        try:
            payload = depayload(codec, packet.payload)
        except ValueError:
            return
        frame = assembler.add(
            packet.sequence_number, packet.timestamp, bool(packet.marker), payload
        )
        if frame is not None:
            key = is_keyframe(codec.name, frame)
            assembler.broken = assembler.broken and not key
            if not assembler.broken:
                feed.push(Encoded(_packet(frame, packet.timestamp, VIDEO_TIME_BASE), key))
        if assembler.broken:
            gate.ask()
        if gate.passes(now()):
            await hooks.request_keyframe(receiver, packet.ssrc)

    return feed, take


def _packet(data: bytes, timestamp: int, time_base: fractions.Fraction) -> av.Packet[Any]:
    packet: av.Packet[Any] = av.Packet(data)
    packet.pts, packet.time_base = timestamp, time_base
    return packet
