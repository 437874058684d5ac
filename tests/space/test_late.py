"""Pictures that begin with what cannot be decoded."""

from __future__ import annotations

import itertools

import pytest
from aiortc.codecs.vpx import VpxPayloadDescriptor
from aiortc.rtp import RtpPacket

from sw_notebook.space.media.echo import is_keyframe
from sw_notebook.space.media.studio import TONE
from sw_notebook.space.settings import Settings

from .client import caller
from .media.test_line import pitch, sound, strips
from .running import Running
from .wire import arrivals, receiver


def keys(packets: list[RtpPacket]) -> list[bool]:
    """Return of each frame whether it is a keyframe."""
    parsed = [VpxPayloadDescriptor.parse(packet.payload) for packet in packets]
    return [is_keyframe("VP8", rest) for head, rest in parsed if head.partition_start]


async def test_the_first_keyframe_is_late() -> None:
    """Others have theirs at once; who asks, as aiortc does all the time, gets it no sooner."""
    async with (
        Running().serving(Settings(late_keyframe_seconds=1)) as running,
        caller(running, receive="video") as other,
        caller(running, receive="audio video") as call,
    ):
        seen, came = (arrivals(receiver(one, "video")) for one in (other, call))
        await other.dial("/public/bars")
        await strips(other.video, 3)
        await call.dial("/public/late")
        read = await strips(call.video, 10)
        assert [b.frame - a.frame for a, b in itertools.pairwise(read)] == [1] * 9
        assert pitch(await sound(call.audio, 25)) == pytest.approx(TONE, abs=2)
        assert keys(seen.all)[0]
        assert keys(came.all).index(True) > 3
