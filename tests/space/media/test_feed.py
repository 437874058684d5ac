"""A listener's queue."""

from __future__ import annotations

import av
import pytest
from aiortc.mediastreams import MediaStreamError

from sw_notebook.space.media.feed import Encoded, Feed, KeyframeGate, LateFeed


def frame(number: int, *, key: bool = False) -> Encoded:
    """Return a frame that can be told from others by its size."""
    return Encoded(av.Packet(bytes(number + 1)), key)


async def sizes(feed: Feed, count: int) -> list[int]:
    """Return the numbers of the next frames."""
    return [(await feed.recv()).size - 1 for _ in range(count)]


async def test_a_feed_begins_with_a_keyframe() -> None:
    """What comes before cannot be decoded; it is dropped, counted, and a keyframe asked for."""
    asked: list[int] = []
    feed = Feed("video", limit=5, ask=lambda: asked.append(1))
    for number, key in enumerate((False, False, True, False)):
        feed.push(frame(number, key=key))
    assert await sizes(feed, 2) == [2, 3]
    assert feed.dropped == 2
    assert len(asked) == 2


async def test_a_full_feed_starts_anew() -> None:
    """A listener that does not keep up gets the next keyframe, not the past."""
    feed = Feed("video", limit=3)
    for number in range(3):
        feed.push(frame(number, key=number == 0))
    feed.push(frame(3))
    feed.push(frame(4, key=True))
    assert await sizes(feed, 1) == [4]
    assert feed.dropped == 4


async def test_sound_goes_on_at_once() -> None:
    """Each of its packets can be decoded alone."""
    feed = Feed("audio", limit=2)
    for number in range(3):
        feed.push(frame(number, key=True))
    assert await sizes(feed, 1) == [2]
    assert feed.dropped == 2


async def test_a_held_feed_takes_nothing() -> None:
    """And needs a keyframe afterwards."""
    feed = Feed("video", limit=5)
    feed.push(frame(0, key=True))
    feed.held = True
    feed.push(frame(1))
    feed.held = False
    feed.push(frame(2))
    feed.push(frame(3, key=True))
    assert await sizes(feed, 2) == [0, 3]


async def test_a_listener_joins_once_and_leaves_once() -> None:
    """Joining is its first look, leaving may come twice."""
    log: list[str] = []
    feed = Feed(
        "audio", limit=5, join=lambda _: log.append("join"), leave=lambda _: log.append("leave")
    )
    feed.push(frame(0, key=True))
    feed.push(frame(1, key=True))
    assert not log
    await sizes(feed, 2)
    feed.stop()
    feed.stop()
    assert log == ["join", "leave"]
    with pytest.raises(MediaStreamError):
        await feed.recv()


async def test_a_late_feed_begins_in_the_midst() -> None:
    """Its first keyframe is asked for after a while, and not before."""
    asked: list[int] = []
    now = 100.0
    feed = LateFeed("video", limit=2, seconds=4, clock=lambda: now, ask=lambda: asked.append(1))

    async def play(*frames: Encoded) -> list[int]:
        for one in frames:
            feed.push(one)
        feed.push(frame(99))  # there is always one to get
        found: list[int] = []
        while 99 not in found:
            found += await sizes(feed, 1)
        return found[:-1]

    assert await play(frame(0, key=True), frame(1)) == [1]
    feed.ask_for_keyframe()
    now = 103.9
    assert await play(frame(2, key=True)) == []
    assert not asked
    now = 104.0
    assert await play(frame(3)) == [3]
    assert asked == [1]
    assert await play(frame(4, key=True)) == [4]
    feed.ask_for_keyframe()
    assert asked == [1, 1]
    assert feed.dropped == 0


async def test_a_late_feed_that_is_full_goes_on() -> None:
    """A keyframe is nothing that it could wait for."""
    asked: list[int] = []
    feed = LateFeed("video", limit=2, seconds=4, clock=lambda: 0.0, ask=lambda: asked.append(1))
    for number in range(4):
        feed.push(frame(number))
    assert await sizes(feed, 1) == [3]
    assert (feed.dropped, asked) == (3, [])


def test_keyframes_are_rare() -> None:
    """At most one in 250 ms; what is asked for sooner comes later."""
    gate = KeyframeGate()
    assert not gate.passes(0.0)
    passed = []
    for step in range(20):
        gate.ask()
        if gate.passes(step * 0.05):
            passed.append(round(step * 0.05, 2))
    assert passed == [0.0, 0.25, 0.5, 0.75]
