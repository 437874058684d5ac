"""The last minute of sound in memory that one process writes and another reads."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sw_notebook.exceptions import ReceiverError

from .memory import Memory

__all__ = [
    "CAPACITY",
    "COUNTERS",
    "GATHERED",
    "RATE",
    "RING_BYTES",
    "Anchor",
    "OverrunError",
    "SoundReader",
    "SoundWriter",
    "sound_memory",
]

RATE = 48_000
CAPACITY = 60 * RATE
"""So many samples of each of the two channels are kept."""

CELL = 120
"""The mask has a byte for so many samples: the shortest packet of Opus."""

ANCHORS = 4096
ANCHOR_SPACING = 960
"""Two anchors are no closer, so that the table reaches back further than the sound."""

BEHIND = 1920
"""Samples that the ring may be behind for who looks at what is newest: two packets."""

GATHERED = 4800
"""Samples that may gather where all who listen wait for later ones."""

COUNTERS = (
    "received",
    "lost",
    "duplicate",
    "late",
    "reordered",
    "slips",
    "restarts",
    "decoded",
    "corrupt",
    "decode_ns",
)
"""What :meth:`SoundReader.counters` tells, in this order in memory."""

_MAGIC = 0x5357_534F_554E_4403
_MAGIC_WORD, _RESERVED, _WRITTEN, _ANCHORED, _LIVE, _EXPECTED, _LOOKED, _COUNTED = range(8)
_HEADER = 4096
_ANCHOR_COLUMN = 8 * ANCHORS
_MASK_AT = _HEADER + 5 * _ANCHOR_COLUMN
_SOUND_AT = _MASK_AT + 24_576
_FRAME = 4
_PACKET = 960
RING_BYTES = _SOUND_AT + _FRAME * CAPACITY
"""The size of the memory, 11.7 MB."""

_SCALE = np.float32(1 / 32768)


class OverrunError(ReceiverError):
    """Sound was asked for that newer sound has taken the place of."""


class Anchor(NamedTuple):
    """When a sample was made and came.

    Attributes:
        pts: the sender's time stamp, at 48 kHz from the first sample on.
        unix: when it was made, in Unix seconds.
        monotonic: when its packet came, in seconds of ``time.monotonic()``.
        stereo: whether its packet carried two channels.
    """

    pts: int
    unix: float
    monotonic: float
    stereo: bool


def sound_memory() -> Memory:
    """Reserve the memory of a ring; both sides open it, whoever made it.

    Raises:
        ReceiverError: there is not so much memory.

    >>> with sound_memory() as memory:
    ...     SoundReader(memory).written()
    0
    """
    memory = Memory.create(RING_BYTES)
    memoryview(memory.buffer)[:8].cast("q")[0] = _MAGIC
    return memory


class _Views:
    """The parts of the memory, as each side needs them."""

    def __init__(self, memory: Memory) -> None:
        self.bytes = memoryview(memory.buffer)
        if len(self.bytes) != RING_BYTES or self.bytes[:8].cast("q")[0] != _MAGIC:
            raise ReceiverError("this memory holds no sound: give that of sound_memory()")
        self.words = self.bytes[:_HEADER].cast("q")
        columns: list[Any] = [
            np.frombuffer(memory.buffer, kind, ANCHORS, _HEADER + index * _ANCHOR_COLUMN)
            for index, kind in enumerate((np.int64, np.int64, np.int64, np.float64, np.float64))
        ]
        self.positions, self.pts, self.stereo, self.unix, self.monotonic = columns
        self.mask = np.frombuffer(memory.buffer, np.uint8, CAPACITY // CELL, _MASK_AT)
        self.sound = np.frombuffer(memory.buffer, np.int16, 2 * CAPACITY, _SOUND_AT).reshape(-1, 2)
        self.pages = np.frombuffer(memory.buffer, np.uint8)[::4096]


def _parts(start: int, count: int, unit: int) -> list[tuple[int, int, int]]:
    """Return where samples lie in the ring: at most two pieces of (offset, first, end)."""
    first = start % CAPACITY // unit
    size = CAPACITY // unit
    if first + count <= size:
        return [(0, first, first + count)]
    return [(0, first, size), (size - first, 0, count - (size - first))]


class SoundWriter:
    """The one side that writes.

    Args:
        memory: of :func:`sound_memory`.  All of its pages are taken at once, so that the process
            does not grow later.
    """

    def __init__(self, memory: Memory) -> None:
        self._views = views = _Views(memory)
        views.pages |= 0
        self._words = views.words
        self._sound = views.bytes[_SOUND_AT:]
        self._mask = views.bytes[_MASK_AT:_SOUND_AT]
        self._anchored = -ANCHOR_SPACING
        self._called = False
        self._answered = self._step = 0
        # An atomic operation keeps a processor from putting a write off behind a later read.
        self._fence = threading.Lock()

    def write(
        self,
        position: int,
        samples: Any,
        count: int,
        pts: int,
        arrival_unix: float,
        arrival_monotonic: float,
        stereo: bool = False,
    ) -> None:
        """Add the next samples; what was skipped since the last ones is a gap.

        Args:
            position: of the first, a multiple of 120 and not before the end of the last ones.
            samples: int16, left and right in turn, as bytes or anything with a buffer that holds
                at least ``count`` of both; None for a gap.
            count: how many of each channel, a multiple of 120.
            pts: the sender's time stamp of the first.
            arrival_unix: when it was made, in Unix seconds.
            arrival_monotonic: when it came, in seconds of ``time.monotonic()``.
            stereo: whether the packet carried two channels.

        Raises:
            ValueError: the position is not a multiple of 120 or lies in the past.
        """
        words = self._words
        written = words[_WRITTEN]
        if position < written or position % CELL or count % CELL:
            raise ValueError(f"no place for {count} samples at {position}, after {written}")
        end = position + count
        # Said before the first byte changes: a reader that copied meanwhile has to know.
        words[_RESERVED] = end
        if position - self._anchored >= ANCHOR_SPACING:
            self._anchor(position, pts, arrival_unix, arrival_monotonic, stereo)
        if position > written:
            self._silence(written, position)
        if samples is None:
            self._silence(position, end)
        else:
            self._copy(position, memoryview(samples).cast("B"), count)
        words[_WRITTEN] = end
        with self._fence:
            expected = words[_EXPECTED]
        if written < expected <= end:
            self._called = True
            # Who waits for one block after the other will want the next as long after this one.
            self._step, self._answered = expected - self._answered, expected

    def called(self) -> bool:
        """Return whether somebody waits for what was written since this was asked last."""
        called, self._called = self._called, False
        return called

    def unmissed(self) -> int:
        """Return how many samples may come before somebody misses the first of them.

        Who waits for one block after the other is believed to come back for the next.
        """
        words = self._words
        written, expected = words[_WRITTEN], words[_EXPECTED]
        most = BEHIND if words[_LOOKED] else GATHERED
        if expected <= written:
            expected, most = self._answered + self._step, BEHIND
        return max(0, min(most, expected - written - _PACKET)) if expected > written else BEHIND

    def set_live(self, live: bool) -> None:
        """Say whether what comes is written at once, or only when somebody listens."""
        self._words[_LIVE] = live

    def publish(self, counters: Sequence[int]) -> None:
        """Let the reader see the :data:`COUNTERS`."""
        for index, value in enumerate(counters, _COUNTED):
            self._words[index] = value

    def _copy(self, position: int, source: memoryview, count: int) -> None:
        at = position % CAPACITY
        if at + count <= CAPACITY:
            self._sound[at * _FRAME : (at + count) * _FRAME] = source[: count * _FRAME]
            self._mask[at // CELL : (at + count) // CELL] = b"\1" * (count // CELL)
            return
        here = CAPACITY - at
        self._copy(position, source[: here * _FRAME], here)
        self._copy(position + here, source[here * _FRAME :], count - here)

    def _silence(self, start: int, end: int) -> None:
        start = max(start, end - CAPACITY)
        for _, first, last in _parts(start, end - start, 1):
            self._views.sound[first:last] = 0
        for _, first, last in _parts(start, (end - start) // CELL, CELL):
            self._views.mask[first:last] = 0

    def _anchor(self, position: int, pts: int, unix: float, monotonic: float, stereo: bool) -> None:
        views = self._views
        count = self._words[_ANCHORED]
        index = count % ANCHORS
        views.positions[index] = position
        views.pts[index] = pts
        views.unix[index] = unix
        views.monotonic[index] = monotonic
        views.stereo[index] = stereo
        self._words[_ANCHORED] = count + 1
        self._anchored = position


class SoundReader:
    """A side that reads; it never waits and never stops the writer.

    Args:
        memory: of :func:`sound_memory`.

    Raises:
        ReceiverError: the memory is something else.
    """

    def __init__(self, memory: Memory) -> None:
        self._views = _Views(memory)
        self._words = self._views.words
        self._views.pages.max()  # each page is looked at once, or this process would grow later
        self._fence = threading.Lock()

    def written(self) -> int:
        """Return where the sound ends: how many samples there have been, gaps included."""
        return self._words[_WRITTEN]

    def expect(self, position: int) -> bool:
        """Ask to be woken when there is sound up to a position; return whether it is there.

        Of several that are expected only the first wakes: then look, and ask again.
        """
        words = self._words
        with self._fence:
            if not words[_WRITTEN] < words[_EXPECTED] <= position:
                words[_EXPECTED] = position
        return words[_WRITTEN] >= position

    def look(self) -> None:
        """Say that somebody looks at what is newest, from now on."""
        self._words[_LOOKED] = True

    def oldest(self) -> int:
        """Return where the sound begins that is still there."""
        return max(0, self._words[_RESERVED] - CAPACITY)

    def live(self) -> bool:
        """Return whether all that came has been written, because somebody listens."""
        return bool(self._words[_LIVE])

    def counters(self) -> dict[str, int]:
        """Return the writer's :data:`COUNTERS` by name."""
        return {name: self._words[index] for index, name in enumerate(COUNTERS, _COUNTED)}

    def read(self, start: int, count: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
        """Return a copy of the sound, and where it has gaps.

        Args:
            start: position of the first sample.
            count: how many samples, all of them written already.

        Returns:
            float32 of shape ``(2, count)``, left and right, in -1..1, and bool of shape
            ``(count,)``, True where nothing came (the samples are 0 there).

        Raises:
            OverrunError: the beginning is gone, perhaps while it was being copied.
            ValueError: the end has not been written yet.
        """
        if start < 0 or count < 0 or start + count > self.written():
            raise ValueError(f"{count} samples at {start} are not all there")
        self._check(start)
        samples = np.empty((2, count), np.float32)
        for offset, first, last in _parts(start, count, 1):
            np.multiply(
                self._views.sound[first:last].T,
                _SCALE,
                out=samples[:, offset : offset + last - first],
            )
        before = start % CELL
        cells = -(-(before + count) // CELL)
        mask = np.concatenate(
            [self._views.mask[first:last] for _, first, last in _parts(start, cells, CELL)]
        )
        self._check(start)
        if mask.all():
            return samples, np.zeros(count, np.bool_)
        return samples, np.repeat(mask == 0, CELL)[before : before + count]

    def anchor(self, position: int) -> Anchor:
        """Return when the sample at this position was made and came.

        Positions before the first or after the last sample are counted on from there.

        Raises:
            ValueError: there has been no sample yet.
        """
        views = self._views
        while True:
            count = self._words[_ANCHORED]
            index = self._find(views.positions, count, position)
            off = position - int(views.positions[index])
            anchor = Anchor(
                int(views.pts[index]) + off,
                float(views.unix[index]) + off / RATE,
                float(views.monotonic[index]),
                bool(views.stereo[index]),
            )
            # The writer may have replaced what was looked at.
            if self._words[_ANCHORED] == count:
                return anchor

    def since(self, monotonic: float) -> int:
        """Return the position of the first sample that came at that time or later.

        Args:
            monotonic: in seconds of ``time.monotonic()``.
        """
        count = self._words[_ANCHORED]
        order = np.arange(max(0, count - ANCHORS + 1), count) % ANCHORS
        later = np.flatnonzero(self._views.monotonic[order] >= monotonic)
        found = int(self._views.positions[order[later[0]]]) if len(later) else self.written()
        return max(found, self.oldest())

    @staticmethod
    def _find(positions: npt.NDArray[np.int64], count: int, position: int) -> int:
        """Return the index of the last of ``count`` anchors that is not behind a position."""
        if not count:
            raise ValueError("no sound has come yet")
        head = count % ANCHORS
        # The very oldest, at the head, is left out: the writer may be about to replace it.
        if head and (count < ANCHORS or positions[0] <= position or head == ANCHORS - 1):
            return max(0, int(positions[:head].searchsorted(position, "right")) - 1)
        return head + max(1, int(positions[head + 1 :].searchsorted(position, "right")))

    def _check(self, start: int) -> None:
        if start < self.oldest():
            raise OverrunError(
                "this sound is gone, newer sound has taken its place: read it within 60 s"
            )
