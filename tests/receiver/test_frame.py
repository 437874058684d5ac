from __future__ import annotations

import fractions
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sw_notebook.exceptions import StaleFrameError
from sw_notebook.receiver.frame import Frame
from sw_notebook.receiver.picture_ring import SLOTS, PictureReader

from .pictures import Ring, about, gradient

SIZES = [(64, 36), (63, 35), (322, 181), (8, 6)]


def newest(reader: PictureReader) -> Frame:
    """The frame that was written last."""
    slot, known = reader.latest()[-1]
    return Frame(known, slot=slot)


def frame_of(width: int, height: int, **more: Any) -> tuple[Ring, Frame]:
    """A frame of the gradient, and the ring that it is in."""
    ring = Ring(width, height)
    ring.writer.write(gradient(width, height), about(1, width, height)._replace(**more))
    return ring, newest(ring.reader)


def test_it_says_what_it_is() -> None:
    """Which, when, and how large."""
    _, frame = frame_of(64, 36, pts=3600, key=True)
    assert (frame.index, frame.pts, frame.time_base) == (1, 3600, fractions.Fraction(1, 90000))
    assert (frame.width, frame.height, frame.rotation) == (64, 36, 0)
    assert (frame.time, frame.monotonic) == (1e9 + 0.04, 0.04)
    assert frame.key
    assert not frame.full_range
    assert repr(frame) == "<Frame 1 64x36 at 0.040 s>"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kept", [True, False])
def test_conversions_are_those_of_ffmpeg(size: tuple[int, int], kept: bool) -> None:
    """For the frame in shared memory and for its copy."""
    width, height = size
    ring, frame = frame_of(width, height)
    frame = frame.copy() if kept else frame
    source = gradient(width, height)
    assert (frame.rgb() == source.to_ndarray(format="rgb24")).all()
    assert (frame.bgr() == source.to_ndarray(format="bgr24")).all()
    assert frame.rgb().shape == (height, width, 3)
    assert frame.rgb().flags.c_contiguous
    luma = np.frombuffer(source.planes[0], np.uint8)  # type: ignore[call-overload]
    luma = luma.reshape(-1, source.planes[0].line_size)[:height, :width]
    assert (frame.y == luma).all()
    assert not frame.y.flags.writeable
    again = frame.to_av()
    assert (again.pts, again.time_base) == (frame.pts, frame.time_base)
    assert (again.to_ndarray(format="rgb24") == frame.rgb()).all()
    ring.close()


def test_i420_is_as_opencv_and_pyav_take_it() -> None:
    """Of odd sizes it is one row of bytes."""
    _, frame = frame_of(64, 36)
    assert (frame.i420() == gradient(64, 36).to_ndarray()).all()
    _, odd = frame_of(63, 35)
    assert odd.i420().shape == (63 * 35 + 2 * 32 * 18,)


def test_gray_goes_from_black_to_white() -> None:
    """As it is transmitted, brightness does not."""
    _, frame = frame_of(64, 36)
    gray = frame.gray()
    assert (frame.y.min(), frame.y.max()) == (16, 235)
    assert (gray.min(), gray.max()) == (0, 255)
    assert gray.shape == (36, 64)
    _, full = frame_of(64, 36, full_range=True)
    assert (full.gray() == full.y).all()
    gray[:] = 0  # one's own


def test_full_range_is_converted_as_such() -> None:
    """Black is 0 there."""
    _, frame = frame_of(64, 36)
    _, full = frame_of(64, 36, full_range=True)
    assert full.rgb()[0, 0].astype(int).sum() != frame.rgb()[0, 0].astype(int).sum()


@pytest.mark.parametrize("size", [(32, 18), (128, 72), (33, 17), (224, 224)])
def test_resized_frames_look_the_same(size: tuple[int, int]) -> None:
    """They are frames of their own."""
    ring, frame = frame_of(64, 36)
    small = frame.resized(*size)
    assert (small.width, small.height) == size
    assert small.rgb().shape == (size[1], size[0], 3)
    assert abs(float(small.gray().mean()) - float(frame.gray().mean())) < 3
    ring.write(100)
    assert small.index == 1
    assert small.y.shape == (size[1], size[0])


@pytest.mark.parametrize("size", [(0, 18), (32, 7), (-4, 4), (9000, 10)])
def test_sizes_that_are_none_are_refused(size: tuple[int, int]) -> None:
    """With the range that there is."""
    _, frame = frame_of(64, 36)
    with pytest.raises(ValueError, match="give 8 to 8192 pixels"):
        frame.resized(*size)


def test_a_frame_that_was_overwritten_never_shows_another() -> None:
    """Each way to its pixels says so; a copy has them still."""
    ring = Ring()
    ring.write()
    frame = newest(ring.reader)
    copy = frame.copy()
    view = frame.y
    ring.write(3 * SLOTS)
    assert (frame.gray() == copy.gray()).all()  # kept by the view
    del view
    ring.write(SLOTS)
    for take in (
        frame.gray,
        frame.rgb,
        frame.bgr,
        frame.i420,
        frame.copy,
        frame.to_av,
        frame.to_image,
        lambda: frame.y,
        lambda: frame.resized(16, 9),
    ):
        with pytest.raises(StaleFrameError):
            take()
    assert frame._repr_jpeg_() is None
    assert copy.copy() is copy
    assert (copy.y == 1).all()


def test_an_overwrite_in_the_middle_of_a_conversion_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was read by then is half another frame."""
    ring = Ring()
    ring.write()
    frame = newest(ring.reader)
    view = ring.reader.view

    def late(*args: object) -> object:
        ring.write(SLOTS)
        return view(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(ring.reader, "view", late)
    with pytest.raises(StaleFrameError):
        frame.rgb()


def test_it_is_a_picture_in_a_notebook() -> None:
    """And one that stands upright."""
    _, frame = frame_of(64, 36, rotation=90)
    data = frame._repr_jpeg_()
    assert data is not None
    image = Image.open(io.BytesIO(data))
    assert image.size == (36, 64)
    assert frame.to_image().size == (64, 36)


def test_threads_convert_side_by_side() -> None:
    """Each with what it needs for that."""
    import concurrent.futures

    _, frame = frame_of(322, 181)
    expected = frame.rgb()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: frame.rgb(), range(40)):
            assert (found == expected).all()
