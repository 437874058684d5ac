"""What becomes of a sender's frames, without a network."""

from __future__ import annotations

import numpy as np
import pytest

from sw_notebook.rtp.assembly import Coded
from sw_notebook.space.media.encoders import VideoEncoder
from sw_notebook.space.media.stage import Film


def coded(count: int) -> list[Coded]:
    """Return frames of a sender, of which the first is a keyframe."""
    encoder = VideoEncoder("vp8", 64, 36, rate=15, bit_rate=100_000)
    pictures = [np.full((54, 64), 60 + 50 * number, np.uint8) for number in range(count)]
    return [
        Coded(number * 6000, bytes(encoded.packet), encoded.key, 0.0)
        for number, picture in enumerate(pictures)
        for encoded in encoder.encode(picture, number * 6000, key=not number)
    ]


def test_the_last_picture_is_kept() -> None:
    """Of all that came."""
    film = Film("vp8")
    film.decode(coded(3))
    assert film.count == 3
    assert film.picture is not None
    luma = np.frombuffer(memoryview(film.picture.planes[0]), np.uint8)
    assert luma[:64].mean() == pytest.approx(160, abs=8)
    film.decode([])
    assert film.count == 3
    assert not film.broken


def test_what_cannot_be_decoded_is_told_until_somebody_takes_note() -> None:
    """The picture before it stays, and a keyframe mends all."""
    film = Film("vp8")
    frames = coded(2)
    film.decode(frames[:1])
    film.decode([Coded(0, b"\x00\xff\xff", True, 0.0), *frames[1:]])
    assert film.broken
    film.decode([])
    assert film.broken
    assert (film.count, film.picture is not None) == (1, True)
    film.broken = False
    film.decode(frames)
    assert not film.broken
    assert film.count == 3
