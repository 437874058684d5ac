"""Time stamps become wall clock time, through reports that are noisy, odd or of another clock."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sw_notebook.rtp.clock import CallClock, StreamClock

NTP = 3_900_000_000.0
"""Seconds since 1900, as sender reports have them."""

FREESWITCH = [4.0, 8.0, 12.0, *(16 + 1.02 * n for n in range(20))]
"""When its reports come, in seconds from the beginning of the call."""


def wire(seconds: float, rate: int, first: int = 0) -> int:
    """Return the time stamp of a moment as it stands in a packet."""
    return (first + round(seconds * rate)) & 0xFFFFFFFF


@given(
    rate=st.sampled_from([48_000, 90_000]),
    first=st.integers(0, 0xFFFFFFFF),
    skew=st.floats(-300e-6, 300e-6),
    count=st.integers(1, len(FREESWITCH)),
)
def test_exact_reports_are_followed_exactly(rate: int, first: int, skew: float, count: int) -> None:
    """Whatever the first time stamp, across its wrap, and with a clock that runs fast or slow."""
    clock = StreamClock(rate)
    assert clock.sender_time(first) is None
    for at in FREESWITCH[:count]:
        clock.report(NTP + at * (1 + skew), wire(at, rate, first))
    assert clock.generation == 0
    for at in (0.0, FREESWITCH[count - 1] + 4):
        # two reports do not yet decide the slope
        tolerance = 1e-4 if count > 2 else 1e-4 + 2 * abs(skew) * 8
        told = clock.sender_time(wire(at, rate, first))
        assert told == pytest.approx(NTP + at * (1 + skew), abs=tolerance)


@given(st.integers(0, 1000))
def test_noisy_reports_are_smoothed(seed: int) -> None:
    """FreeSWITCH's video reports are -39 to +22 ms off: far less of it is left."""
    noise = random.Random(seed)
    clock = StreamClock(90_000)
    worst = 0.0
    for count, at in enumerate(FREESWITCH):
        clock.report(NTP + at + noise.uniform(-0.039, 0.022), wire(at, 90_000))
        if count >= 7:
            told = clock.sender_time(wire(at + 1, 90_000))
            assert told is not None
            worst = max(worst, abs(told - NTP - at - 1 + 0.0085))
    assert clock.generation == 0
    assert worst < 0.031


def test_many_noisy_reports_are_nearly_exact_in_the_mean() -> None:
    """After half a minute the error is a few milliseconds."""
    errors = []
    for seed in range(50):
        noise = random.Random(seed)
        clock = StreamClock(90_000)
        for at in FREESWITCH:
            clock.report(NTP + at + noise.uniform(-0.03, 0.03), wire(at, 90_000))
        told = clock.sender_time(wire(40, 90_000))
        assert told is not None
        errors.append(abs(told - NTP - 40))
    assert sum(errors) / len(errors) < 0.005


@pytest.mark.parametrize("off", [-3600.0, -0.3, 0.3, 3600.0])
def test_one_report_that_is_off_changes_nothing(off: float) -> None:
    """Nor does it if it comes twice."""
    clock = StreamClock(48_000)
    for at in range(5):
        clock.report(NTP + at, wire(at, 48_000))
    clock.report(NTP + 5 + off, wire(5, 48_000))
    clock.report(NTP + 5 + off, wire(5, 48_000))
    clock.report(NTP + 6, wire(6, 48_000))
    assert clock.generation == 0
    assert clock.sender_time(wire(7, 48_000)) == pytest.approx(NTP + 7, abs=1e-6)


@pytest.mark.parametrize("off", [-3600.0, -0.3, 0.3, 3600.0])
def test_two_reports_that_agree_are_a_new_clock(off: float) -> None:
    """The old reports are forgotten."""
    clock = StreamClock(48_000)
    for at in range(5):
        clock.report(NTP + at, wire(at, 48_000))
    for at in (5, 6):
        clock.report(NTP + at + off, wire(at, 48_000))
    assert clock.generation == 1
    assert clock.sender_time(wire(7, 48_000)) == pytest.approx(NTP + 7 + off, abs=1e-6)


def test_reports_without_a_clock_are_left_out() -> None:
    """RFC 3550 lets a sender that has no wall clock say 0."""
    clock = StreamClock(48_000)
    for nothing in (0.0, -1.0, float("nan"), float("inf")):
        clock.report(nothing, 5)
    assert clock.sender_time(5) is None


def test_a_report_that_comes_again_or_in_disorder_does_no_harm() -> None:
    """It is on the line anyway."""
    clock = StreamClock(48_000)
    for at in (0, 2, 1, 1, 3):
        clock.report(NTP + at, wire(at, 48_000))
    assert clock.sender_time(wire(4, 48_000)) == pytest.approx(NTP + 4, abs=1e-6)


def test_a_reset_forgets_everything() -> None:
    """As for a new SSRC, whose time stamps have nothing to do with the old."""
    clock = StreamClock(48_000)
    clock.report(NTP, 0)
    clock.reset()
    assert clock.sender_time(0) is None
    assert clock.generation == 1


@given(
    st.lists(st.tuples(st.floats(), st.integers(0, 0xFFFFFFFF)), max_size=40),
    st.integers(0, 0xFFFFFFFF),
)
def test_nonsense_raises_nothing(reports: list[tuple[float, int]], timestamp: int) -> None:
    """Whatever a sender reports, there is a time or none."""
    clock = StreamClock(48_000)
    call = CallClock()
    for ntp, rtp in reports:
        clock.report(ntp, rtp)
        told = call.time(clock, timestamp, 1000.0)
        assert 1000.0 - CallClock.TRUST_SECONDS <= told <= 1000.0


def test_without_reports_the_arrival_is_the_time() -> None:
    """There is nothing better in the first four seconds."""
    assert CallClock().time(StreamClock(48_000), 0, 123.0) == 123.0


@given(
    st.lists(st.floats(0.0, 0.5), min_size=2, max_size=60),
    st.floats(-1e6, 1e6),
)
def test_what_was_made_together_has_one_time(delays: list[float], apart: float) -> None:
    """Sound and video of one moment, however long each was on its way."""
    call, audio, video = CallClock(), StreamClock(48_000), StreamClock(90_000)
    audio.report(NTP, 0)
    video.report(NTP, 777)
    ours = 1_700_000_000.0 + apart
    call.time(audio, 0, ours)  # this one took no time at all
    for number, delay in enumerate(delays):
        at = number * 0.2
        arrival = ours + at + delay
        sound = call.time(audio, wire(at, 48_000), arrival)
        picture = call.time(video, wire(at, 90_000, 777), arrival)
        assert sound == pytest.approx(ours + at, abs=1e-4)
        assert picture == pytest.approx(sound, abs=1e-4)
        assert sound <= arrival


def test_drifting_clocks_are_followed() -> None:
    """The shortest way of an hour ago says nothing about now."""
    call, clock = CallClock(), StreamClock(48_000)
    told = arrival = 0.0
    for at in range(3600):
        clock.report(NTP + at, wire(at, 48_000))
        arrival = 5000 + at * 1.0002
        told = call.time(clock, wire(at, 48_000), arrival)
    assert told == pytest.approx(arrival, abs=0.0002 * 61)
    assert told <= arrival


def test_a_new_clock_forgets_the_way_of_the_old() -> None:
    """A sender that sets its clock back or forth does not shift what we say."""
    for off in (-7200.0, -1.0, 1.0, 7200.0):
        call, audio, video = CallClock(), StreamClock(48_000), StreamClock(90_000)
        for at in range(12):
            ntp = NTP + at + (off if at > 4 else 0)
            audio.report(ntp, wire(at, 48_000))
            if at != 5:  # the other stream notices later
                video.report(ntp, wire(at, 90_000))
            told = [
                call.time(audio, wire(at, 48_000), 5000.0 + at),
                call.time(video, wire(at, 90_000), 5000.0 + at),
            ]
            if not 4 < at < 8 or abs(off) > CallClock.TRUST_SECONDS:
                assert told == pytest.approx([5000.0 + at] * 2, abs=1e-3)
