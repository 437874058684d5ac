"""RTP as the space makes it: the shape that was measured at FreeSWITCH, as far as it has it."""

from __future__ import annotations

import itertools

import pytest

from sw_notebook.space import LoopbackSpace

from .client import caller
from .test_relay import prefer
from .wire import arrivals, receiver

FRAMES = 20


@pytest.mark.parametrize("codec", ["vp8", "h264"])
async def test_packets_are_small_and_the_last_of_a_frame_is_marked(
    space: LoopbackSpace, codec: str
) -> None:
    """At most 1212 octets with a bare header of 12, and about filled where a frame has more."""
    async with caller(space, receive="video") as call:
        prefer(call, codec)
        packets = arrivals(receiver(call, "video"))
        await call.dial("/public/bars")
        await packets.until(lambda: len({p.timestamp for p in packets.all}) > FRAMES)
    by_frame = itertools.groupby(packets.all, lambda packet: packet.timestamp)
    for frame in [list(group) for _, group in by_frame][1:FRAMES]:  # of the first it may miss some
        assert [packet.marker for packet in frame] == [0] * (len(frame) - 1) + [1]
    largest = max(len(packet.serialize()) for packet in packets.all)
    assert (1210 if codec == "vp8" else 1000) < largest <= 1212  # H264's encoder makes slices
