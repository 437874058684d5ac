"""The payloads of VP8 and H264: which bytes are the picture's, and where a picture begins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

__all__ = ["UNPACKERS", "Part", "Unpack", "h264", "vp8"]

_START = b"\x00\x00\x00\x01"

# Types of H264 network abstraction layer units.
_IDR, _SPS, _PPS, _DELIMITER, _STAP_A, _FU_A = 5, 7, 8, 9, 24, 28


class Part(NamedTuple):
    """What one packet has of a frame."""

    data: bytes
    """As the decoder takes it."""
    starts: bool
    """Whether a frame certainly begins here."""
    key: bool
    """Whether the frame can be decoded without those before it."""
    parameters: bool = False
    """Whether it holds nothing but what the decoder has to know of frames to come."""


Unpack = Callable[[bytes], Part | None]


def vp8(payload: bytes) -> Part | None:
    r"""Take the descriptor off a VP8 payload; None where it is malformed.

    >>> vp8(b"\x90\x80\x80\x01\x00picture")
    Part(data=b'\x00picture', starts=True, key=True, parameters=False)

    Source: RFC 7741, section 4.2.
    """
    size = len(payload)
    if size < 2:
        return None
    first, start = payload[0], 1
    if first & 0x80:
        extension, start = payload[1], 2
        if extension & 0x80:
            if size < 3:
                return None
            start += 2 if payload[2] & 0x80 else 1
        if extension & 0x40:
            start += 1
        if extension & 0x30:
            start += 1
    if start >= size:
        return None
    starts = bool(first & 0x10) and not first & 7
    return Part(payload[start:], starts, starts and not payload[start] & 1)


def h264(payload: bytes) -> Part | None:
    r"""Turn an H264 payload into Annex B; None where it is malformed or of an unknown kind.

    >>> h264(b"\x65slice")
    Part(data=b'\x00\x00\x00\x01eslice', starts=False, key=True, parameters=False)

    Source: RFC 6184, section 5: single units, STAP-A and FU-A.
    """
    if len(payload) < 2:
        return None
    kind = payload[0] & 0x1F
    if kind == _FU_A:
        header = payload[1]
        unit = header & 0x1F
        if len(payload) < 3 or not 0 < unit < _STAP_A:
            return None
        if not header & 0x80:
            return Part(payload[2:], False, False)
        data = _START + bytes((payload[0] & 0xE0 | unit,)) + payload[2:]
        return Part(data, unit in (_SPS, _DELIMITER), unit == _IDR)
    if kind == _STAP_A:
        return _aggregate(payload)
    if not 0 < kind < _STAP_A:
        return None
    return Part(
        _START + payload, kind in (_SPS, _DELIMITER), kind == _IDR, kind in (_SPS, _PPS, _DELIMITER)
    )


def _aggregate(payload: bytes) -> Part | None:
    units, start, size = [], 1, len(payload)
    while start + 2 < size:
        length = payload[start] << 8 | payload[start + 1]
        start += 2
        if not length or start + length > size:
            return None
        units.append(payload[start : start + length])
        start += length
    if not units:
        return None
    kinds = [unit[0] & 0x1F for unit in units]
    return Part(
        b"".join(_START + unit for unit in units),
        kinds[0] in (_SPS, _DELIMITER),
        _IDR in kinds,
        all(kind in (_SPS, _PPS, _DELIMITER) for kind in kinds),
    )


UNPACKERS: Final[Mapping[str, Unpack]] = {"vp8": vp8, "h264": h264}
"""By the codec's name in lower case."""
