"""What a test's own client sees of RTP, packet by packet."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiortc import RTCRtpReceiver, RTCRtpSender
from aiortc.rtp import RtpPacket, is_rtcp

from .client import Caller


@dataclass(frozen=True, slots=True)
class Datagram:
    """One SRTP packet, whose header anybody can read."""

    data: bytes

    @property
    def sequence(self) -> int:
        """Its sequence number."""
        return int.from_bytes(self.data[2:4], "big")

    @property
    def timestamp(self) -> int:
        """Its RTP time stamp."""
        return int.from_bytes(self.data[4:8], "big")

    @property
    def ssrc(self) -> int:
        """Whose it is."""
        return int(struct.unpack_from("!L", self.data, 8)[0])


class Log:
    """A list that can be waited for."""

    def __init__(self) -> None:
        self._more = asyncio.Event()

    def tell(self) -> None:
        """Wake whoever waits."""
        self._more.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until it holds."""
        while not condition():
            self._more.clear()
            await self._more.wait()


class Wire(Log):
    """Records the datagrams that a section of a call gets, before SRTP throws any away."""

    def __init__(self, receiver: RTCRtpReceiver) -> None:
        super().__init__()
        self.media: list[Datagram] = []
        self.reports = 0
        transport = receiver.transport.transport
        before = transport._recv

        async def recv() -> bytes:
            data: bytes = await before()
            if 127 < data[0] < 192 and is_rtcp(data):
                self.reports += 1
            elif 127 < data[0] < 192:
                self.media.append(Datagram(data))
            self.tell()
            return data

        transport._recv = recv

    async def more(self, count: int) -> list[Datagram]:
        """Return the next packets of media, waiting for them."""
        start = len(self.media)
        await self.until(lambda: len(self.media) >= start + count)
        return self.media[start : start + count]


class Packets(Log):
    """Records RTP packets in the clear; ``drop`` says which are not to go on."""

    def __init__(self) -> None:
        super().__init__()
        self.all: list[RtpPacket] = []
        self.drop: Callable[[RtpPacket], bool] = lambda _: False

    def add(self, packet: RtpPacket) -> None:
        """Take one more."""
        self.all.append(packet)
        self.tell()

    async def count(self, number: int) -> list[RtpPacket]:
        """Return so many, waiting for them."""
        await self.until(lambda: len(self.all) >= number)
        return self.all[:number]


def arrivals(receiver: RTCRtpReceiver) -> Packets:
    """Record what a receiver gets; it decodes it, too."""
    packets = Packets()
    before = receiver._handle_rtp_packet

    async def handle(packet: RtpPacket, arrival_time_ms: int) -> None:
        packets.add(packet)
        await before(packet, arrival_time_ms)

    receiver._handle_rtp_packet = handle  # type: ignore[method-assign]
    return packets


def departures(sender: RTCRtpSender) -> Packets:
    """Record what a sender sends."""
    packets = Packets()
    transport = sender.transport
    before = transport._send_rtp

    async def send(data: bytes) -> None:
        if not is_rtcp(data):
            packet = RtpPacket.parse(data)
            packets.add(packet)
            if packets.drop(packet):
                return
        await before(data)

    transport._send_rtp = send  # type: ignore[method-assign]
    return packets


class Requests(Log):
    """Counts the keyframes that a sender is asked for; it makes them, too."""

    def __init__(self, sender: RTCRtpSender) -> None:
        super().__init__()
        self.count = 0
        before = sender._send_keyframe

        def asked() -> None:
            self.count += 1
            self.tell()
            before()

        sender._send_keyframe = asked  # type: ignore[method-assign]


def receiver(call: Caller, kind: str) -> RTCRtpReceiver:
    """Return the receiver of a kind."""
    return next(t.receiver for t in call.connection.getTransceivers() if t.kind == kind)


def sender(call: Caller, kind: str) -> RTCRtpSender:
    """Return the sender of a kind."""
    return next(t.sender for t in call.connection.getTransceivers() if t.kind == kind)


def leg(legs: list[dict[str, Any]], call: Caller) -> dict[str, Any]:
    """Return what the space says of a call."""
    return next(found for found in legs if found["call_id"] == call.call_id)
