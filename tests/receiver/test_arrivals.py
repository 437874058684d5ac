"""Packets are counted by when they came, however late they are looked at."""

from __future__ import annotations

import itertools
import statistics

import pytest

from sw_notebook import Receiver
from sw_notebook.receiver.child.arrivals import Arrivals
from sw_notebook.rtp.packets import Packet
from sw_notebook.space import LoopbackSpace

from .reading import until

RATE = 48_000


def packet(number: int, stamp: int) -> Packet:
    """Return a packet of sound."""
    return Packet(111, False, number & 0xFFFF, stamp & 0xFFFFFFFF, 7, b"sound")


def test_even_packets_have_no_jitter() -> None:
    """Also where sequence numbers and time stamps begin again from 0."""
    arrivals = Arrivals(RATE)
    for index in range(100):
        arrivals.arrived(packet(65_500 + index, 2**32 - 20_000 + 960 * index), 5 + index * 0.02)
    assert arrivals.jitter == 0
    assert arrivals.packets_received == arrivals.packets_expected == 100
    assert arrivals.packets_lost == 0


def test_uneven_packets_have_the_mean_of_how_uneven_they_are() -> None:
    """Each second one 5 ms late: 5 ms between each and the next, in ticks."""
    arrivals = Arrivals(RATE)
    for index in range(400):
        arrivals.arrived(packet(index, 960 * index), index * 0.02 + index % 2 * 0.005)
    assert arrivals.jitter == pytest.approx(0.005 * RATE, rel=0.01)


def test_packets_of_one_frame_and_late_ones_are_no_jitter() -> None:
    """What counts is the first of a frame, and those in order."""
    arrivals = Arrivals(RATE)
    for index in range(100):
        arrivals.arrived(packet(2 * index, 960 * index), index * 0.02)
        arrivals.arrived(packet(2 * index + 1, 960 * index), index * 0.02 + 0.01)
        arrivals.arrived(packet(2 * index - 3, 960 * (index - 2)), index * 0.02 + 0.015)
    assert arrivals.jitter == 0


def test_what_is_missing_is_counted() -> None:
    """One of ten does not come, and one comes twice."""
    arrivals = Arrivals(RATE)
    for index in range(100):
        if index % 10 != 5:
            arrivals.arrived(packet(index, 960 * index), index * 0.02)
    assert (arrivals.packets_lost, arrivals.packets_received) == (10, 90)
    assert arrivals.fraction_lost == 10 * 256 // 100


@pytest.mark.usefixtures("nothing_left")
def test_packets_that_nobody_waits_for_are_timed_all_the_same(space: LoopbackSpace) -> None:
    """They lie unread for a while, which the time of a block does not show; they are counted."""
    with Receiver("/public/bars", space=space) as rx:
        rx.wait("connected")
        until(lambda: rx.stats().audio.get("received", 0) > 50)
        until(lambda: rx.stats().video["received"] > 50)
        stats = rx.stats()
        assert stats.audio["jitter_ms"] > 0
        assert stats.video["jitter_ms"] > 0
        # these were kept while nobody listened
        blocks = rx.audio.blocks(0.02, start="oldest")
        times = [block.monotonic for block in itertools.islice(blocks, 50)]
        apart = [later - sooner for sooner, later in itertools.pairwise(times)]
        assert statistics.median(abs(each - 0.02) for each in apart) < 0.01
