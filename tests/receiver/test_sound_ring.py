"""The ring gives back what was written, or says that it is gone: never something else."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import psutil
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import sw_notebook
from sw_notebook.exceptions import ReceiverError
from sw_notebook.receiver.memory import Memory
from sw_notebook.receiver.sound_ring import (
    ANCHORS,
    BEHIND,
    CAPACITY,
    COUNTERS,
    GATHERED,
    RATE,
    RING_BYTES,
    OverrunError,
    SoundReader,
    SoundWriter,
    sound_memory,
)


@pytest.fixture
def memory() -> Iterator[Memory]:
    """Memory for one ring."""
    with sound_memory() as memory:
        yield memory


def ramp(position: int, count: int) -> npt.NDArray[np.int16]:
    """Return samples that tell their position, left and right in turn."""
    at = np.arange(position, position + count)
    return np.stack([at % 30_011, -(at % 30_013)], axis=1).astype(np.int16)


def wanted(position: int, count: int) -> npt.NDArray[np.float32]:
    """Return the same as the reader gives it."""
    return ramp(position, count).T.astype(np.float32) * np.float32(1 / 32768)


def write(writer: SoundWriter, position: int, count: int = 960) -> None:
    """Write a piece of the ramp, at times that follow from its position."""
    seconds = position / RATE
    writer.write(position, ramp(position, count), count, position + 7, 1000 + seconds, seconds)


def test_what_was_written_is_read(memory: Memory) -> None:
    """At any place and length, as float32, and only what is there."""
    writer, reader = SoundWriter(memory), SoundReader(memory)
    assert (reader.written(), reader.oldest()) == (0, 0)
    for position in range(0, 9600, 960):
        write(writer, position)
    assert (reader.written(), reader.oldest()) == (9600, 0)
    for start, count in [(0, 9600), (1, 1), (957, 7), (9599, 1), (500, 0)]:
        samples, gaps = reader.read(start, count)
        assert samples.dtype == np.float32
        assert samples.shape == (2, count)
        np.testing.assert_array_equal(samples, wanted(start, count))
        assert gaps.dtype == np.bool_
        assert gaps.shape == (count,)
        assert not gaps.any()
    for start, count in [(9600, 1), (0, 9601), (-1, 1), (0, -1)]:
        with pytest.raises(ValueError, match="not all there"):
            reader.read(start, count)


def test_gaps_are_silence_and_marked(memory: Memory) -> None:
    """Those that were written, and those that were skipped."""
    writer, reader = SoundWriter(memory), SoundReader(memory)
    write(writer, 0, 240)
    writer.write(240, None, 360, 0, 0.0, 0.0)
    write(writer, 720, 240)
    samples, gaps = reader.read(100, 800)
    np.testing.assert_array_equal(gaps, [240 <= at < 720 for at in range(100, 900)])
    np.testing.assert_array_equal(samples[:, ~gaps], wanted(100, 800)[:, ~gaps])
    assert not samples[:, gaps].any()


def test_the_ring_goes_round(memory: Memory) -> None:
    """After 60 s the oldest is replaced, also where a piece lies across the end."""
    writer, reader = SoundWriter(memory), SoundReader(memory)
    size = 2 * 5760 - 120
    end = 0
    while end < CAPACITY + 20_000:
        write(writer, end, size)
        end += size
    oldest = reader.oldest()
    assert oldest == end - CAPACITY
    samples, gaps = reader.read(oldest, CAPACITY)
    np.testing.assert_array_equal(samples, wanted(oldest, CAPACITY))
    assert not gaps.any()
    with pytest.raises(OverrunError, match="read it within 60 s"):
        reader.read(oldest - 1, 10)


def test_a_gap_across_the_end_of_the_ring(memory: Memory) -> None:
    """Old sound does not shine through."""
    writer, reader = SoundWriter(memory), SoundReader(memory)
    for end in range(0, CAPACITY - 480, 480):
        write(writer, end, 480)
    writer.write(CAPACITY - 480, None, 960, 0, 0.0, 0.0)
    write(writer, CAPACITY + 480, 960)
    samples, gaps = reader.read(CAPACITY - 960, 2400)
    np.testing.assert_array_equal(np.flatnonzero(gaps), np.arange(480, 1440))
    np.testing.assert_array_equal(samples[:, ~gaps], wanted(CAPACITY - 960, 2400)[:, ~gaps])
    assert not samples[:, gaps].any()


def test_a_hole_longer_than_the_ring_empties_it(memory: Memory) -> None:
    """Nothing of before is left."""
    writer, reader = SoundWriter(memory), SoundReader(memory)
    write(writer, 0)
    write(writer, 3 * CAPACITY)
    samples, gaps = reader.read(reader.oldest(), CAPACITY)
    assert np.count_nonzero(~gaps) == 960
    assert not samples[:, gaps].any()


@pytest.mark.parametrize(("position", "count"), [(0, 960), (960 + 7, 960), (960, 100)])
def test_what_has_no_place_is_refused(memory: Memory, position: int, count: int) -> None:
    """In the past, or between the cells of the mask; the ring stays as it was."""
    writer, reader = SoundWriter(memory), SoundReader(memory)
    write(writer, 0)
    with pytest.raises(ValueError, match="no place"):
        write(writer, position, count)
    assert reader.written() == 960


class _Interrupted(SoundReader):
    """A reader that the writer overtakes in the middle of its copying."""

    def __init__(self, memory: Memory, writer: SoundWriter) -> None:
        super().__init__(memory)
        self._writer = writer

    def _check(self, start: int) -> None:
        super()._check(start)
        if self.oldest() <= start:
            write(self._writer, self.written(), 5760)


def test_a_reader_that_is_overtaken_while_it_copies_gets_nothing(memory: Memory) -> None:
    """What it copied may be old and new sound in one."""
    writer = SoundWriter(memory)
    for position in range(0, CAPACITY, 5760):
        write(writer, position, 5760)
    reader = _Interrupted(memory, writer)
    with pytest.raises(OverrunError):
        reader.read(0, 960)
    start = reader.oldest() + 2 * 5760
    np.testing.assert_array_equal(reader.read(start, 960)[0], wanted(start, 960))


_WRITE_LAPS = """
import sys
from sw_notebook.receiver.memory import Memory
from sw_notebook.receiver.sound_ring import CAPACITY, RING_BYTES, SoundWriter
from tests.receiver.test_sound_ring import write

writer = SoundWriter(Memory(int(sys.argv[1]), RING_BYTES))
print("ready", flush=True)
sys.stdin.readline()
for position in range(0, 2 * CAPACITY, 2880):
    write(writer, position, 2880)
"""


def test_two_processes_share_a_ring(memory: Memory) -> None:
    """A reader at the edge of what is being replaced gets the right sound or an error."""
    reader = SoundReader(memory)
    root = Path(sw_notebook.__file__).parents[1]
    command = [sys.executable, "-c", _WRITE_LAPS, str(memory.fd)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=[memory.fd],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        child.stdin.write(b"go\n")
        child.stdin.flush()
        turn = 0
        while child.poll() is None:
            turn += 1
            start = reader.oldest() if turn % 2 else max(0, reader.written() - 960)
            count = min(960, reader.written() - start)
            try:
                samples, gaps = reader.read(start, count)
            except OverrunError:
                continue
            np.testing.assert_array_equal(samples, wanted(start, count))
            assert not gaps.any()
            if count:
                assert abs(reader.anchor(start).pts - start - 7) == 0
    assert child.returncode == 0
    start = CAPACITY
    assert (reader.written(), reader.oldest()) == (start + CAPACITY, start)
    np.testing.assert_array_equal(reader.read(start, CAPACITY)[0], wanted(start, CAPACITY))


def test_anchors_tell_when_a_sample_was_made_and_came(memory: Memory) -> None:
    """Between two packets it is counted on; what came says when the packet did."""
    writer, reader = SoundWriter(memory), SoundReader(memory)
    with pytest.raises(ValueError, match="no sound has come yet"):
        reader.anchor(0)
    writer.write(0, ramp(0, 960), 960, 50, 1000.0, 5.0, stereo=True)
    writer.write(960, None, 960, 1010, 1000.02, 5.1)
    assert reader.anchor(0) == (50, 1000.0, 5.0, True)
    assert reader.anchor(480) == (530, 1000.01, 5.0, True)
    assert reader.anchor(960) == (1010, 1000.02, 5.1, False)
    assert reader.anchor(1920) == (1970, 1000.04, 5.1, False)


def test_short_packets_leave_anchors_for_a_minute(memory: Memory) -> None:
    """Of 2.5 ms each, many share one; the times are right all the same."""
    writer, reader = SoundWriter(memory), SoundReader(memory)
    piece = ramp(0, 120)
    for position in range(0, CAPACITY + 960, 120):
        writer.write(position, piece, 120, position, position / RATE, position / RATE)
    for position in (reader.oldest(), CAPACITY // 2 + 360, reader.written() - 1):
        anchor = reader.anchor(position)
        assert anchor.pts == position
        assert anchor.unix == pytest.approx(position / RATE)
        assert position / RATE - 0.02 <= anchor.monotonic <= position / RATE


@example([], ANCHORS)
@example([], 2 * ANCHORS - 1)
@example([], 2 * ANCHORS)
@given(st.lists(st.integers(0, 3 * ANCHORS - 1), max_size=20), st.integers(1, 3 * ANCHORS))
def test_the_table_of_anchors_goes_round(asked: list[int], count: int) -> None:
    """Each packet is found while the table has it, and the oldest stands for those before."""
    positions = np.zeros(ANCHORS, np.int64)
    kept = np.arange(max(0, count - ANCHORS), count)
    positions[kept % ANCHORS] = kept * 960
    for packet in [0, count - 1, *asked]:
        found = positions[SoundReader._find(positions, count, packet * 960 + 5)] // 960
        oldest = max(0, count - ANCHORS + 1)
        assert found == min(max(packet, oldest), count - 1)


def test_since_finds_what_came_from_a_time_on(memory: Memory) -> None:
    """The first packet that came then or later; the end where none has."""
    writer, reader = SoundWriter(memory), SoundReader(memory)
    assert reader.since(0.0) == 0
    for number in range(5):
        write(writer, 960 * number)
    assert reader.since(-1.0) == 0
    assert reader.since(0.04) == 1920
    assert reader.since(0.041) == 2880
    assert reader.since(9.0) == reader.written() == 4800
    write(writer, 2 * CAPACITY)
    assert reader.since(-1.0) == reader.oldest()


def test_the_writer_says_how_it_goes(memory: Memory) -> None:
    """Counters by name, and whether all that came has been written."""
    writer, reader = SoundWriter(memory), SoundReader(memory)
    assert not reader.live()
    writer.set_live(True)
    assert reader.live()
    writer.publish(range(1, 1 + len(COUNTERS)))
    assert reader.counters() == {name: at for at, name in enumerate(COUNTERS, 1)}
    assert reader.live()


def test_other_memory_is_refused() -> None:
    """Of another size, or of the same size for something else."""
    for size in (4096, RING_BYTES):
        with Memory.create(size) as other, pytest.raises(ReceiverError, match="holds no sound"):
            SoundReader(other)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how much is shared")
def test_the_memory_is_taken_at_once(memory: Memory) -> None:
    """A process that has opened it does not grow while sound comes and is read."""
    process = psutil.Process()
    writer, reader = SoundWriter(memory), SoundReader(memory)
    shared = process.memory_info().shared
    for position in range(0, CAPACITY, 5760):
        write(writer, position, 5760)
    for start in range(0, CAPACITY, 5760):
        reader.read(start, 5760)
    assert process.memory_info().shared - shared < 2**20


def test_only_what_is_expected_calls() -> None:
    """Once, when the sound has come so far; the first of several that are expected."""
    with sound_memory() as memory:
        writer, reader, other = SoundWriter(memory), SoundReader(memory), SoundReader(memory)

        def write(position: int) -> bool:
            writer.write(position, None, 960, position, 0.0, 0.0)
            return writer.called()

        assert not write(0)
        assert reader.expect(960)  # it is there
        assert not write(960)
        assert not reader.expect(3840)
        assert not other.expect(2880)
        assert not reader.expect(3840)
        assert [write(position) for position in (1920, 2880, 3840)] == [True, False, False]
        assert not reader.expect(5760)
        assert [write(position) for position in (4800, 5760)] == [True, False]


def test_it_is_known_when_somebody_misses_the_next_packet(memory: Memory) -> None:
    """By what was asked for, and then in steps of the same length."""
    writer, reader = SoundWriter(memory), SoundReader(memory)
    write(writer, 0)
    assert writer.unmissed() == BEHIND
    assert not reader.expect(9600)
    assert writer.unmissed() == GATHERED
    write(writer, 960, 4800)
    assert not writer.called()
    assert writer.unmissed() == 9600 - 5760 - 960
    write(writer, 5760, 2880)
    assert writer.unmissed() == 0
    write(writer, 8640)
    assert writer.called()
    # it has not come back yet
    assert writer.unmissed() == BEHIND
    assert not reader.expect(19_200)
    reader.look()
    assert writer.unmissed() == BEHIND
    write(writer, 9600, 9600)
    assert writer.called()
    write(writer, 19_200, 8640)
    assert writer.unmissed() == 0
    # nor does it at all
    write(writer, 27_840, 960)
    assert writer.unmissed() == BEHIND
