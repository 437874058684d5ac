from __future__ import annotations

import pytest
from aiortc.codecs import depayload
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.vpx import Vp8Encoder
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from hypothesis import given
from hypothesis import strategies as st

from sw_notebook.rtp.payloads import UNPACKERS, h264, vp8


@given(st.sampled_from(sorted(UNPACKERS)), st.binary(max_size=40))
def test_whatever_comes_is_unpacked_or_refused(codec: str, payload: bytes) -> None:
    """Nothing raises, and there is no empty part."""
    part = UNPACKERS[codec](payload)
    assert part is None or part.data


@given(st.binary(min_size=1, max_size=4000), st.integers(0, 32767))
def test_vp8_of_aiortc(picture: bytes, number: int) -> None:
    """What it packs is unpacked to the same bytes."""
    parts = [vp8(payload) for payload in Vp8Encoder._packetize(picture, number)]
    assert b"".join(part.data for part in parts if part) == picture
    assert [part.starts for part in parts if part] == [True] + [False] * (len(parts) - 1)
    assert parts[0] is not None
    assert parts[0].key == (not picture[0] & 1)


@given(st.lists(st.binary(min_size=1, max_size=3000), min_size=1, max_size=4))
def test_h264_of_aiortc(units: list[bytes]) -> None:
    """Single units, aggregates and fragments come out as aiortc reads them."""
    codec = RTCRtpCodecParameters(mimeType="video/H264", clockRate=90000, payloadType=97)
    units = [bytes((0x65,)) + unit for unit in units]
    payloads = list(H264Encoder._packetize(iter(units)))
    ours = [h264(payload) for payload in payloads]
    assert all(ours)
    theirs = b"".join(depayload(codec, payload) for payload in payloads)
    assert b"".join(part.data for part in ours if part) == theirs
    assert ours[0] is not None
    assert ours[0].key


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b"\x10\x00", True),  # one byte of descriptor
        (b"\x90\x80\x05\x00", True),  # a picture id of 7 bits
        (b"\x90\xf0\x80\x05\x01\x02\x00", True),  # all extensions
        (b"\x11\x00", False),  # another partition
        (b"\x80\x80\x80\x05\x00", False),  # not the start of one
    ],
)
def test_vp8_descriptors(payload: bytes, expected: bool) -> None:
    """Each form that the specification has."""
    part = vp8(payload)
    assert part is not None
    assert part.data == b"\x00"
    assert part.starts is part.key is expected


@pytest.mark.parametrize("payload", [b"", b"\x10", b"\x90\x80\x80\x05", b"\x90\x80", b"\x90"])
def test_vp8_that_is_cut_off(payload: bytes) -> None:
    """There is no picture in it."""
    assert vp8(payload) is None


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\x65",
        b"\x7c\x85",
        b"\x7c\x80x",
        b"\x78\x00",
        b"\x78\x00\x05ab",
        b"\x78\x00\x00ab",
        b"\x79abc",
        b"\x7dabc",
        b"\x60abc",
    ],
)
def test_h264_that_cannot_be_read(payload: bytes) -> None:
    """Cut off, or of a kind that nobody sends."""
    assert h264(payload) is None


def test_h264_parameters_begin_a_frame() -> None:
    """A set of parameters, or the delimiter, is the first of its frame."""
    for payload in (b"\x67sps", b"\x09\xf0", b"\x78\x00\x04\x67sps\x00\x04\x68pps"):
        part = h264(payload)
        assert part is not None
        assert (part.starts, part.key, part.parameters) == (True, False, True)
    whole = h264(b"\x78\x00\x04\x67sps\x00\x04\x65idr")
    assert whole is not None
    assert (whole.starts, whole.key, whole.parameters) == (True, True, False)
