"""Sound in pieces of one length, one after the other, for plain and for async loops."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from typing import Any, Literal, TypeVar

import numpy as np
import numpy.typing as npt

from sw_notebook._waiting import Changes

from .block import Block, mixed
from .looping import Looping
from .resampling import Resampler
from .sound_ring import RATE, OverrunError, SoundReader
from .wanted import Wanted

__all__ = ["Blocks", "Source"]

_Scalar = TypeVar("_Scalar", bound=np.generic)


@dataclasses.dataclass(slots=True)
class Source:
    """Where blocks come from.

    Attributes:
        reader: the ring, None before there is one.
        changes: notified when what the reader expects was written, and when ``ready`` or ``ended``
            have changed.
        ready: whether all that came has been written to the ring.
        ended: whether no more will be written; it may raise what the listener is to know.
        wanted: who listens.
        overrun: samples that listeners of this call lost because they were too slow.
        delivered: blocks that listeners of this call got.
    """

    reader: Callable[[], SoundReader | None]
    changes: Changes
    ready: Callable[[], bool]
    ended: Callable[[], bool]
    wanted: Wanted
    overrun: int = 0
    delivered: int = 0


class Blocks(Looping[Block]):
    """The sound as blocks, each beginning where the one before ended.

    After an interrupt or a time out nothing is lost: the sound is kept anyway.  One loop at a time
    may use it.  One that is asked for nothing while its call ends goes on with all of the next.

    :meth:`Audio.blocks <sw_notebook.receiver.audio.Audio.blocks>` makes one.
    """

    def __init__(
        self, source: Source, count: int, rate: int, mono: bool, start: Literal["now", "oldest"]
    ) -> None:
        self._source = source
        self._count = count
        self._rate = rate
        self._mono = mono
        self._start = start
        self._created = time.monotonic()
        self._lost = 0
        # The next sample of the ring to read; None until it is known where to begin.
        self._position: int | None = None
        # Each call has a ring of its own, where positions begin anew.
        self._ring: SoundReader | None = None
        # What was resampled already: where that began, what was handed out, and what was not yet.
        self._resampler = None if rate == RATE else Resampler(rate)
        self._base = 0
        self._given = 0
        self._pieces: list[npt.NDArray[np.float32]] = []
        self._marks: list[npt.NDArray[np.bool_]] = []
        self._held = 0
        super().__init__(source.changes, source.wanted)
        ring = source.reader()
        if ring is not None and start == "now" and source.ready():
            self._begin(ring, ring.written())

    @property
    def lost(self) -> float:
        """Seconds of sound that were gone before this loop came to them."""
        return self._lost / RATE

    # --- reading ------------------------------------------------------------

    def _look(self) -> Block | Literal[False] | None:
        """Return the next block, False at the end, None while it has not come."""
        if self._closed:
            return False
        # Asked first: what is written between the two questions is then read as well.
        ended = self._source.ended()
        reader = self._source.reader()
        if reader is None:
            return False if ended else None
        if self._position is None:
            if not ended and not self._source.ready():
                return None
            # What came before somebody listened was decoded later, but did not come "now".
            now = self._start == "now"
            self._begin(reader, reader.since(self._created) if now else reader.oldest())
        elif reader is not self._ring:
            self._begin(reader, 0)  # all of the next call came after this was asked for
        while True:
            try:
                return self._next(reader, ended)
            except OverrunError:
                self._skip(reader)

    def _begin(self, ring: SoundReader, position: int) -> None:
        self._ring = ring
        self._position = self._base = position
        self._given = self._held = 0
        self._pieces.clear()
        self._marks.clear()
        if self._resampler is not None:
            self._resampler.flush()

    def _skip(self, reader: SoundReader) -> None:
        oldest = reader.oldest()
        lost = oldest - (self._base + self._given * RATE // self._rate)
        self._lost += lost
        self._source.overrun += lost
        self._begin(reader, oldest)

    def _next(self, reader: SoundReader, ended: bool) -> Block | Literal[False] | None:
        if not self._fill(reader, ended):
            return None
        count = min(self._count, self._held)
        if not count:
            return False
        samples = _joined(self._pieces, count)
        gaps = _joined(self._marks, count)
        anchor = reader.anchor(self._base + self._given * RATE // self._rate)
        self._held -= count
        self._given += count
        self._source.delivered += 1
        return Block(
            samples,
            self._rate,
            anchor.pts,
            anchor.unix,
            anchor.monotonic,
            gaps,
            anchor.stereo and not self._mono,
        )

    def _fill(self, reader: SoundReader, ended: bool) -> bool:
        """Read until there is a block, or all there will be; False while there is neither."""
        assert self._position is not None
        while self._held < self._count:
            missing = -(-(self._count - self._held) * RATE // self._rate)
            there = reader.written() - self._position
            if there < missing and not ended:
                if reader.expect(self._position + missing):
                    continue
                return False
            if not there:
                self._flush()
                return True
            count = min(missing, there)
            samples, gaps = reader.read(self._position, count)
            self._take(mixed(samples) if self._mono else samples, gaps)
            self._position += count
        return True

    def _take(self, samples: npt.NDArray[np.float32], gaps: npt.NDArray[np.bool_]) -> None:
        if self._resampler is not None:
            assert self._position is not None
            # Each sample out has the mark of the sample in that it begins in.
            before = self._position - self._base
            first = -(-before * self._rate // RATE)
            last = -(-(before + len(gaps)) * self._rate // RATE)
            gaps = gaps[np.arange(first, last) * RATE // self._rate - before]
            samples = self._resampler.feed(samples)
        self._pieces.append(samples)
        self._marks.append(gaps)
        self._held += samples.shape[1]

    def _flush(self) -> None:
        if self._resampler is None:
            return
        rest = self._resampler.flush()
        # Rounded up, it may be one sample more than there was sound.
        rest = rest[:, : sum(map(len, self._marks)) - self._held]
        self._pieces.append(rest)
        self._held += rest.shape[1]


def _joined(pieces: list[npt.NDArray[_Scalar]], count: int) -> npt.NDArray[_Scalar]:
    """Take so many samples off the front of the pieces."""
    whole: npt.NDArray[Any] = pieces[0] if len(pieces) == 1 else np.concatenate(pieces, axis=-1)
    pieces[:] = [whole[..., count:]] if whole.shape[-1] > count else []
    return whole if whole.shape[-1] == count else whole[..., :count].copy()
