"""Who sends a stream, and how much."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest
from aiortc import RTCRtpReceiver

from sw_notebook.receiver.child.source import Source
from sw_notebook.rtp.clock import CallClock
from sw_notebook.rtp.packets import Packet


@pytest.fixture
def source() -> Source:
    """A source that asks nobody for anything."""
    loop = asyncio.new_event_loop()
    loop.close()
    return Source(cast(RTCRtpReceiver, None), 90_000, CallClock(), loop)


def send(source: Source, seconds: float, size: int, start: float) -> float:
    """Let 100 packets a second come; return when the last one did."""
    now = start
    for index in range(round(seconds * 100)):
        now = start + index / 100
        source.accepts(Packet(96, False, index & 0xFFFF, index, 7, bytes(size)), now)
    return now


def test_the_bitrate_is_that_of_the_last_seconds(source: Source) -> None:
    """However long the call has lasted, and whatever it was before."""
    assert source.bitrate(5.0) is None
    assert source.stats()["bitrate"] is None
    now = send(source, 20, 1000, 5.0)
    assert source.bitrate(now + 0.5) == pytest.approx(800_000, rel=0.001)
    now = send(source, 2, 100, now + 0.01)
    assert source.bitrate(now) == pytest.approx(80_000, rel=0.02)


def test_a_sender_that_is_silent_has_no_bitrate(source: Source) -> None:
    """And its pause is no part of what comes after it."""
    now = send(source, 5, 1000, 5.0)
    assert source.bitrate(now + 2.1) == 0
    now = send(source, 0.5, 100, now + 60)
    assert source.bitrate(now) == pytest.approx(80_000, rel=0.02)


def test_one_packet_has_no_bitrate(source: Source) -> None:
    """There is no time that it took."""
    send(source, 0.01, 100, 5.0)
    assert source.bitrate(5.0) is None
