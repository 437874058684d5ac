"""The receiver on bad networks: what comes is right, and what does not come is counted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sw_notebook import Receiver
from sw_notebook.space import LoopbackSpace

from .reading import gaps, looks_right, read, until

pytestmark = pytest.mark.usefixtures("nothing_left")

CODECS = ["VP8", "H264"]
SINCE = 10
"""Frames that may be counted after the last one that is looked at, within 0.4 s."""


def watch(
    space: LoopbackSpace, count: int, *, codec: str = "VP8", **network: Any
) -> tuple[list[int], dict[str, Any], dict[str, Any]]:
    """Watch so many frames on such a network.

    Returns:
        Which frames they were, the receiver's numbers of them, and the space's.
    """
    with Receiver("/public/bars", space=space, preferred_video_codecs=[codec]) as rx:
        with rx.video.frames() as frames:
            next(frames)
            assert rx.call_id is not None
            space.impair(rx.call_id, **network)
            until(lambda: rx.stats().video["decoded"] > count)
            # all of them, however busy this machine is
            seen = rx.video.window(60)
        stats = rx.stats().video
        sent = space.legs()[0]["sent"]["video"]
    assert all(looks_right(frame) for frame in seen)
    assert stats["codec"] == codec.lower()
    assert stats["decode_errors"] == 0
    return [read(frame).frame for frame in seen], stats, sent


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("loss", [0.01, 0.03, 0.05])
def test_lost_packets_are_asked_for_again(space: LoopbackSpace, codec: str, loss: float) -> None:
    """All frames come, none is wrong, and no keyframe is asked for."""
    numbers, stats, sent = watch(space, 150, codec=codec, loss=loss, delay=0.01, seed=3)
    assert gaps(numbers) == []
    assert sent["lost"] > 0
    assert stats["recovered"] > 0
    assert (stats["lost"], stats["incomplete"]) == (0, 0)
    assert stats["keyframes_asked"] == 1
    assert stats["round_trip_ms"] is not None


@pytest.mark.parametrize("codec", CODECS)
def test_what_is_not_sent_again_costs_a_keyframe_and_nothing_is_wrong(
    space: LoopbackSpace, codec: str
) -> None:
    """Frames that refer to what was lost are left out, and counted."""
    numbers, stats, _ = watch(space, 100, codec=codec, loss=0.03, nack=False, seed=5)
    missing = sum(gaps(numbers))
    assert missing > 0
    assert stats["lost"] > 0
    assert stats["keyframes_asked"] > 1
    # a frame of one packet leaves no trace but the lost packet
    counted = stats["incomplete"] + stats["undecodable"]
    assert counted <= missing + SINCE
    assert missing <= counted + stats["lost"]


def test_packets_that_come_twice_and_out_of_order(space: LoopbackSpace) -> None:
    """Nothing is lost by that."""
    numbers, stats, sent = watch(space, 150, duplicate=0.1, reorder=0.1, jitter=0.01, seed=7)
    assert gaps(numbers) == []
    assert stats["lost"] == 0
    assert sent["duplicated"] > 0
    assert stats["reordered"] + stats["recovered"] > 0


def test_half_a_second_of_nothing_again_and_again(space: LoopbackSpace) -> None:
    """What is not repaired is left out, and the next keyframe goes on."""
    numbers, stats, sent = watch(space, 120, burst=(2.0, 0.5), seed=1)
    assert sent["lost"] > 0
    missing = sum(gaps(numbers))
    assert missing <= stats["incomplete"] + stats["undecodable"] + stats["lost"]


def test_everything_at_once(space: LoopbackSpace) -> None:
    """A very bad network is no reason to show what is wrong."""
    numbers, _, _ = watch(
        space, 60, loss=0.1, delay=0.03, jitter=0.03, duplicate=0.05, reorder=0.1, seed=11
    )
    gaps(numbers)


def test_the_first_keyframe_may_come_late(space: LoopbackSpace) -> None:
    """As where FreeSWITCH asks the source only after seconds; delta frames come before it."""
    with Receiver("/public/late", space=space) as rx:
        frame = next(rx.video.frames())
        assert frame.key
        assert read(frame)
        stats = rx.stats().video
        assert stats["undecodable"] > 20
        # asked at first, and then once a second: not a storm
        assert 2 <= stats["keyframes_asked"] <= 6


@pytest.mark.parametrize("loss", [0.02, 0.05])
def test_lost_sound_is_a_gap_and_puts_nothing_off(space: LoopbackSpace, loss: float) -> None:
    """It is as long as what was lost, and what comes after it is in time."""
    with Receiver("/public/bars", space=space, video=False) as rx:
        rx.audio.window(0.1)
        assert rx.call_id is not None
        space.impair(rx.call_id, loss=loss, seed=2)
        blocks = rx.audio.blocks(0.5)
        got = [next(blocks) for _ in range(10)]
        stats = rx.stats().audio
        missing = sum(int(block.gaps.sum()) for block in got)
        assert missing % 960 == 0
        assert 0 < missing // 960 <= stats["lost"]
        assert stats["decode_errors"] == 0
        assert all(np.abs(block.samples[:, block.gaps]).max(initial=0) == 0 for block in got)
        # positions are those of the sender's clock: nothing has piled up
        sent = space.legs()[0]["sent"]["audio"]["packets"]
        until(lambda: rx.audio.seconds * 50 >= sent - 3)


def test_sound_out_of_order(space: LoopbackSpace) -> None:
    """It is put in order where that takes no longer than two packets."""
    with Receiver("/public/bars", space=space, video=False) as rx:
        rx.audio.window(0.1)
        assert rx.call_id is not None
        space.impair(rx.call_id, duplicate=0.1, reorder=0.05, seed=4)
        blocks = rx.audio.blocks(1.0)
        for _ in range(4):
            next(blocks)
        stats = rx.stats().audio
        assert stats["reordered"] > 0
        connection = rx.stats().connection
        assert connection["repeated"] > 0
        assert connection["undecryptable"] == 0
