"""The sound of a call, for the notebook: block by block, or a look at the last seconds."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Literal

import numpy as np

from sw_notebook._waiting import Changes
from sw_notebook.exceptions import SwNotebookError

from .block import Block, mixed
from .blocks import Blocks, Source
from .resampling import Resampler
from .sound_ring import RATE, OverrunError, SoundReader
from .wanted import Wanted

__all__ = ["Audio"]

SHORTEST, LONGEST = 0.0025, 30.0
LOWEST_RATE = 8_000
LATEST_SECONDS = 0.02

BACKLOG_SECONDS = 1.0
"""How long the first look at the past waits for it to be decoded."""


class Audio:
    """What a receiver hears: stereo at 48 kHz, the last minute of it.

    Nothing is decoded until somebody listens: a loop over :meth:`blocks`, or the first
    :meth:`window` or :meth:`latest`, which counts as listening from then on.  The last minute is
    there all the same.

    Args:
        reader: gives the ring, or None before there is one.
        changes: notified when what the reader expects was written, and when ``ready`` or ``ended``
            have changed; from a thread that does not wait for this object.
        want: told True when the first listener comes and False when the last has gone; from any
            thread, even in the middle of a garbage collection: it must not wait nor raise.
        ended: whether no more sound will come; it may raise what a loop is to end with.
        ready: whether all that came has been written to the ring; by default the ring is asked.
    """

    def __init__(
        self,
        reader: Callable[[], SoundReader | None],
        changes: Changes,
        want: Callable[[bool], object],
        ended: Callable[[], bool],
        ready: Callable[[], bool] | None = None,
    ) -> None:
        self._source = Source(reader, changes, ready or self._live, ended, Wanted(want))
        self._looked = False
        self._waited = False

    def _begin(self) -> None:
        """Forget the counts of the call before: the next one counts its own."""
        self._source.overrun = self._source.delivered = 0

    @property
    def seconds(self) -> float:
        """How much sound there has been, in seconds, gaps included, when somebody last listened."""
        reader = self._source.reader()
        return reader.written() / RATE if reader is not None else 0.0

    @property
    def overrun(self) -> float:
        """Seconds of sound that loops have lost because they were over a minute behind.

        Of this call or, after it, of the last one, as is ``delivered``.
        """
        return self._source.overrun / RATE

    @property
    def delivered(self) -> int:
        """Blocks that were handed to somebody."""
        return self._source.delivered

    def blocks(
        self,
        seconds: float = 0.02,
        rate: int | None = None,
        mono: bool = False,
        start: Literal["now", "oldest"] = "now",
    ) -> Blocks:
        """Return the sound in blocks of one length, for ``for`` and for ``async for``.

        A loop that is slow loses nothing for a minute; what it loses then is counted in
        ``overrun`` and the iterator's ``lost``.  The end of the call ends the loop, after what was
        received, with a last block that may be shorter.

        Args:
            seconds: how long a block is, 0.0025 to 30; rounded to whole samples.
            rate: to resample to, in Hz, 8000 to 48000; None leaves the 48000 there are.  A block is
                then there a packet later, as the filter looks ahead.
            mono: whether to mix both channels into one.
            start: ``"now"``, or ``"oldest"`` for the last minute first.

        Raises:
            ValueError: an argument is out of its range.

        Examples:
            ::

                async for block in rx.audio.blocks(0.1, rate=16_000, mono=True):
                    print(block.level)
        """
        if start not in ("now", "oldest"):
            raise ValueError(f"start= takes 'now' or 'oldest', not {start!r}")
        rate = _checked_rate(rate)
        count = round(_checked_seconds(seconds) * rate)
        return Blocks(self._source, count, rate, mono, start)

    def window(self, seconds: float, rate: int | None = None, mono: bool = False) -> Block:
        """Return the last seconds as one block, shorter where less has come.

        It does not wait for sound; only the first look waits, for at most a second, until what
        nobody had listened to has been decoded.

        Args:
            seconds: 0.0025 to 30; rounded to whole samples.
            rate: to resample to, in Hz, 8000 to 48000; None leaves the 48000 there are.
            mono: whether to mix both channels into one.

        Raises:
            ValueError: an argument is out of its range.
        """
        rate = _checked_rate(rate)
        count = round(_checked_seconds(seconds) * RATE)
        reader = self._look_back()
        while True:
            try:
                block = _window(reader, count, rate, mono)
            except OverrunError:  # this thread stood still for half a minute
                continue
            self._source.delivered += len(block) > 0
            return block

    def latest(self) -> Block | None:
        """Return the last 20 ms, shorter where less has come; None before there is any sound."""
        block = self.window(LATEST_SECONDS)
        return block if len(block) else None

    def __repr__(self) -> str:
        lost = f", {self.overrun:.1f} s lost by slow loops" if self._source.overrun else ""
        return f"Audio({self.seconds:.1f} s heard{lost})"

    def _live(self) -> bool:
        reader = self._source.reader()
        return reader is not None and reader.live()

    def _look_back(self) -> SoundReader | None:
        source = self._source
        if not self._looked:
            self._looked = True
            source.wanted.hold()  # for as long as the receiver lives
        reader = source.reader()
        if reader is not None:
            reader.look()
        if reader is not None and not self._waited:
            self._waited = True
            # Why the call ended is for loops to say; what was heard before can be looked at.
            with contextlib.suppress(TimeoutError, SwNotebookError):
                source.changes.block(
                    lambda: True if source.ready() or source.ended() else None, BACKLOG_SECONDS
                )
        return reader


def _window(reader: SoundReader | None, count: int, rate: int, mono: bool) -> Block:
    written = reader.written() if reader is not None else 0
    if reader is None or not written:
        nothing = np.empty((1 if mono else 2, 0), np.float32)
        return Block(nothing, rate, 0, time.time(), time.monotonic(), np.empty(0, np.bool_))
    start = max(reader.oldest(), written - count)
    samples, gaps = reader.read(start, written - start)
    anchor = reader.anchor(start)
    if mono:
        samples = mixed(samples)
    if rate != RATE:
        resampler = Resampler(rate)
        pieces = [resampler.feed(samples), resampler.flush()]
        samples = np.concatenate(pieces, axis=1)[:, : round(len(gaps) * rate / RATE)]
        gaps = gaps[np.arange(samples.shape[1]) * RATE // rate]
    stereo = anchor.stereo and not mono
    return Block(samples, rate, anchor.pts, anchor.unix, anchor.monotonic, gaps, stereo)


def _checked_rate(rate: int | None) -> int:
    if rate is None:
        return RATE
    if isinstance(rate, bool) or not LOWEST_RATE <= rate <= RATE or rate != int(rate):
        raise ValueError(f"rate= takes {LOWEST_RATE} to {RATE} Hz, not {rate!r}")
    return int(rate)


def _checked_seconds(seconds: float) -> float:
    if not SHORTEST <= seconds <= LONGEST:
        raise ValueError(f"seconds= takes {SHORTEST} to {LONGEST:g}, not {seconds!r}")
    return seconds
