from __future__ import annotations

from typing import Any, cast

import av
import numpy as np
import pytest

from sw_notebook.exceptions import ReceiverError
from sw_notebook.receiver.child import past as module
from sw_notebook.receiver.child.past import KEPT_SECONDS, KEY_SECONDS, LOOKED_SECONDS, Past
from sw_notebook.receiver.picture_ring import About
from sw_notebook.rtp.assembly import Coded
from sw_notebook.space.media.encoders import VideoEncoder

WIDTH, HEIGHT = 64, 48


def decoder() -> av.VideoCodecContext:
    """A decoder that knows nothing yet."""
    return av.CodecContext.create("vp8", "r")


def coded(count: int, keys: set[int], *, apart: float = 0.04) -> list[tuple[Coded, About]]:
    """So many frames whose brightness says which they are."""
    encoder = VideoEncoder("vp8", WIDTH, HEIGHT, rate=25, bit_rate=500_000)
    found = []
    for number in range(count):
        frame = np.full((HEIGHT * 3 // 2, WIDTH), 16 + number % 200, np.uint8)
        (encoded,) = encoder.encode(frame, number * 3600, key=number in keys)
        about = About(number + 1, number * 3600, 0.0, number * apart, WIDTH, HEIGHT)
        data = bytes(encoded.packet)
        found.append((Coded(number * 3600, data, encoded.key, number * apart), about))
    return found


def kept(frames: list[tuple[Coded, About]]) -> Past:
    """What is kept of them."""
    past = Past(decoder)
    for frame, about in frames:
        past.add(frame, about.pts, about)
    return past


def numbers(past: Past, since: float) -> list[int]:
    """Which frames are in the window."""
    window = past.window(since)
    if window is None:
        return []
    with window.memory as memory:
        size = WIDTH * HEIGHT * 3 // 2
        for index, about in enumerate(window.frames):
            luma = memory.buffer[index * size]
            assert abs(luma - (16 + (about.number - 1) % 200)) < 12
        return [about.number for about in window.frames]


def test_a_window_begins_where_it_is_asked_to() -> None:
    """Though it has to be decoded from the keyframe before."""
    past = kept(coded(60, {0, 25, 50}))
    assert numbers(past, 0.0) == list(range(1, 61))
    assert numbers(past, 30 * 0.04) == list(range(31, 61))
    assert numbers(past, 25 * 0.04) == list(range(26, 61))
    assert numbers(past, 59 * 0.04) == [60]
    assert numbers(past, 100.0) == []


def test_nothing_is_kept_before_the_first_keyframe() -> None:
    """It could not be decoded."""
    frames = coded(30, {0, 10})
    past = kept(frames[5:])
    assert numbers(past, 0.0) == list(range(11, 31))
    past.forget()
    assert past.window(0.0) is None


def test_what_is_older_than_a_minute_goes_from_keyframe_to_keyframe() -> None:
    """As much stays as is needed to decode the minute."""
    frames = coded(100, {0, 20, 40, 60, 80}, apart=1.0)
    past = kept(frames)
    found = numbers(past, 0.0)
    assert found[-1] == 100
    assert found[0] == 21  # the keyframe before the minute
    assert KEPT_SECONDS == 60


def test_no_more_bytes_are_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then only what follows a keyframe."""
    frames = coded(60, {0, 20, 40})
    limit = sum(len(frame.data) for frame, _ in frames[20:])
    monkeypatch.setattr(module, "KEPT_BYTES", limit)
    assert numbers(kept(frames), 0.0) == list(range(21, 61))
    monkeypatch.setattr(module, "KEPT_BYTES", 10)
    assert kept(frames).window(0.0) is None


def test_keyframes_are_wished_for_while_somebody_looks_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """When the newest one is old, and until a while after the last look."""
    monkeypatch.setattr("sw_notebook.receiver.child.past.time.monotonic", lambda: 5.0)
    past = kept(coded(10, {0}))
    later = KEY_SECONDS + 1
    assert not past.wants_keyframe(later)
    window = past.window(0.0)
    assert window is not None
    window.memory.close()
    assert past.wants_keyframe(later)
    assert not past.wants_keyframe(KEY_SECONDS - 1)
    assert past.wants_keyframe(5.0 + LOOKED_SECONDS - 1)
    assert not past.wants_keyframe(5.0 + LOOKED_SECONDS)


def test_more_than_fits_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to do."""
    past = kept(coded(30, {0}))
    monkeypatch.setattr(module, "MOST", 10_000)
    with pytest.raises(ReceiverError, match="30 frames of 64x48 take 0 MiB: ask for fewer seconds"):
        past.window(0.0)


def test_memory_is_given_back_where_decoding_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the error goes on."""
    past = kept(coded(5, {0}))

    class Broken:
        def decode(self, packet: Any) -> Any:
            raise OSError

    past._make_decoder = lambda: cast(av.VideoCodecContext, Broken())
    with pytest.raises(OSError):  # noqa: PT011 - the decoder's own
        past.window(0.0)
