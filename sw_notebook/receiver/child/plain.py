"""Receiving with nothing but aiortc's public names: slower, and with any aiortc."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Protocol

import av
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

__all__ = ["Taking", "follow"]

logger = logging.getLogger("sw_notebook.receiver")


class Taking(Protocol):
    """What takes what aiortc has decoded."""

    def take(self, frame: av.VideoFrame | av.AudioFrame, now: float) -> None:
        """Take a frame that came at ``now``, of ``time.monotonic()``."""


def follow(track: MediaStreamTrack, taking: Taking) -> asyncio.Task[None]:
    """Hand on each frame of a track, as soon as it is there, until the track ends.

    aiortc keeps all that nobody takes, so each frame is taken, wanted or not.
    """
    return asyncio.create_task(_follow(track, taking))


async def _follow(track: MediaStreamTrack, taking: Taking) -> None:
    while True:
        try:
            frame = await track.recv()
        except MediaStreamError:
            return
        if isinstance(frame, av.VideoFrame | av.AudioFrame):
            taking.take(frame, time.monotonic())
