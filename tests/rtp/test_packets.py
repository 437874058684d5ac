from __future__ import annotations

import struct

import pytest
from aiortc.rtp import RtpPacket
from hypothesis import given
from hypothesis import strategies as st

from sw_notebook.rtp.packets import ahead, is_rtcp, original, parse


@given(
    marker=st.booleans(),
    sequence=st.integers(0, 65535),
    timestamp=st.integers(0, 2**32 - 1),
    sources=st.lists(st.integers(0, 2**32 - 1), max_size=15),
    extension=st.none() | st.binary(max_size=20).map(lambda b: b + bytes(-len(b) % 4)),
    padding=st.integers(0, 255),
    payload=st.binary(max_size=64),
)
def test_every_packet_of_the_format_is_read(
    marker: bool,
    sequence: int,
    timestamp: int,
    sources: list[int],
    extension: bytes | None,
    padding: int,
    payload: bytes,
) -> None:
    """Sources, extensions and padding are left out."""
    first = 0x80 | len(sources) | (0x10 if extension is not None else 0) | (0x20 if padding else 0)
    data = struct.pack("!BBHLL", first, marker << 7 | 97, sequence, timestamp, 7)
    data += b"".join(struct.pack("!L", source) for source in sources)
    if extension is not None:
        data += struct.pack("!HH", 0xBEDE, len(extension) // 4) + extension
    data += payload + (bytes(padding - 1) + bytes((padding,)) if padding else b"")
    assert parse(data) == (97, marker, sequence, timestamp, 7, payload)


@given(st.binary(max_size=80))
def test_whatever_comes_is_read_or_refused(data: bytes) -> None:
    """Nothing raises, and what is read is no longer than what came."""
    packet = parse(data)
    assert packet is None or len(packet.payload) <= len(data) - 12


def test_it_reads_what_aiortc_writes() -> None:
    """The two agree."""
    theirs = RtpPacket(
        payload_type=96, marker=1, sequence_number=9, timestamp=5, ssrc=3, payload=b"x"
    )
    ours = parse(theirs.serialize())
    assert ours is not None
    assert (ours.payload_type, ours.marker, ours.sequence_number) == (96, True, 9)
    assert (ours.timestamp, ours.ssrc, ours.payload) == (5, 3, b"x")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80",
        b"\x80\x60" + bytes(9),
        b"\x40\x60" + bytes(10),
        b"\x81\x60" + bytes(10),
        b"\x90\x60" + bytes(10),
        b"\x90\x60" + bytes(10) + b"\0\0\0\1",
        b"\xa0\x60" + bytes(10),
        b"\xa0\x60" + bytes(9) + b"\x05",
    ],
)
def test_what_is_malformed_is_refused(data: bytes) -> None:
    """Too short, of another version, or with parts that are longer than the packet."""
    assert parse(data) is None


def test_resends_are_unwrapped() -> None:
    """They carry the number of the packet that they repeat."""
    packet = parse(b"\x80\xe1\x00\x05" + bytes(4) + bytes(4) + b"\x01\x02media")
    assert packet is not None
    assert original(packet, 96, 7) == (96, True, 0x0102, 0, 7, b"media")
    assert original(packet._replace(payload=b"\x01"), 96, 7) is None


def test_rtcp_is_told_from_rtp() -> None:
    """By its second byte."""
    assert is_rtcp(b"\x80\xc8")
    assert not is_rtcp(b"\x80\x60")
    assert not is_rtcp(b"\x80")


@given(st.integers(0, 65535), st.integers(-32768, 32767))
def test_distance_is_the_shorter_way_round(number: int, distance: int) -> None:
    """In both directions."""
    assert ahead((number + distance) & 0xFFFF, number) == distance
