"""The strip."""

from __future__ import annotations

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sw_notebook.space.media.card import HEIGHT, RATE, WIDTH, Card
from sw_notebook.space.media.encoders import VideoEncoder
from sw_notebook.strip import Strip


@given(st.integers(0, 2**28 - 1), st.integers(0, 2**44 - 1))
def test_bits_come_back(frame: int, milliseconds: int) -> None:
    """What was written is read."""
    strip = Strip(frame, milliseconds)
    assert Strip.from_bits(strip.bits()) == strip


@given(st.integers(0, 2**28 - 1), st.integers(0, 2**44 - 1), st.integers(0, 79))
def test_a_wrong_bit_is_noticed(frame: int, milliseconds: int, wrong: int) -> None:
    """One flipped cell makes the strip unreadable, not false."""
    bits = Strip(frame, milliseconds).bits()
    bits[wrong] ^= 1
    assert Strip.from_bits(bits) is None


def test_the_bits_stay_what_they_are() -> None:
    """The layout is fixed: browsers read it, too."""
    bits = "".join(map(str, Strip(1, 2).bits()))
    assert bits[:28] == "0" * 27 + "1"
    assert bits[28:72] == "0" * 42 + "10"
    assert int(bits[72:], 2) == 0x9F


def test_the_counter_wraps() -> None:
    """A counter beyond 28 bits starts again."""
    assert Strip.from_bits(Strip(2**28 + 5, 7).bits()) == Strip(5, 7)


@pytest.mark.parametrize("bits", [[], [0] * 79, [0] * 80, [1] * 80])
def test_other_pictures_hold_no_strip(bits: list[int]) -> None:
    """Black, white and too little are no strip."""
    assert Strip.from_bits(bits) is None


def test_rows_of_numbers_are_read_without_numpy() -> None:
    """A picture may be plain lists."""
    strip = Strip(9, 1_700_000_000_123)
    bits = strip.bits()
    rows = [[255 * bits[y // 16 * 40 + x // 16] for x in range(640)] for y in range(32)]
    assert Strip.read(rows + [[0] * 640] * 328) == strip


def test_any_size_is_read() -> None:
    """A picture that was scaled is read like the original."""
    strip = Strip(77, 1_700_000_000_123)
    luma = Card("test").draw(strip)[:HEIGHT]
    assert Strip.read(luma[::2, ::2]) == strip
    assert Strip.read(np.kron(luma, np.ones((2, 2), np.uint8))) == strip


@pytest.mark.parametrize("bit_rate", [300_000, 700_000])
def test_the_strip_survives_vp8(bit_rate: int) -> None:
    """Every frame is read back from what libvpx made of it, keyframe or not."""
    card = Card("test")
    encoder = VideoEncoder("vp8", WIDTH, HEIGHT, rate=RATE, bit_rate=bit_rate)
    decoder = av.CodecContext.create("libvpx", "r")
    size = 0
    for frame in range(100):
        strip = Strip(frame, 1_700_000_000_000 + frame * 40)
        for encoded in encoder.encode(card.draw(strip), frame * 3600, key=frame == 50):
            size += encoded.packet.size
            for picture in decoder.decode(encoded.packet):
                assert Strip.read(picture.to_ndarray(format="gray")) == strip
    assert size * 8 / (100 / RATE) < 1.2 * bit_rate
