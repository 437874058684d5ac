"""The peer connection of a check, where it fails."""

from __future__ import annotations

import asyncio

import pytest
from aiortc import RTCPeerConnection
from aiortc.rtcrtpreceiver import RemoteStreamTrack

from sw_notebook.check.media import Media
from sw_notebook.check.steps import StepFailed


async def test_candidates_that_cannot_be_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error is named by its type: its words may quote an address."""

    async def fails(self: RTCPeerConnection) -> None:
        raise OSError("203.0.113.7 is out of reach")

    monkeypatch.setattr(RTCPeerConnection, "createOffer", fails)
    media = Media([])
    with pytest.raises(StepFailed, match="gather candidates \\(OSError\\)"):
        await media.offer()
    await media.aclose()


async def test_what_is_late_is_named() -> None:
    """The connection, or what has not come over it."""
    media = Media([])
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await media.arrives([])
    assert "connection was not there" in media.late().cause
    media._settled.set_result("connected")
    media._waiting = {"video", "audio"}
    assert media.late().cause == "no audio and no video came in time"
    await media.aclose()


async def test_an_address_that_aiortc_cannot_read() -> None:
    """An odd ICE server ends the step in words, and the sockets are let go."""
    media = Media([{"urls": "stun:[2001:db8::1]:3478"}])
    with pytest.raises(StepFailed, match="gather candidates \\(ValueError\\)"):
        await media.offer()
    await media.aclose()


async def test_a_track_that_ends_is_no_first_frame() -> None:
    """It fails, and does not count as having come."""
    media, track = Media([]), RemoteStreamTrack(kind="audio")
    media._waiting = {"audio"}
    track.stop()
    with pytest.raises(StepFailed, match="the audio ended before it began"):
        await media._first(track, 0, [])
    assert media._waiting == {"audio"}
    await media.aclose()
