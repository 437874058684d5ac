from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Iterator

import pytest

from sw_notebook._waiting import Changes
from sw_notebook.exceptions import ReceiverError
from sw_notebook.receiver import wanted
from sw_notebook.receiver.picture_ring import SLOTS
from sw_notebook.receiver.video import Frames, Video

from .pictures import Ring


class Playing:
    """A video whose frames the test writes."""

    def __init__(self) -> None:
        self.ring = Ring()
        self.over = False
        self.wants: list[bool] = []
        self.changes = Changes()
        self.video = Video(self.changes, self.wants.append, lambda: self.over)

    def show(self) -> None:
        """Let the video know of the memory."""
        self.video._show(self.ring.reader)

    def write(self, count: int = 1) -> None:
        """Write frames; each rings the bell."""
        for _ in range(count):
            self.ring.write()
            self.video._rang()

    def end(self) -> None:
        """End the call."""
        self.over = True
        self.changes.notify()


@pytest.fixture
def playing() -> Iterator[Playing]:
    """A video, before its first frame."""
    playing = Playing()
    yield playing
    playing.video._close()
    playing.ring.close()


def test_latest_is_what_is_there_now(playing: Playing) -> None:
    """None before the first frame; it makes decoding begin."""
    assert playing.video.latest() is None
    assert playing.wants == [True]
    playing.show()
    assert playing.video.latest() is None
    playing.write(3)
    frame = playing.video.latest()
    assert frame is not None
    assert frame.index == 3
    assert playing.video.delivered == 1
    assert repr(playing.video) == "<Video 64x36, 1 delivered>"


def test_a_look_is_forgotten_after_a_while(
    playing: Playing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is decoded for nobody."""
    told = threading.Event()
    playing.video._wanted._tell = lambda want: told.set() if not want else None
    playing.video._wanted.glance(0.001)
    assert told.wait(30)
    assert not playing.video.wanted


async def test_next_is_a_frame_that_comes_later(playing: Playing) -> None:
    """Not one that was there."""
    playing.show()
    playing.write(3)
    waiting = asyncio.create_task(playing.video.next())
    await asyncio.sleep(0)
    playing.write()
    assert (await waiting).index == 4
    assert playing.wants == [True]  # and for a while: who looks once may look again


async def test_next_says_when_the_call_is_over(playing: Playing) -> None:
    """And does not wait for ever."""
    waiting = asyncio.create_task(playing.video.next())
    await asyncio.sleep(0)
    playing.end()
    with pytest.raises(ReceiverError, match="the call is over, and no frame came"):
        await waiting


async def test_a_slow_loop_sees_what_is_now(playing: Playing) -> None:
    """What it went past is counted."""
    playing.show()
    frames = playing.video.frames()
    seen = []
    for count in (1, 1, 5, 20):
        playing.write(count)
        seen.append((await anext(frames)).index)
    assert seen == [1, 2, 7, 27]
    assert (playing.video.delivered, playing.video.skipped) == (4, 4 + 19)
    frames.close()


async def test_the_frame_of_this_turn_keeps_its_pixels(playing: Playing) -> None:
    """However long the turn takes; the one before does not."""
    playing.show()
    frames = playing.video.frames()
    playing.write()
    first = await anext(frames)
    playing.write(5 * SLOTS)
    assert (first.rgb() == first.rgb()).all()
    second = await anext(frames)
    playing.write(5 * SLOTS)
    assert playing.ring.reader.has(second._slot)  # type: ignore[arg-type]
    assert not playing.ring.reader.has(first._slot)  # type: ignore[arg-type]
    frames.close()
    playing.write(SLOTS)
    assert not playing.ring.reader.has(second._slot)  # type: ignore[arg-type]


async def test_max_fps_leaves_frames_out_evenly(playing: Playing) -> None:
    """By the time at which they came."""
    playing.show()
    frames = playing.video.frames(max_fps=5)
    seen = []
    for _ in range(50):
        playing.write()
        if found := frames._look():
            assert found is not None
            seen.append(found.index)
    assert seen == list(range(1, 51, 5))
    assert playing.video.skipped == 40


async def test_max_fps_above_the_rate_is_every_frame(playing: Playing) -> None:
    """A little early or late is no matter."""
    playing.show()
    frames = playing.video.frames(max_fps=25)
    for number in range(1, 30):
        playing.write()
        assert (await anext(frames)).index == number


async def test_bounded_keeps_what_a_slow_loop_has_not_seen(playing: Playing) -> None:
    """Up to the limit; then the oldest go, and are counted."""
    playing.show()
    frames = playing.video.frames(policy="bounded", limit=10)
    playing.write(8)
    assert [(await anext(frames)).index for _ in range(8)] == list(range(1, 9))
    playing.write(25)
    kept = [await anext(frames) for _ in range(10)]
    assert [frame.index for frame in kept] == list(range(24, 34))
    assert [int(frame.y[0, 0]) for frame in kept] == list(range(24, 34))
    assert playing.video.dropped == 15
    assert playing.video.overwritten == 0


async def test_bounded_counts_what_it_never_saw(playing: Playing) -> None:
    """Where this process was held up while the ring went round."""
    playing.show()
    frames = playing.video.frames(policy="bounded", limit=100)
    playing.ring.write(20)
    playing.video._rang()
    assert (await anext(frames)).index == 20 - SLOTS + 1
    assert playing.video.overwritten == 20 - SLOTS


async def test_bounded_and_max_fps_together(playing: Playing) -> None:
    """The queue holds what is wanted only."""
    playing.show()
    frames = playing.video.frames(policy="bounded", max_fps=5)
    playing.write(50)
    assert [(await anext(frames)).index for _ in range(10)] == list(range(1, 51, 5))


async def test_the_next_call_counts_its_own(playing: Playing) -> None:
    """Or more would have been delivered of it than was decoded."""
    playing.show()
    frames, queue = playing.video.frames(), playing.video.frames(policy="bounded", limit=2)
    playing.write(5)
    await anext(frames)
    playing.ring.write(2 * SLOTS)
    playing.video._rang()
    await anext(frames)
    video = playing.video
    assert all((video.delivered, video.skipped, video.dropped, video.overwritten))
    video._begin()
    assert (video.delivered, video.skipped, video.dropped, video.overwritten) == (0, 0, 0, 0)
    frames.close()
    queue.close()


async def test_frames_are_scaled(playing: Playing) -> None:
    """To the size that was asked for."""
    playing.show()
    frames = playing.video.frames(size=(32, 18))
    playing.write()
    assert (await anext(frames)).y.shape == (18, 32)


def test_a_plain_loop_waits_in_its_thread(playing: Playing) -> None:
    """And ends with the call, after what there is."""
    playing.show()
    playing.write()
    seen = []

    def write() -> None:
        for _ in range(5):
            playing.write()
            turn.wait(30)
            turn.clear()
        playing.write()
        playing.end()

    turn = threading.Event()
    thread = threading.Thread(target=write)
    frames = playing.video.frames()
    thread.start()
    for frame in frames:
        seen.append(frame.index)
        turn.set()
    thread.join()
    assert seen == [2, 3, 4, 5, 6, 7]
    assert playing.wants == [True, False]


async def test_an_iteration_ends_with_the_call(playing: Playing) -> None:
    """Each kind of it, and at once where it was over before."""
    playing.end()
    assert [frame async for frame in playing.video.frames()] == []
    assert list(playing.video.frames(policy="bounded")) == []


async def test_nothing_is_wanted_once_nobody_iterates(playing: Playing) -> None:
    """Closed, left in the middle, cancelled, or let go of."""
    playing.show()

    def leave(frames: Frames) -> None:
        with frames:
            playing.write()
            for _ in frames:
                raise KeyError

    with pytest.raises(KeyError):
        leave(playing.video.frames())
    async with playing.video.frames() as frames:
        playing.write()
        assert await anext(frames)
    with playing.video.frames() as frames:
        waiting = asyncio.create_task(anext(frames))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    frames = playing.video.frames()
    playing.write()
    kept = await anext(frames)
    del frames
    gc.collect()
    assert playing.wants == [True, False] * 4
    assert not playing.ring.reader._pinned
    await playing.video.frames().aclose()
    assert kept.index


async def test_a_closed_iteration_is_over(playing: Playing) -> None:
    """Also for whoever waits in it; closing twice is fine."""
    frames = playing.video.frames()
    waiting = asyncio.create_task(anext(frames, None))
    await asyncio.sleep(0)
    frames.close()
    frames.close()
    assert await waiting is None


def test_two_iterations_do_not_disturb_one_another(playing: Playing) -> None:
    """Decoding goes on until the last has gone."""
    playing.show()
    one, two = playing.video.frames(), playing.video.frames(policy="bounded")
    playing.write(3)
    assert next(one).index == 3
    assert next(two).index == 1
    one.close()
    assert playing.wants == [True]
    two.close()
    assert playing.wants == [True, False]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"max_fps": 0}, "above 0"),
        ({"max_fps": float("nan")}, "above 0"),
        ({"policy": "newest"}, "there are 'latest' and 'bounded'"),
        ({"limit": 0}, "1 to 1000"),
        ({"size": (1, 10)}, "each 8 to 8192"),
    ],
)
def test_values_out_of_range_are_refused(
    playing: Playing, options: dict[str, object], words: str
) -> None:
    """At once, and nothing is decoded for them."""
    with pytest.raises(ValueError, match=words):
        playing.video.frames(**options)  # type: ignore[arg-type]
    assert playing.wants == []


async def test_a_larger_picture_comes_in_other_memory(playing: Playing) -> None:
    """The iteration goes on, and older frames stay what they are."""
    playing.show()
    frames = playing.video.frames()
    playing.write(3)
    before = await anext(frames)
    view = before.y
    larger = Ring(128, 72)
    larger.count = playing.ring.count
    playing.ring = larger
    playing.show()
    playing.write()
    after = await anext(frames)
    assert (after.index, after.width) == (4, 128)
    assert (view == 3).all()
    assert wanted.LINGER == 10
