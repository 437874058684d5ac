"""Decoded pictures in shared memory: one process writes them, another looks at the newest few."""

from __future__ import annotations

import mmap
import os
import struct
import threading
import weakref
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from sw_notebook._planes import planes_of
from sw_notebook.exceptions import StaleFrameError

from .memory import Memory

if TYPE_CHECKING:
    import av

__all__ = [
    "PINNED_MOST",
    "SLOTS",
    "About",
    "PictureReader",
    "PictureWriter",
    "Slot",
    "picture_size",
]

SLOTS: Final = 8
"""How many pictures there are at once."""

PINNED_MOST: Final = 5
"""How many of them may be kept from being overwritten; with fewer than three left the writer
would overwrite what a reader is just about to look at."""

Bytes = npt.NDArray[np.uint8]

_PAGE = 4096
# What is known of a picture, as About has it; before it the slot's generation, which is odd while
# the slot is written: the only word that both sides rely on to be in order.
_ABOUT = struct.Struct("=qqddIIII?B?")
_GENERATION = 8
_RECORD = 64
_WORDS = _RECORD // _GENERATION
# Which slot has the newest picture, and its number, in one word: what a reader looks at first.
_HEAD_AT = 1536
_SLOT_BITS = 8
# The reader's own words, away from the writer's.
_PINS_AT = 2048


class About(NamedTuple):
    """What is known of a picture beside its pixels."""

    number: int
    """Counts the pictures of a receiver from 1."""
    pts: int
    time: float
    monotonic: float
    width: int
    height: int
    rotation: int = 0
    clock: int = 90_000
    full_range: bool = False
    space: int = 2
    """FFmpeg's number of the colour space; 2 means that the stream does not say."""
    key: bool = False


def picture_size(width: int, height: int) -> int:
    """Return how many bytes a picture takes as I420, also where a side is odd.

    >>> picture_size(640, 360), picture_size(3, 3)
    (345600, 17)
    """
    return width * height + 2 * ((width + 1) // 2) * ((height + 1) // 2)


def copy_planes(frame: av.VideoFrame, buffer: mmap.mmap | Bytes, start: int = 0) -> int:
    """Copy a picture of the format yuv420p, without the padding of its lines.

    Args:
        frame: the picture.
        buffer: where to.
        start: at which byte.

    Returns:
        The byte after it.
    """
    for plane in planes_of(frame):
        target = np.frombuffer(buffer, np.uint8, plane.size, start).reshape(plane.shape)
        target[:] = plane
        start += plane.size
    return start


class _Ring:
    """The layout: a page of records, then the slots."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.slot_size = (memory.size - _PAGE) // SLOTS
        # Views of memory are read and written in a fifth of the time that numpy's scalars take.
        page = memoryview(memory.buffer)[:_PAGE]
        self._generations = page[: SLOTS * _RECORD].cast("Q")[::_WORDS]
        self._pins = page[_PINS_AT : _PINS_AT + SLOTS * 4].cast("I")
        self._head = page[_HEAD_AT : _HEAD_AT + 8].cast("Q")
        # An atomic operation keeps a processor from putting a write off behind a later read.
        self._fence = threading.Lock()

    def offset(self, slot: int) -> int:
        """Return where a slot begins."""
        return _PAGE + slot * self.slot_size

    @staticmethod
    def record(slot: int) -> int:
        """Return where it stands what is known of a slot's picture."""
        return slot * _RECORD + _GENERATION

    def pixels(self, slot: int, size: int) -> Bytes:
        """Return the bytes of a slot themselves."""
        return np.frombuffer(self.memory.buffer, np.uint8, size, self.offset(slot))

    def close(self) -> None:
        """Let go of the memory, which goes with the last view of it; safe to call twice."""
        self.memory.close()


class PictureWriter(_Ring):
    """The side that decodes.

    Args:
        memory: from :meth:`create`.
    """

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._oldest_first = list(range(SLOTS))

    @classmethod
    def create(cls, width: int, height: int) -> PictureWriter:
        """Reserve the memory for pictures up to this size.

        Raises:
            ReceiverError: there is not so much.
        """
        slot = -(-picture_size(width, height) // _PAGE) * _PAGE
        return cls(Memory.create(_PAGE + SLOTS * slot))

    def fits(self, width: int, height: int) -> bool:
        """Whether pictures of this size have room."""
        return picture_size(width, height) <= self.slot_size

    def write(self, frame: av.VideoFrame, about: About) -> None:
        """Write a picture of the format yuv420p in place of the oldest that nobody has pinned."""
        slot = self._claim()
        copy_planes(frame, self.memory.buffer, self.offset(slot))
        _ABOUT.pack_into(self.memory.buffer, self.record(slot), *about)
        with self._fence:
            self._generations[slot] += 1
        self._head[0] = about.number << _SLOT_BITS | slot
        self._oldest_first.remove(slot)
        self._oldest_first.append(slot)

    def _claim(self) -> int:
        """Find a slot, and mark it as being written."""
        for slot in self._oldest_first[:-1] * 2:  # who looks now wants the newest
            if self._pins[slot]:
                continue
            self._generations[slot] += 1
            with self._fence:
                pass
            if not self._pins[slot]:
                return slot
            # The reader was quicker: it looks whether the generation is as it was.
            self._generations[slot] -= 1
        raise AssertionError("at most five of eight slots can be pinned")


class Slot(NamedTuple):
    """One picture in the ring; its pixels are there until newer ones take their place."""

    ring: PictureReader
    number: int
    generation: int


class PictureReader(_Ring):
    """The side that looks; there is one for each ring."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        # Pins are let go where the garbage collector runs, which may be in the middle of a pin.
        self._lock = threading.RLock()
        self._pinned = 0
        self._process = os.getpid()

    def newest(self, after: int = 0) -> tuple[Slot, About] | None:
        """Return the newest picture; None where its number is not higher than ``after``."""
        head = self._head[0]
        while head >> _SLOT_BITS > after:
            found = self._at(head & ((1 << _SLOT_BITS) - 1))
            if found is not None:
                return found
            # A newer one has taken its place just now.
            before, head = head, self._head[0]
            if head == before:
                break
        return None

    def latest(self, after: int = 0) -> list[tuple[Slot, About]]:
        """Return the pictures with a higher number than ``after``, oldest first."""
        found = []
        if self._head[0] >> _SLOT_BITS > after:
            for number in range(SLOTS):
                picture = self._at(number)
                if picture is not None and picture[1].number > after:
                    found.append(picture)
        return sorted(found, key=lambda pair: pair[1].number)

    def _at(self, number: int) -> tuple[Slot, About] | None:
        """Return the picture in a slot; None where there is none, or it is being written."""
        generation = self._generations[number]
        if generation & 1 or not generation:
            return None
        about = About._make(_ABOUT.unpack_from(self.memory.buffer, self.record(number)))
        return (Slot(self, number, generation), about) if self._is(number, generation) else None

    def _is(self, number: int, generation: int) -> bool:
        with self._fence:
            pass
        return self._generations[number] == generation

    def has(self, slot: Slot) -> bool:
        """Whether the picture is still there."""
        return self._is(slot.number, slot.generation)

    def check(self, slot: Slot) -> None:
        """Raise :class:`StaleFrameError` where the picture is not there any more."""
        if not self.has(slot):
            raise StaleFrameError(
                "the pixels of this frame are gone, as newer frames have taken their place: "
                "convert or .copy() it sooner"
            )

    def view(self, slot: Slot, size: int) -> Bytes:
        """Return the bytes as they are; :meth:`check` before and after what is done with them."""
        view = self.pixels(slot.number, size)
        view.flags.writeable = False
        return view

    def pin(self, slot: Slot) -> None:
        """Keep a picture from being overwritten until :meth:`unpin`.

        Raises:
            StaleFrameError: it is not there any more, or too many are pinned.
        """
        if os.getpid() != self._process:
            raise StaleFrameError("this frame is its parent process's: .copy() it before the fork")
        with self._lock:
            if not self._pins[slot.number] and self._pinned >= PINNED_MOST:
                raise StaleFrameError(
                    f"{PINNED_MOST} frames are kept by their live .y views already: "
                    "use .copy() for frames that you keep, and let go of older views"
                )
            self._pin(slot.number, 1)
        try:
            self.check(slot)
        except StaleFrameError:
            self.unpin(slot)
            raise

    def unpin(self, slot: Slot) -> None:
        """Let a picture be overwritten, once for each :meth:`pin`."""
        if os.getpid() == self._process:
            with self._lock:
                self._pin(slot.number, -1)

    def _pin(self, number: int, change: int) -> None:
        before = self._pins[number]
        self._pins[number] = before + change
        self._pinned += bool(before + change) - bool(before)

    def pinned_view(self, slot: Slot, size: int) -> Bytes:
        """Return the bytes, which stay as they are for as long as somebody has them.

        Raises:
            StaleFrameError: as :meth:`pin`.
        """
        self.pin(slot)
        keeper = _Keeper(self.view(slot, size))
        weakref.finalize(keeper, self.unpin, slot).atexit = False
        return np.asarray(keeper)


class _Keeper:
    """Whose bytes an array shows; it ends with the last array that shows them."""

    def __init__(self, view: Bytes) -> None:
        self._view = view
        self.__array_interface__ = view.__array_interface__
