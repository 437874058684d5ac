"""Streams for many."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import av
import pytest

from sw_notebook.space.media.broadcast import Broadcast
from sw_notebook.space.media.feed import Encoded, KeyframeGate


class Source:
    """Makes frames as fast as they are wanted, and says how often it was started."""

    def __init__(self) -> None:
        self.started = 0
        self.ended = asyncio.Event()

    async def produce(self, gate: KeyframeGate) -> AsyncIterator[Encoded]:
        """Make a frame whenever somebody else has run; the first is a keyframe."""
        self.started += 1
        self.ended.clear()
        number = 0
        try:
            while True:
                number += 1
                yield Encoded(av.Packet(bytes(number)), gate.passes(float(number)))
                await asyncio.sleep(0)
        finally:
            self.ended.set()


async def test_it_runs_while_somebody_watches() -> None:
    """Made once for all; ended with the last, begun anew with the next."""
    source = Source()
    broadcast = Broadcast("video", source.produce)
    one, two = broadcast.watch(), broadcast.watch()
    assert source.started == 0
    assert broadcast.watchers == 0
    await one.recv()
    await two.recv()
    assert broadcast.watchers == 2
    assert source.started == 1
    one.stop()
    assert not source.ended.is_set()
    two.stop()
    await source.ended.wait()
    assert broadcast.watchers == 0
    three = broadcast.watch()
    await three.recv()
    assert source.started == 2
    await broadcast.close()
    await broadcast.close()
    assert three.readyState == "ended"
    assert source.ended.is_set()


async def test_all_get_the_same_packets() -> None:
    """Nothing is encoded twice."""
    broadcast = Broadcast("video", Source().produce)
    one, two = broadcast.watch(), broadcast.watch()
    first, second = await asyncio.gather(one.recv(), two.recv())
    while first.size < second.size:
        first = await one.recv()
    while second.size < first.size:
        second = await two.recv()
    assert first is second
    await broadcast.close()


async def test_a_failure_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Its watchers see no more of it; others are not touched."""
    failed = asyncio.Event()

    async def produce(gate: KeyframeGate) -> AsyncIterator[Encoded]:
        yield Encoded(av.Packet(b"x"), True)
        failed.set()
        raise RuntimeError("out of paint")

    broadcast = Broadcast("video", produce)
    feed = broadcast.watch()
    with caplog.at_level(logging.ERROR, "sw_notebook.space"):
        await feed.recv()
        await failed.wait()
        await broadcast.close()
    assert "out of paint" in caplog.text
