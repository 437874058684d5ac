"""What the space itself plays: the test card, the tone and silence, each encoded once.

And what it passes on, of one caller to all others.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import numpy as np

from sw_notebook.strip import Strip

from . import card, hooks
from .broadcast import Broadcast
from .encoders import AUDIO_RATE, PACKETS_PER_SECOND, VideoEncoder, opus_packets, sound
from .feed import Encoded, Feed, KeyframeGate
from .pace import ticks
from .relay import Relays

__all__ = ["BIT_RATE", "TONE", "Studio"]

BIT_RATE = 700_000
"""Bits a second of the test card."""
TONE = 440
"""Hertz of the tone."""


class Studio:
    """All broadcasts of one space; nothing is drawn or encoded while nobody watches.

    Args:
        late_keyframe_seconds: how long :meth:`late_bars` have no keyframe.
    """

    def __init__(self, late_keyframe_seconds: float = 4.0) -> None:
        self._late_keyframe_seconds = late_keyframe_seconds
        self._broadcasts: dict[str, Broadcast] = {}
        self.relays = Relays()
        # One thread: pictures are drawn and encoded in order, off the event loop.
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="encode")
        self.encoders_started = 0

    def bars(self, codec: str) -> Feed:
        """Watch the test card, as ``codec`` (``"vp8"`` or ``"h264"``)."""
        return self._broadcast("video", f"bars as {codec}", codec).watch()

    def late_bars(self, codec: str) -> Feed:
        """Watch the test card from its midst, without a keyframe in the first seconds."""
        broadcast = self._broadcast("video", f"bars as {codec}", codec)
        return broadcast.watch_late(self._late_keyframe_seconds)

    def tone(self) -> Feed:
        """Listen to the tone."""
        return self._broadcast("audio", "tone", TONE).watch()

    def silence(self) -> Feed:
        """Listen to silence, which is packets too."""
        return self._broadcast("audio", "silence", 0).watch()

    def watchers(self) -> dict[str, int]:
        """Return how many watch each broadcast that ever ran."""
        return {name: broadcast.watchers for name, broadcast in self._broadcasts.items()}

    async def close(self) -> None:
        """End all broadcasts; safe to call twice."""
        for broadcast in self._broadcasts.values():
            await broadcast.close()
        self._worker.shutdown(cancel_futures=True)

    def _broadcast(self, kind: Literal["audio", "video"], name: str, what: str | int) -> Broadcast:
        def produce(gate: KeyframeGate) -> AsyncIterator[Encoded]:
            return self._card(str(what), gate) if kind == "video" else _sound(int(what))

        if name not in self._broadcasts:
            self._broadcasts[name] = Broadcast(kind, produce)
        return self._broadcasts[name]

    async def _card(self, codec: str, gate: KeyframeGate) -> AsyncIterator[Encoded]:
        loop = asyncio.get_running_loop()
        self.encoders_started += 1
        # An aiortc that cannot tell us of keyframe requests gets keyframes unasked.
        every = 2 * card.RATE if hooks.missing() else 3000
        encoder = VideoEncoder(
            codec,
            card.WIDTH,
            card.HEIGHT,
            rate=card.RATE,
            bit_rate=BIT_RATE,
            keyframe_every=every,
        )
        picture = await loop.run_in_executor(
            self._worker, card.Card, "/public/bars on the loopback space"
        )
        frame = 0

        def encode(pts: int, key: bool) -> list[Encoded]:
            strip = Strip(frame, int(time.time() * 1000))
            return encoder.encode(picture.draw(strip), pts, key=key)

        async for elapsed in ticks(card.RATE):
            key = gate.passes(loop.time())
            for encoded in await loop.run_in_executor(
                self._worker, encode, round(elapsed * 90_000), key
            ):
                yield encoded
            frame += 1


async def _sound(frequency: int) -> AsyncIterator[Encoded]:
    """Play a tone for ever, or silence for 0 Hz.

    A second holds whole periods of both, so one second, encoded once, is all that is needed;
    the second before it brings the encoder into its stride.
    """
    wave = np.sin(2 * np.pi * frequency * np.arange(2 * AUDIO_RATE) / AUDIO_RATE)
    packets = opus_packets((8000 * wave).astype(np.int16))[PACKETS_PER_SECOND:]
    sent = 0
    async for elapsed in ticks(PACKETS_PER_SECOND):
        yield sound(packets[sent % len(packets)], round(elapsed * AUDIO_RATE))
        sent += 1
