"""RTP packets, taken apart, and the arithmetic of their sequence numbers."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Packet", "Unwrapped", "ahead", "elapsed", "is_rtcp", "original", "parse"]

_FIXED = 12


class Packet(NamedTuple):
    """What a receiver needs of an RTP packet.

    Source: RFC 3550, section 5.1.
    """

    payload_type: int
    marker: bool
    sequence_number: int
    timestamp: int
    ssrc: int
    payload: bytes
    """Without padding; empty where there is nothing but padding."""


def is_rtcp(data: bytes) -> bool:
    """Whether a datagram is RTCP, where both come by one port (RFC 5761, section 4)."""
    return len(data) > 1 and 192 <= data[1] <= 223


def parse(data: bytes) -> Packet | None:
    """Take a packet apart; None where it is malformed.

    >>> parse(bytes.fromhex("80e0 0001 00000bb8 00000007") + b"media").timestamp
    3000
    >>> parse(b"too short") is None
    True
    """
    size = len(data)
    if size < _FIXED:
        return None
    first = data[0]
    if first >> 6 != 2:
        return None
    start = _FIXED + 4 * (first & 15)
    if first & 0x10:
        if start + 4 > size:
            return None
        start += 4 + 4 * (data[start + 2] << 8 | data[start + 3])
    if first & 0x20:
        padding = data[-1]
        if padding == 0:
            return None
        size -= padding
    if start > size:
        return None
    second = data[1]
    return Packet(
        second & 0x7F,
        second > 0x7F,
        data[2] << 8 | data[3],
        int.from_bytes(data[4:8], "big"),
        int.from_bytes(data[8:12], "big"),
        data[start:size],
    )


def original(packet: Packet, payload_type: int, ssrc: int) -> Packet | None:
    """Unwrap a resend that came on a stream of its own (RTX); None where it is malformed.

    Args:
        packet: the resend.
        payload_type: of the stream that is resent.
        ssrc: of the stream that is resent.

    Source: RFC 4588, section 4.
    """
    if len(packet.payload) < 2:
        return None
    sequence = packet.payload[0] << 8 | packet.payload[1]
    return packet._replace(
        payload_type=payload_type, sequence_number=sequence, ssrc=ssrc, payload=packet.payload[2:]
    )


def elapsed(timestamp: int, since: int) -> int:
    """How many ticks one time stamp is after another one; negative where it is before it.

    >>> elapsed(2704, 4_294_967_000), elapsed(4_294_967_000, 2704)
    (3000, -3000)
    """
    return ((timestamp - since + 0x80000000) & 0xFFFFFFFF) - 0x80000000


class Unwrapped:
    """RTP time stamps that go on where they wrap around, counted from the first.

    >>> stamps = Unwrapped()
    >>> stamps.of(4_294_967_000), stamps.of(2704), stamps.of(4_294_967_290)
    (0, 3000, 290)
    """

    __slots__ = ("_last", "_total")

    def __init__(self) -> None:
        self._last: int | None = None
        self._total = 0

    def of(self, timestamp: int) -> int:
        """Return how far it is from the first one."""
        last = timestamp if self._last is None else self._last
        self._total += elapsed(timestamp, last)
        self._last = timestamp
        return self._total

    def restart(self, timestamp: int, total: int) -> None:
        """Let another clock go on from here: its ``timestamp`` is what was ``total``."""
        self._last, self._total = timestamp, total


def ahead(sequence: int, than: int) -> int:
    """How far a sequence number is ahead of another one, from -32768 to 32767.

    >>> ahead(1, 65535), ahead(65535, 1)
    (2, -2)
    """
    return ((sequence - than + 0x8000) & 0xFFFF) - 0x8000
