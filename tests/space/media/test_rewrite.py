"""One stream made of several."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from sw_notebook.space.media.rewrite import Rewriter

TICKS = 1 << 32
sequences = st.integers(0, 0xFFFF)
timestamps = st.integers(0, TICKS - 1)
# (its first sequence number, its first time stamp, how many frames of two packets)
sources = st.lists(st.tuples(sequences, timestamps, st.integers(1, 20)), min_size=1, max_size=6)


def new(first: int = 100) -> Rewriter:
    """Return one for pictures."""
    return Rewriter(90_000, first)


@given(st.integers(0, 0x7FFF), sources)
def test_the_stream_has_no_seams(first: int, several: list[tuple[int, int, int]]) -> None:
    """Numbers follow one another, time passes as on the clock, whatever the sources' are."""
    rewriter = new(first)
    now, sent = 0.0, []
    for source, (sequence, timestamp, frames) in enumerate(several):
        for packet in range(2 * frames):
            now += packet % 2 == 0 and 0.04
            ticks = timestamp + 3600 * (packet // 2)
            given = (sequence + packet) % 65536, ticks % TICKS
            numbers = rewriter.rewrite(source, *given, now)
            assert numbers is not None
            sent.append(numbers)
    assert [number for number, _ in sent] == [(first + n) % 65536 for n in range(len(sent))]
    steps = [(b - a) % TICKS for (_, a), (_, b) in itertools.pairwise(sent)]
    assert steps == [0 if n % 2 == 0 else 3600 for n in range(len(steps))]
    assert sent[0][1] == several[0][1]


@given(sequences, st.lists(st.integers(-3, 10), max_size=40))
def test_gaps_and_order_are_the_sources(first: int, steps: list[int]) -> None:
    """What is missing is missing, what is late is late, however numbers wrap."""
    rewriter = new()
    at, ahead = 20, 20
    start = rewriter.rewrite("ada", (first + at) % 65536, 0, 0.0)
    assert start == (100, 0)
    for step in steps:
        at = max(at, ahead) + step
        ahead = max(ahead, at)
        numbers = rewriter.rewrite("ada", (first + at) % 65536, at, 0.0)
        assert numbers == (None if at < 20 else (100 + at - 20, at))


def test_what_is_older_than_the_switch_has_no_number() -> None:
    """Another packet has it already."""
    rewriter = new()
    rewriter.rewrite("ada", 1, 0, 0.0)
    assert rewriter.rewrite("bob", 10, 0, 0.0) == (101, 1)
    assert rewriter.rewrite("bob", 9, 0, 0.0) is None
    assert rewriter.rewrite("bob", 11, 0, 0.0) == (102, 1)


def test_a_pause_leaves_no_gap() -> None:
    """Except in time."""
    rewriter = new()
    rewriter.rewrite("ada", 1, 0, 0.0)
    rewriter.pause()
    assert rewriter.rewrite("ada", 50, 90_000, 1.5) == (101, 90_000)
    assert rewriter.rewrite("ada", 49, 90_000, 1.5) is None


def test_long_streams_wrap() -> None:
    """Often."""
    rewriter = new(0)
    for number in range(200_000):
        numbers = rewriter.rewrite("ada", (number + 7) % 65536, number, 0.0)
        assert numbers == (number % 65536, number)
