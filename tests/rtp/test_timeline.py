"""Every packet has one place, or is counted; gaps are as long as what is missing."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sw_notebook.rtp.timeline import LONGEST_GAP, Placed, Timeline

TOC = 0b11111_0_00
"""CELT, 20 ms."""


def payload(number: int) -> bytes:
    """Return a packet of 20 ms that can be told from others."""
    return bytes([TOC]) + number.to_bytes(8, "big")


def fed(
    timeline: Timeline,
    numbers: list[int],
    *,
    sequence: int = 100,
    timestamp: int = 5000,
    start: float = 10.0,
) -> list[Placed]:
    """Push packets by number, each at its own time, whatever the order."""
    placed = []
    for number in numbers:
        placed += timeline.push(
            (sequence + number) & 0xFFFF,
            (timestamp + 960 * number) & 0xFFFFFFFF,
            payload(number),
            start + 0.02 * number,
            1000 + 0.02 * number,
        )
    return placed


def places(placed: list[Placed]) -> list[tuple[int, int | None]]:
    """Return (position in packets, number of the packet or None for a gap)."""
    return [
        (p.position // 960, None if p.payload is None else int.from_bytes(p.payload[1:], "big"))
        for p in placed
    ]


def test_packets_in_order_are_placed_at_once() -> None:
    """Positions, time stamps and times go on together; nothing is held."""
    timeline = Timeline()
    placed = fed(timeline, [0, 1, 2])
    assert placed == [
        Placed(960 * n, 960 * n, 960, payload(n), 10 + 0.02 * n, 1000 + 0.02 * n) for n in range(3)
    ]
    assert timeline.deadline is None
    assert timeline.poll(math.inf) == []


def test_a_packet_that_comes_late_is_waited_for() -> None:
    """One later packet is held, and placed behind the one that was missing."""
    timeline = Timeline()
    assert places(fed(timeline, [0, 2])) == [(0, 0)]
    assert places(fed(timeline, [1])) == [(1, 1), (2, 2)]
    assert timeline.counters.reordered == 1
    assert timeline.counters.lost == 0


def test_a_missing_packet_is_given_up_when_two_later_ones_are_there() -> None:
    """So that the sound is never more than two packets behind."""
    timeline = Timeline()
    assert places(fed(timeline, [0, 2])) == [(0, 0)]
    assert places(fed(timeline, [3])) == [(1, None), (2, 2), (3, 3)]
    assert timeline.counters.lost == 1


def test_a_missing_packet_is_given_up_after_60_ms() -> None:
    """Not before, and the time to look again is told."""
    timeline = Timeline()
    fed(timeline, [0, 2])
    deadline = timeline.deadline
    assert deadline is not None
    assert deadline == pytest.approx(10.04 + 0.06)
    assert timeline.poll(deadline - 0.001) == []
    placed = timeline.poll(deadline)
    assert places(placed) == [(1, None), (2, 2)]
    assert placed[0].pts == 960
    assert placed[0].unix == pytest.approx(1000.02)


def test_two_gaps_beside_one_another() -> None:
    """What lies behind the second gap waits for its own turn."""
    timeline = Timeline()
    placed = fed(timeline, [0, 2, 4, 3, 6, 7])
    assert places(placed) == [(0, 0), (1, None), (2, 2), (3, 3), (4, 4), (5, None), (6, 6), (7, 7)]
    assert timeline.counters.lost == 2


def test_what_comes_twice_or_too_late_is_dropped_and_counted() -> None:
    """A late packet is one that had been given up; its second copy is a duplicate."""
    timeline = Timeline()
    assert places(fed(timeline, [0, 0, 2, 2, 3, 1, 1, 3])) == [(0, 0), (1, None), (2, 2), (3, 3)]
    counters = timeline.counters
    assert (counters.received, counters.lost, counters.late, counters.duplicate) == (8, 1, 1, 4)


def test_what_was_before_the_first_packet_is_late() -> None:
    """The first packet begins the sound, even where it overtook another."""
    timeline = Timeline()
    assert places(fed(timeline, [1, 0, 2])) == [(0, 1), (1, 2)]
    assert timeline.counters.late == 1


def test_a_time_stamp_that_slips_is_no_gap() -> None:
    """FreeSWITCH's jumps by 1920 every two seconds: the sound goes on, its pts follows."""
    timeline = Timeline()
    fed(timeline, list(range(100)))
    placed = fed(timeline, [100, 101], timestamp=5000 + 960)
    assert places(placed) == [(100, 100), (101, 101)]
    assert [p.pts for p in placed] == [101 * 960, 102 * 960]
    assert (timeline.counters.slips, timeline.counters.lost) == (1, 0)


def test_a_jump_of_an_hour_that_did_not_take_an_hour_is_no_gap() -> None:
    """The time stamp alone invents no silence, forwards or backwards."""
    timeline = Timeline()
    fed(timeline, [0, 1])
    placed = fed(timeline, [2], timestamp=5000 + 48_000 * 3600)
    placed += fed(timeline, [3])
    assert places(placed) == [(2, 2), (3, 3)]
    assert [p.pts for p in placed] == [2 * 960 + 48_000 * 3600, 3 * 960]
    assert timeline.counters.slips == 2


@pytest.mark.parametrize("late", [-0.2, 0.0, 0.2])
def test_a_hold_is_a_gap_as_long_as_it_was(late: float) -> None:
    """The sender's time stamps and the arrivals tell of the same pause, more or less."""
    timeline = Timeline()
    fed(timeline, [0, 1])
    pause = 2 * 48_000
    gap, sound = fed(timeline, [2], timestamp=5000 + pause, start=12 + late)
    assert (gap.position, gap.samples, gap.payload, gap.pts) == (1920, pause, None, 1920)
    assert gap.unix == pytest.approx(1000.04)
    assert (sound.position, sound.pts) == (1920 + pause, 1920 + pause)
    assert (timeline.counters.lost, timeline.counters.slips) == (0, 0)


def test_a_hold_of_ten_minutes_is_a_gap_of_one() -> None:
    """No gap is longer than what is kept; pts and time know better."""
    timeline = Timeline()
    fed(timeline, [0])
    gap, sound = fed(timeline, [1], timestamp=5000 + 600 * 48_000, start=610)
    assert gap.samples == LONGEST_GAP
    assert sound.position == 960 + LONGEST_GAP
    assert sound.pts == 960 + 600 * 48_000


def test_silence_that_the_encoder_announced_is_a_gap() -> None:
    """After a packet of one byte (DTX) a pause of less than half a second counts as well."""
    timeline = Timeline()
    timeline.push(1, 0, bytes([TOC]), 1.0)
    gap, sound = timeline.push(2, 400 * 48, payload(2), 1.4)
    assert (gap.samples, gap.payload, sound.position) == (380 * 48, None, 400 * 48)


def test_loss_and_hold_together() -> None:
    """A packet is missing, and then there was a pause: both are gaps."""
    timeline = Timeline()
    fed(timeline, [0, 1])
    placed = fed(timeline, [3, 4], timestamp=5000 + 3 * 48_000, start=13)
    assert [(p.position, p.payload is None) for p in placed] == [
        (1920, True),
        (2880, True),
        (2880 + 3 * 48_000, False),
        (3840 + 3 * 48_000, False),
    ]


def test_time_stamps_decide_a_gap_that_packets_like_its_neighbours_explain() -> None:
    """Packets of 60 ms before and 20 ms after: what was lost had either length."""
    timeline = Timeline()
    long = bytes([0b11111_0_11, 3])
    timeline.push(1, 0, long, 0.0)
    timeline.push(4, 2880 + 2880 + 960, payload(4), 0.14)
    gap, sound, _ = timeline.push(5, 2880 + 2880 + 1920, payload(5), 0.16)
    assert (gap.samples, sound.position) == (3840, 2880 + 3840)


def test_time_stamps_that_make_no_sense_leave_the_gap_to_the_packets() -> None:
    """Two are missing, so 40 ms are."""
    timeline = Timeline()
    fed(timeline, [0])
    placed = fed(timeline, [3, 4], timestamp=5000 + 7)
    assert places(placed) == [(1, None), (3, 3), (4, 4)]
    assert timeline.counters.slips == 1


def test_numbers_that_wrap_are_no_jump() -> None:
    """Sequence number and time stamp begin again at 0 while the sound goes on."""
    timeline = Timeline()
    start = {"sequence": 0xFFFE, "timestamp": 0xFFFFFFFF - 960}
    placed = fed(timeline, [0, 1, 3, 2, 5, 6, 7], **start)
    assert places(placed) == [(0, 0), (1, 1), (2, 2), (3, 3), (4, None), (5, 5), (6, 6), (7, 7)]
    assert [p.pts for p in placed] == [960 * n for n in range(8)]


def test_two_packets_of_another_sequence_begin_anew() -> None:
    """One alone is a stray; the sound goes on where it was."""
    timeline = Timeline()
    fed(timeline, [0, 1])
    assert fed(timeline, [2], sequence=40_000, timestamp=99) == []
    placed = fed(timeline, [3], sequence=40_000, timestamp=99)
    assert places(placed) == [(2, 2), (3, 3)]
    assert [p.pts for p in placed] == [1920, 2880]
    assert (timeline.counters.restarts, timeline.counters.lost) == (1, 0)


def test_a_stray_is_dropped_when_the_old_sequence_goes_on() -> None:
    """And it does not matter how often it comes, or that there are several."""
    timeline = Timeline()
    fed(timeline, [0, 1])
    fed(timeline, [2, 2, 9], sequence=40_000)
    assert places(fed(timeline, [2, 3])) == [(2, 2), (3, 3)]
    counters = timeline.counters
    assert (counters.late, counters.duplicate, counters.restarts) == (2, 1, 0)


def test_a_new_sequence_ends_the_wait_of_the_old() -> None:
    """What was held is placed first."""
    timeline = Timeline()
    fed(timeline, [0, 2])
    placed = fed(timeline, [3, 4], sequence=40_000)
    assert places(placed) == [(1, None), (2, 2), (3, 3), (4, 4)]


def test_a_restart_goes_on_where_the_sound_was() -> None:
    """Another SSRC has other numbers, which say nothing of the old ones."""
    timeline = Timeline()
    fed(timeline, [0, 2])
    assert places(timeline.restart()) == [(1, None), (2, 2)]
    placed = fed(timeline, [3, 4], sequence=7, timestamp=1)
    assert places(placed) == [(3, 3), (4, 4)]
    assert timeline.counters.restarts == 1


def test_a_restart_after_a_pause_is_a_gap() -> None:
    """Nothing else tells how long it took."""
    timeline = Timeline()
    fed(timeline, [0])
    assert timeline.restart() == []
    gap, sound = fed(timeline, [1], sequence=7, timestamp=1, start=13)
    assert gap.payload is None
    assert gap.samples == 3 * 48_000
    assert (sound.position, sound.pts) == (960 + 3 * 48_000, 960 + 3 * 48_000)


def test_a_restart_before_the_first_packet_is_none() -> None:
    """The first SSRC is no change."""
    timeline = Timeline()
    assert timeline.restart() == []
    fed(timeline, [0])
    assert timeline.counters.restarts == 0


def test_a_packet_that_is_none_takes_the_room_of_the_one_before() -> None:
    """What it is to hold cannot be told."""
    timeline = Timeline()
    fed(timeline, [0])
    (placed,) = timeline.push(101, 5960, b"", 10.02)
    assert (placed.position, placed.samples, placed.payload) == (960, 960, b"")


@st.composite
def _arrivals(draw: st.DrawFn) -> list[int]:
    """Packets with loss, copies and bounded disorder, as a list of numbers."""
    count = draw(st.integers(1, 120))
    moved = st.integers(0, 6)
    copies = st.sampled_from([0, 0, 1, 1, 1, 1, 1, 1, 1, 2])
    keys = [
        (number + draw(moved) * draw(st.booleans()) + 0.1 * copy, number)
        for number in range(count)
        for copy in range(draw(copies))
    ]
    return [number for _, number in sorted(keys)]


@given(
    numbers=_arrivals(),
    sequence=st.sampled_from([0, 1000, 0xFFF0]),
    timestamp=st.sampled_from([0, 123, 0xFFFFFF00]),
    slips=st.sets(st.integers(0, 120), max_size=3),
    polls=st.sets(st.integers(0, 200)),
)
def test_every_packet_has_its_place_or_is_counted(
    numbers: list[int], sequence: int, timestamp: int, slips: set[int], polls: set[int]
) -> None:
    """Whatever is lost, moved or comes twice, and however the time stamps slip."""
    timeline = Timeline()
    placed: list[Placed] = []
    for turn, number in enumerate(numbers):
        now = 0.02 * turn
        slipped = sum(960 for slip in slips if slip <= number)
        placed += timeline.push(
            (sequence + number) & 0xFFFF,
            (timestamp + 960 * number + slipped) & 0xFFFFFFFF,
            payload(number),
            now,
        )
        held = timeline.counters.received - _done(timeline, placed)
        assert held < 2, "at most two packets behind"
        if turn in polls:
            placed += timeline.poll(now + 0.06)
            assert timeline.deadline is None
    placed += timeline.poll(math.inf)
    assert _done(timeline, placed) == len(numbers)
    if not numbers:
        assert placed == []
        return
    end = 0
    for item in placed:
        assert item.position == end, "one after the other, without holes"
        assert item.samples > 0
        assert item.samples % 120 == 0
        end += item.samples
    sound = [(place, number) for place, number in places(placed) if number is not None]
    assert [place for place, _ in sound] == [number - numbers[0] for _, number in sound]
    counters = timeline.counters
    assert counters.lost == end // 960 - len(sound)
    assert counters.restarts == 0


def _done(timeline: Timeline, placed: list[Placed]) -> int:
    counters = timeline.counters
    return sum(p.payload is not None for p in placed) + counters.duplicate + counters.late


@given(
    st.lists(
        st.tuples(
            st.integers(0, 0xFFFF),
            st.integers(0, 0xFFFFFFFF),
            st.binary(max_size=3),
            st.floats(0, 100),
        ),
        max_size=30,
    )
)
def test_nonsense_is_placed_or_counted_too(
    packets: list[tuple[int, int, bytes, float]],
) -> None:
    """Any numbers at all: no error, no overlap, and no gap that is longer than a minute."""
    timeline = Timeline()
    placed: list[Placed] = []
    now = 0.0
    for sequence, timestamp, body, waited in packets:
        now += waited
        placed += timeline.push(sequence, timestamp, body, now)
    placed += timeline.restart()
    assert _done(timeline, placed) == len(packets)
    end = 0
    for item in placed:
        assert item.position == end
        assert 0 < item.samples <= LONGEST_GAP
        assert item.samples % 120 == 0
        end += item.samples
