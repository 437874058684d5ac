"""What an Opus packet says of itself in its first bytes, without decoding it."""

from __future__ import annotations

__all__ = ["LONGEST_PACKET", "is_stereo", "opus_samples"]

LONGEST_PACKET = 5760
"""120 ms at 48 kHz: RFC 6716 allows no packet that is longer."""

_SILK = (480, 960, 1920, 2880)
_HYBRID = (480, 960)
_CELT = (120, 240, 480, 960)
_FRAME = tuple(
    _SILK[config & 3] if config < 12 else _HYBRID[config & 1] if config < 16 else _CELT[config & 3]
    for config in range(32)
)
# By the whole first byte, as this is asked for each packet; 0 where the second byte counts.
_PACKET = tuple(_FRAME[toc >> 3] * (1, 2, 2, 0)[toc & 3] for toc in range(256))


def opus_samples(payload: bytes) -> int | None:
    """Return for how many samples at 48 kHz a packet lasts; None where it is no Opus packet.

    Args:
        payload: of one RTP packet.

    Returns:
        a multiple of 120, from 120 (2.5 ms) to 5760 (120 ms), by RFC 6716, section 3.1.

    >>> opus_samples(bytes([0b11111_0_00, 1, 2, 3]))
    960
    >>> opus_samples(b"") is None
    True
    """
    if not payload:
        return None
    toc = payload[0]
    samples = _PACKET[toc]
    if samples:
        return samples
    if len(payload) < 2:
        return None
    samples = _FRAME[toc >> 3] * (payload[1] & 0x3F)
    return samples if 0 < samples <= LONGEST_PACKET else None


def is_stereo(payload: bytes) -> bool:
    """Return whether a packet carries two channels; FreeSWITCH sends one unless asked.

    >>> is_stereo(bytes([0b11111_1_00]))
    True
    """
    return bool(payload and payload[0] & 0b100)
