"""Playing a feed to those who listen in a relay, as if it were one of them."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import AsyncIterator

from aiortc.codecs import get_encoder
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtp import RtpPacket

from .feed import Feed
from .relay import Relay

__all__ = ["Player"]

logger = logging.getLogger("sw_notebook.space")


class Player:
    """A source in a relay that sends what a feed has, until :meth:`close`.

    Args:
        relay: where it is heard.
        codec: what the feed is encoded as.
        feed: what it plays.
    """

    def __init__(self, relay: Relay, codec: RTCRtpCodecParameters, feed: Feed) -> None:
        self._relay = relay
        self._feed = feed
        self._packing = get_encoder(codec)
        self._task = asyncio.create_task(self._run())

    def ask_for_keyframe(self) -> None:
        """Pass on that a listener cannot go on without a keyframe."""
        self._feed.ask_for_keyframe()

    async def close(self) -> None:
        """Send nothing more; safe to call twice."""
        self._relay.end(self)
        self._feed.stop()
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _run(self) -> None:
        self._relay.begin(self)
        try:
            async for packet in self._packets():
                await self._relay.pass_on(self, packet)
        except MediaStreamError:
            logger.info("the %s feed that is played in a call has ended", self._feed.kind)
        except Exception:
            logger.exception("the %s feed cannot be played on in a call", self._feed.kind)

    async def _packets(self) -> AsyncIterator[RtpPacket]:
        numbers = itertools.count()
        while True:
            payloads, timestamp = self._packing.pack(await self._feed.recv())
            for left, payload in zip(reversed(range(len(payloads))), payloads, strict=True):
                yield RtpPacket(
                    marker=int(not left),
                    sequence_number=next(numbers) % (1 << 16),
                    timestamp=timestamp % (1 << 32),
                    payload=payload,
                )
