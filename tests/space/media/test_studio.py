"""What the space plays, without a network."""

from __future__ import annotations

from typing import Any

import av
import pytest

from sw_notebook.space.media.studio import Studio
from sw_notebook.strip import Strip


@pytest.mark.parametrize(("codec", "decoder"), [("vp8", "libvpx"), ("h264", "h264")])
async def test_the_bars_count_on(codec: str, decoder: str) -> None:
    """Each frame follows the one before it, for a watcher who joins late, too."""
    studio = Studio()
    first, late = studio.bars(codec), studio.bars(codec)
    await first.recv()
    context: Any = av.CodecContext.create(decoder, "r")
    context.thread_count = 1
    read: list[Strip] = []
    while len(read) < 5:
        for frame in context.decode(await late.recv()):
            strip = Strip.read(frame.to_ndarray(format="gray"))
            assert strip is not None
            read.append(strip)
    numbers = [strip.frame for strip in read]
    assert numbers == list(range(numbers[0], numbers[0] + 5))
    assert studio.watchers() == {f"bars as {codec}": 2}
    assert studio.encoders_started == 1
    await studio.close()
    await studio.close()
    assert studio.watchers() == {f"bars as {codec}": 0}


async def test_sound_keeps_its_time() -> None:
    """20 ms of time stamps each, tone or silence."""
    studio = Studio()
    for feed in (studio.tone(), studio.silence()):
        stamps = [(await feed.recv()).pts or 0 for _ in range(4)]
        assert [stamp - stamps[0] for stamp in stamps] == [0, 960, 1920, 2880]
    await studio.close()
