"""Putting packets together."""

from __future__ import annotations

import pytest

from sw_notebook.space.media.echo import Assembler, is_keyframe


def test_frames_end_at_their_marker() -> None:
    """At once, not when the next one begins."""
    assembler = Assembler()
    assert assembler.add(65535, 1, False, b"a") is None
    assert assembler.add(0, 1, False, b"b") is None
    assert assembler.add(1, 1, True, b"c") == b"abc"
    assert assembler.add(2, 2, True, b"d") == b"d"
    assert not assembler.broken


def test_a_lost_packet_spoils_its_frame() -> None:
    """The frame is left out, and so the stream is broken; what follows is whole again."""
    assembler = Assembler()
    assembler.add(1, 1, False, b"a")
    assert assembler.add(3, 1, True, b"c") is None
    assert assembler.broken
    assert assembler.add(4, 2, True, b"d") == b"d"


def test_a_lost_end_gives_its_frame_up() -> None:
    """The next one does not get its parts."""
    assembler = Assembler()
    assembler.add(1, 1, False, b"a")
    assert assembler.add(3, 2, True, b"c") is None
    assert assembler.broken
    assert assembler.add(4, 3, True, b"d") == b"d"


def test_a_late_packet_is_nothing() -> None:
    """Its frame has been given up."""
    assembler = Assembler()
    assembler.add(1, 1, True, b"a")
    assembler.add(3, 3, True, b"c")
    assert assembler.add(2, 2, True, b"b") is None
    assert assembler.add(4, 4, True, b"d") == b"d"


@pytest.mark.parametrize(
    ("codec", "frame", "key"),
    [
        ("VP8", b"\x10\x02", True),
        ("VP8", b"\x11\x02", False),
        ("VP8", b"", False),
        ("H264", b"\x00\x00\x00\x01\x67\x42\x00\x00\x01\x65\x00", True),
        ("H264", b"\x00\x00\x01\x41\x00", False),
        ("H264", b"\x00\x00\x01", False),
    ],
)
def test_keyframes_are_known(codec: str, frame: bytes, key: bool) -> None:
    """By the first bits of their payload."""
    assert is_keyframe(codec, frame) is key
