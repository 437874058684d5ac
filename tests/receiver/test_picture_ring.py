from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sw_notebook.exceptions import StaleFrameError
from sw_notebook.receiver.picture_ring import (
    PINNED_MOST,
    SLOTS,
    PictureReader,
    PictureWriter,
    picture_size,
)

from .pictures import Ring, about, gradient, picture


@pytest.fixture
def ring() -> Iterator[Ring]:
    """A ring of small pictures."""
    ring = Ring()
    yield ring
    ring.close()


def numbers(reader: PictureReader, after: int = 0) -> list[int]:
    """Which pictures are there."""
    return [about.number for _, about in reader.latest(after)]


def test_the_newest_eight_are_there_in_order(ring: Ring) -> None:
    """Also before there are so many."""
    assert numbers(ring.reader) == []
    ring.write(3)
    assert numbers(ring.reader) == [1, 2, 3]
    ring.write(20)
    assert numbers(ring.reader) == list(range(23 - SLOTS + 1, 24))
    assert numbers(ring.reader, after=20) == [21, 22, 23]


def test_what_is_known_of_a_picture_comes_along(ring: Ring) -> None:
    """All of it."""
    given = about(1)._replace(full_range=True, space=1, key=True, rotation=90, clock=1000)
    ring.writer.write(picture(1), given)
    (_, found), *_ = ring.reader.latest()
    assert found == given


@pytest.mark.parametrize("size", [(64, 36), (63, 35), (1, 1), (640, 360)])
def test_the_pixels_are_those_that_were_written(size: tuple[int, int]) -> None:
    """Of all three planes, for odd sizes too."""
    width, height = size
    ring = Ring(width, height)
    written = gradient(width, height)
    ring.writer.write(written, about(1, width, height))
    (slot, _), *_ = ring.reader.latest()
    read = ring.reader.view(slot, picture_size(width, height))
    start = 0
    for plane in written.planes:
        lines = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)  # type: ignore[call-overload]
        end = start + plane.width * plane.height
        assert (read[start:end] == lines[: plane.height, : plane.width].reshape(-1)).all()
        start = end
    ring.close()


def test_a_picture_that_was_overwritten_is_stale(ring: Ring) -> None:
    """It is not taken for the one in its place."""
    ring.write()
    (slot, _), *_ = ring.reader.latest()
    ring.write(SLOTS - 1)
    ring.reader.check(slot)
    ring.write()
    assert not ring.reader.has(slot)
    with pytest.raises(StaleFrameError, match=r"newer frames .* \.copy\(\) it sooner"):
        ring.reader.check(slot)
    with pytest.raises(StaleFrameError):
        ring.reader.pinned_view(slot, 1)


def test_a_view_keeps_its_picture_for_as_long_as_a_slice_of_it_lives(ring: Ring) -> None:
    """And not longer."""
    ring.write()
    (slot, about), *_ = ring.reader.latest()
    view = ring.reader.pinned_view(slot, 64 * 36)
    part = view.reshape(36, 64)[3:5, 2:9]
    del view
    gc.collect()
    ring.write(100)
    assert (part == about.number).all()
    assert not part.flags.writeable
    assert about.number in numbers(ring.reader)
    del part
    gc.collect()
    ring.write(SLOTS)
    assert about.number not in numbers(ring.reader)


def test_no_more_than_five_are_kept(ring: Ring) -> None:
    """The sixth is told what to do, and the writer always finds a place."""
    kept = []
    for _ in range(PINNED_MOST):
        ring.write()
        kept.append(ring.reader.pinned_view(ring.reader.latest()[-1][0], 1))
    ring.write()
    slot = ring.reader.latest()[-1][0]
    with pytest.raises(StaleFrameError, match=r"5 frames are kept .* use \.copy\(\)"):
        ring.reader.pin(slot)
    # the same picture again is no other one
    again = ring.reader.pinned_view(ring.reader.latest()[0][0], 1)
    ring.write(50)
    assert [view[0] for view in kept] == [1, 2, 3, 4, 5]
    kept.clear()
    gc.collect()
    assert again[0] == 1
    ring.reader.pin(ring.reader.latest()[-1][0])


def test_views_outlive_the_ring() -> None:
    """A cell may still have them when the call is over."""
    ring = Ring()
    ring.write()
    view = ring.reader.pinned_view(ring.reader.latest()[0][0], 10)
    ring.close()
    ring.close()
    assert (view == 1).all()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(ring.writer.memory.fd)


@given(st.lists(st.sampled_from(["write", "keep", "drop"]), max_size=60))
def test_kept_pictures_stay_whatever_is_written(steps: list[str]) -> None:
    """In any order of writing, keeping and letting go."""
    ring = Ring(8, 8)
    ring.write()
    kept: list[tuple[int, npt.NDArray[np.uint8]]] = []
    for step in steps:
        if step == "write":
            ring.write()
        elif step == "drop" and kept:
            kept.pop(0)
        elif step == "keep" and len(kept) < PINNED_MOST:
            slot, known = ring.reader.latest()[-1]
            kept.append((known.number, ring.reader.pinned_view(slot, 64)))
        assert all((view == number % 256).all() for number, view in kept)
        assert numbers(ring.reader)[-1] == ring.count
    ring.close()


def test_a_reader_beside_a_writer_never_sees_two_pictures_in_one() -> None:
    """Checked before and after, a copy is of one picture; pinned, it stays."""
    ring = Ring(320, 180)
    size = picture_size(320, 180)
    over = threading.Event()

    def write() -> None:
        while not over.is_set():
            ring.write()

    writing = threading.Thread(target=write)
    writing.start()
    good = stale = 0
    try:
        while good < 300:
            for slot, known in ring.reader.latest():
                copy = ring.reader.view(slot, size).copy()
                if not ring.reader.has(slot):
                    stale += 1
                    continue
                assert (copy == known.number % 256).all()
                good += 1
            if not (found := ring.reader.latest()):
                continue
            slot, known = found[-1]
            try:
                view = ring.reader.pinned_view(slot, size)
            except StaleFrameError:
                continue
            for _ in range(3):
                assert (view == known.number % 256).all()
            del view
    finally:
        over.set()
        writing.join()
        ring.close()


def test_pictures_of_another_size_need_another_ring() -> None:
    """Smaller ones do not."""
    writer = PictureWriter.create(64, 36)
    assert writer.fits(64, 36)
    assert writer.fits(36, 64)
    assert not writer.fits(640, 360)
    writer.close()
