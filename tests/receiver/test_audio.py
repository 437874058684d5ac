"""Loops over sound get all of it, in blocks of one length, and leave nothing behind."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from sw_notebook._waiting import Changes
from sw_notebook.exceptions import ReceiverError
from sw_notebook.receiver.audio import Audio
from sw_notebook.receiver.block import Block
from sw_notebook.receiver.sound_ring import (
    CAPACITY,
    RATE,
    OverrunError,
    SoundReader,
    SoundWriter,
    sound_memory,
)

TONE = 1000.0


def tone(position: int, count: int) -> npt.NDArray[np.int16]:
    """Return a tone, left, and half as loud an octave higher, right, for ever in one phase."""
    at = np.arange(position, position + count) / RATE
    left = 16_000 * np.sin(2 * np.pi * TONE * at)
    right = 8_000 * np.sin(2 * np.pi * 2 * TONE * at)
    return np.stack([left, right], axis=1).astype(np.int16)


def heard(position: int, count: int) -> npt.NDArray[np.float32]:
    """Return the same as a block has it."""
    return tone(position, count).T.astype(np.float32) * np.float32(1 / 32768)


class Wire:
    """Stands for the receiver's process and the link to it."""

    def __init__(self, writer: SoundWriter, reader: SoundReader) -> None:
        self.writer = writer
        self.reader: SoundReader | None = reader
        self.changes = Changes()
        self.wanted: list[bool] = []
        self.over = False
        self.position = 0
        self.audio = Audio(lambda: self.reader, self.changes, self.want, lambda: self.over)
        # what it does when somebody listens: by default all has been decoded already
        self.on_want: Callable[[bool], Any] = writer.set_live

    def want(self, wanted: bool) -> None:
        """Remember what was asked for."""
        self.wanted.append(wanted)
        self.on_want(wanted)

    def send(self, count: int = 960, *, gap: bool = False) -> None:
        """Let so many samples of the tone come, or nothing for as long."""
        seconds = self.position / RATE
        self.writer.write(
            self.position,
            None if gap else tone(self.position, count),
            count,
            self.position + 77,
            1000 + seconds,
            time.monotonic(),
            stereo=True,
        )
        self.position += count
        self.changes.notify()

    def end(self) -> None:
        """End the call."""
        self.over = True
        self.changes.notify()


@pytest.fixture
def wire() -> Iterator[Wire]:
    """A call with sound."""
    with sound_memory() as memory:
        yield Wire(SoundWriter(memory), SoundReader(memory))


def frequency(samples: npt.NDArray[np.float32], rate: int) -> float:
    """Return the frequency of the loudest tone, in Hz."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum)) * rate / len(samples)


# --- blocks -----------------------------------------------------------------


@pytest.mark.parametrize("seconds", [0.0025, 0.02, 0.0213, 0.1])
def test_a_loop_gets_every_sample_once(wire: Wire, seconds: float) -> None:
    """Whatever the length of a block is, they follow one another; the last may be shorter."""
    blocks = wire.audio.blocks(seconds)
    for _ in range(25):
        wire.send()
    wire.end()
    got = list(blocks)
    count = round(seconds * RATE)
    assert {len(block) for block in got[:-1]} == {count}
    assert 0 < len(got[-1]) <= count
    np.testing.assert_array_equal(
        np.concatenate([block.samples for block in got], axis=1), heard(0, 25 * 960)
    )
    for number, block in enumerate(got):
        assert block.pts == 77 + number * count
        assert block.time == pytest.approx(1000 + number * count / RATE)
        assert block.rate == RATE
        assert block.stereo
        assert not block.gaps.any()


def test_a_plain_loop_waits_for_a_block(wire: Wire) -> None:
    """The thread sleeps until there is enough, and goes on when the call ends."""
    waiting = threading.Semaphore(0)
    got: list[int] = []

    def listen() -> None:
        with wire.audio.blocks(0.04) as blocks:
            waiting.release()
            for block in blocks:
                got.append(len(block))
                waiting.release()

    thread = threading.Thread(target=listen)
    thread.start()
    waiting.acquire()
    for _ in range(3):
        for _ in range(2):
            wire.send()
        waiting.acquire()
    wire.send()
    wire.end()
    thread.join()
    assert got == [1920, 1920, 1920, 960]


async def test_an_async_loop_waits_for_a_block(wire: Wire) -> None:
    """The same, while other tasks run."""
    got: list[int] = []

    async def listen() -> None:
        async with wire.audio.blocks(0.04) as blocks:
            got.extend([len(block) async for block in blocks])

    task = asyncio.create_task(listen())
    await asyncio.sleep(0)
    for _ in range(7):
        await asyncio.to_thread(wire.send)
    await asyncio.to_thread(wire.end)
    await task
    assert got == [1920, 1920, 1920, 960]


async def test_other_tasks_run_while_a_loop_catches_up(wire: Wire) -> None:
    """A loop that is behind never waits, but it lets others have their turn."""
    blocks = wire.audio.blocks()
    for _ in range(10):
        wire.send()
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    for _ in range(10):
        await anext(blocks)
    assert turns >= 9
    task.cancel()


def test_a_loop_begins_now(wire: Wire) -> None:
    """What came before it is not for it, unless it asks for the oldest."""
    for _ in range(3):
        wire.send()
    now, oldest = wire.audio.blocks(), wire.audio.blocks(start="oldest")
    wire.send()
    wire.end()
    assert [block.pts - 77 for block in now] == [2880]
    assert [block.pts - 77 for block in oldest] == [0, 960, 1920, 2880]


def test_now_is_when_it_was_asked_for_though_the_past_is_decoded_later(wire: Wire) -> None:
    """What nobody listened to before comes into the ring when somebody does."""
    wire.on_want = lambda _: None
    came = time.monotonic() - 1

    def decode_backlog() -> None:
        for position in range(0, 4800, 960):
            wire.writer.write(position, tone(position, 960), 960, position, 0.0, came)
        wire.position = 4800
        wire.send()
        wire.writer.set_live(True)
        wire.changes.notify()

    now, oldest = wire.audio.blocks(), wire.audio.blocks(start="oldest")
    thread = threading.Thread(target=decode_backlog)
    thread.start()
    assert next(now).pts == 4800 + 77
    assert next(oldest).pts == 0
    thread.join()


def test_gaps_come_as_marked_silence(wire: Wire) -> None:
    """At any rate, where they were."""
    plain, low = wire.audio.blocks(0.06), wire.audio.blocks(0.06, rate=8000)
    wire.send()
    wire.send(gap=True)
    wire.send()
    wire.end()
    (block,) = plain
    np.testing.assert_array_equal(np.flatnonzero(block.gaps), np.arange(960, 1920))
    assert not block.samples[:, block.gaps].any()
    (block,) = low
    np.testing.assert_array_equal(np.flatnonzero(block.gaps), np.arange(160, 320))


def test_one_channel_is_the_mean_of_both(wire: Wire) -> None:
    """And no longer stereo."""
    blocks = wire.audio.blocks(mono=True)
    wire.send()
    block = next(blocks)
    assert block.samples.shape == (1, 960)
    np.testing.assert_allclose(block.samples[0], heard(0, 960).mean(axis=0), atol=1e-7)
    assert not block.stereo


def test_a_loop_waits_for_a_call_that_is_not_up_yet(wire: Wire) -> None:
    """There is no ring at first; without any to the end, there is no block."""
    reader, wire.reader = wire.reader, None
    blocks, never = wire.audio.blocks(), wire.audio.blocks()
    assert blocks._look() is None
    wire.reader = reader
    wire.send()
    assert next(blocks).pts == 77
    wire.reader = None
    wire.end()
    assert list(never) == []


def test_an_error_of_the_call_ends_the_loop(wire: Wire) -> None:
    """What ``ended`` raises reaches whoever loops, and nobody listens any more."""

    def broken() -> bool:
        raise LookupError("the call failed")

    audio = Audio(lambda: wire.reader, wire.changes, wire.want, broken)
    blocks = audio.blocks()
    with pytest.raises(LookupError, match="the call failed"):
        next(blocks)
    assert wire.wanted == [True, False]


@pytest.mark.parametrize("rate", [None, 16_000])
def test_a_loop_goes_on_in_the_next_call(wire: Wire, rate: int | None) -> None:
    """From its beginning, however much was read of the one before."""
    blocks = wire.audio.blocks(0.05, rate=rate)
    for _ in range(50):
        wire.send()
    for _ in range(15):
        next(blocks)
    wire.reader = None
    assert blocks._look() is None
    with sound_memory() as memory:
        wire.writer, wire.reader = SoundWriter(memory), SoundReader(memory)
        wire.on_want = wire.writer.set_live
        wire.position = 0
        assert blocks._look() is None
        for _ in range(10):
            wire.send()
        assert [next(blocks).pts - 77 for _ in range(3)] == [0, 2400, 4800]
        assert blocks.lost == 0
        wire.end()
        list(blocks)


# --- other rates ------------------------------------------------------------


@pytest.mark.parametrize("rate", [8000, 11_025, 16_000, 22_050, 44_100, 47_999])
@pytest.mark.parametrize("seconds", [0.02, 0.1])
def test_a_tone_keeps_its_frequency_and_phase(wire: Wire, rate: int, seconds: float) -> None:
    """Blocks are exactly as long as asked for, and without a seam."""
    blocks = wire.audio.blocks(seconds, rate=rate)
    got: list[Block] = []
    for number in range(100):
        wire.send()
        if number % 7 == 0:
            while isinstance(block := blocks._look(), Block):
                got.append(block)
    wire.end()
    got += blocks
    count = round(seconds * rate)
    assert {len(block) for block in got[:-1]} == {count}
    left, right = np.concatenate([block.samples for block in got], axis=1)
    assert len(left) == 2 * rate
    assert frequency(left, rate) == pytest.approx(TONE, abs=1)
    assert frequency(right, rate) == pytest.approx(2 * TONE, abs=1)
    expected = 16_000 / 32768 * np.sin(2 * np.pi * TONE * np.arange(2 * rate) / rate)
    np.testing.assert_allclose(left[100:-100], expected[100:-100], atol=1e-3)
    for number, block in enumerate(got):
        begin = number * count * RATE // rate
        assert block.rate == rate
        assert block.pts == 77 + begin
        assert block.time == pytest.approx(1000 + begin / RATE)
        assert len(block.gaps) == len(block)


def test_a_block_at_another_rate_is_there_with_the_next_packet(wire: Wire) -> None:
    """The filter looks ahead, but not further."""
    blocks = wire.audio.blocks(0.02, rate=8000, mono=True)
    for _ in range(5):
        wire.send()
    got = 0
    while isinstance(block := blocks._look(), Block):
        assert block.samples.shape == (1, 160)
        got += 1
    assert got == 4


# --- slow loops -------------------------------------------------------------


@pytest.mark.parametrize("rate", [None, 16_000])
def test_a_slow_loop_loses_nothing_for_a_minute(wire: Wire, rate: int | None) -> None:
    """What it loses after that is counted, and it goes on with the oldest there is."""
    blocks = wire.audio.blocks(0.12, rate=rate)
    for _ in range(10):
        wire.send(5760)
    first = next(blocks)
    assert first.pts == 77
    while wire.position < CAPACITY:
        wire.send(5760)
    second = next(blocks)
    assert second.pts == first.pts + 5760
    assert blocks.lost == 0
    for _ in range(10):
        wire.send(5760)
    third = next(blocks)
    assert third.pts - 77 == wire.position - CAPACITY == 10 * 5760
    assert blocks.lost == pytest.approx(8 * 0.12)
    assert wire.audio.overrun == blocks.lost
    assert repr(wire.audio) == "Audio(61.2 s heard, 1.0 s lost by slow loops)"
    if rate is None:
        np.testing.assert_array_equal(third.samples, heard(10 * 5760, 5760))
    assert next(blocks).pts == third.pts + 5760


def test_blocks_are_counted_for_each_call(wire: Wire) -> None:
    """Those of a loop, and each look that shows something."""
    assert wire.audio.latest() is None
    assert wire.audio.delivered == 0
    blocks = wire.audio.blocks(start="oldest")
    wire.send()
    next(blocks)
    assert wire.audio.latest() is not None
    wire.audio.window(1)
    assert wire.audio.delivered == 3
    while wire.position < CAPACITY + 5760:
        wire.send(5760)
    next(blocks)
    assert wire.audio.overrun > 0
    wire.audio._begin()
    assert (wire.audio.delivered, wire.audio.overrun) == (0, 0)


# --- who listens ------------------------------------------------------------


def test_it_is_told_when_the_first_comes_and_the_last_goes(wire: Wire) -> None:
    """Not of those between."""
    first = wire.audio.blocks()
    second = wire.audio.blocks()
    first.close()
    assert wire.wanted == [True]
    second.close()
    second.close()
    assert wire.wanted == [True, False]
    with wire.audio.blocks():
        assert wire.wanted == [True, False, True]
    assert wire.wanted == [True, False, True, False]


def test_a_loop_that_is_left_no_longer_listens(wire: Wire) -> None:
    """By a break, and by an error in its body."""
    wire.send()
    for _ in wire.audio.blocks(start="oldest"):
        break
    assert wire.wanted == [True, False]

    def fails() -> None:
        for _ in wire.audio.blocks(start="oldest"):
            raise LookupError("in the middle")

    with pytest.raises(LookupError) as kept:
        fails()
    assert wire.wanted == [True, False] * 2
    assert kept.value.__traceback__ is not None


def test_an_iterator_that_is_forgotten_no_longer_listens(wire: Wire) -> None:
    """Even if it was never used."""
    wire.audio.blocks()
    gc.collect()
    assert wire.wanted == [True, False]


def test_the_end_of_the_call_ends_the_listening(wire: Wire) -> None:
    """Though somebody keeps the iterator; it stays at its end."""
    blocks = wire.audio.blocks()
    wire.end()
    assert list(blocks) == []
    assert wire.wanted == [True, False]
    assert list(blocks) == []
    assert wire.wanted == [True, False]


async def test_a_loop_that_is_cancelled_no_longer_listens(wire: Wire) -> None:
    """Though the error keeps everything alive; asked again it goes on where it was."""
    blocks = wire.audio.blocks()
    wire.send()
    await anext(blocks)
    task = asyncio.ensure_future(anext(blocks))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert wire.changes._waiters
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert wire.wanted == [True, False]
    assert wire.changes._waiters == []
    wire.send()
    assert (await anext(blocks)).pts == 960 + 77
    assert wire.wanted == [True, False, True]


@pytest.mark.timeout(20)
def test_a_loop_that_is_interrupted_no_longer_listens(
    wire: Wire, request: pytest.FixtureRequest
) -> None:
    """The main thread's wait ends with the interrupt; asked again it goes on."""
    # what a shell runs in its background ignores it
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, usual))
    asked = threading.Event()

    def over() -> bool:
        asked.set()
        return False

    def interrupt() -> None:
        asked.wait()
        # later, when the thread sleeps
        threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGINT)).start()

    blocks = Audio(lambda: wire.reader, wire.changes, wire.want, over).blocks()
    other = threading.Thread(target=interrupt)
    other.start()
    with pytest.raises(KeyboardInterrupt):
        next(blocks)
    other.join()
    assert wire.wanted == [True, False]
    wire.send()
    assert next(blocks).pts == 77


async def test_closing_wakes_who_waits(wire: Wire) -> None:
    """A loop in another task, or another thread, finds the end."""
    blocks, plain = wire.audio.blocks(), wire.audio.blocks()
    task = asyncio.ensure_future(anext(blocks, None))
    thread = asyncio.ensure_future(asyncio.to_thread(list, plain))
    await asyncio.sleep(0)
    await blocks.aclose()
    plain.close()
    assert await task is None
    assert await thread == []
    assert wire.wanted == [True, False]


# --- looks at the past ------------------------------------------------------


def test_a_window_is_the_last_seconds(wire: Wire) -> None:
    """Shorter where less has come, at any rate."""
    assert len(wire.audio.window(1)) == 0
    assert wire.audio.window(1, mono=True).samples.shape == (1, 0)
    assert wire.audio.latest() is None
    for _ in range(5):
        wire.send()
    whole = wire.audio.window(1)
    np.testing.assert_array_equal(whole.samples, heard(0, 4800))
    assert (whole.pts, whole.time, whole.stereo) == (77, 1000.0, True)
    last = wire.audio.window(0.05)
    np.testing.assert_array_equal(last.samples, heard(2400, 2400))
    assert last.pts == 2400 + 77
    low = wire.audio.window(0.05, rate=16_000, mono=True)
    assert low.samples.shape == (1, 800)
    assert low.gaps.shape == (800,)
    assert (low.pts, low.rate, low.stereo) == (2400 + 77, 16_000, False)
    latest = wire.audio.latest()
    assert latest is not None
    np.testing.assert_array_equal(latest.samples, heard(3840, 960))
    assert repr(wire.audio) == "Audio(0.1 s heard)"


def test_a_window_is_clear_to_its_edges(wire: Wire) -> None:
    """A tone at another rate, and a gap where it was."""
    for number in range(50):
        wire.send(gap=number == 25)
    window = wire.audio.window(1, rate=16_000)
    assert len(window) == 16_000
    np.testing.assert_array_equal(np.flatnonzero(window.gaps), np.arange(8000, 8320))
    assert frequency(window.samples[0, :8000], 16_000) == pytest.approx(TONE, abs=2)


def test_looking_back_listens_from_then_on(wire: Wire) -> None:
    """Once, as what is asked for is the past."""
    wire.audio.window(1)
    wire.audio.latest()
    with wire.audio.blocks():
        pass
    assert wire.wanted == [True]


def test_the_first_look_waits_until_the_past_is_decoded(wire: Wire) -> None:
    """And no other does."""
    threads = []

    def decode_later(_: bool) -> None:
        def decode() -> None:
            wire.send(5760)
            wire.writer.set_live(True)
            wire.changes.notify()

        threads.append(threading.Thread(target=decode))
        threads[-1].start()

    wire.on_want = decode_later
    assert wire.audio.window(1).seconds == 0.12
    wire.writer.set_live(False)
    assert wire.audio.window(1).seconds == 0.12
    for thread in threads:
        thread.join()
    assert wire.wanted == [True]


def test_a_look_goes_without_a_past_that_does_not_come(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that is stuck, or gone, delays it once."""
    monkeypatch.setattr("sw_notebook.receiver.audio.BACKLOG_SECONDS", 0.01)
    wire.on_want = lambda _: None
    wire.send()
    assert wire.audio.window(1).seconds == 0.02
    wire.end()
    assert wire.audio.window(1).seconds == 0.02


def test_a_look_at_a_call_that_failed_shows_what_was_heard(wire: Wire) -> None:
    """Why it failed is for loops to raise."""

    def failed() -> bool:
        raise ReceiverError("the call failed")

    audio = Audio(lambda: wire.reader, wire.changes, lambda _: None, failed)
    wire.send()
    assert audio.window(1).seconds == 0.02
    with pytest.raises(ReceiverError, match="the call failed"):
        next(audio.blocks())


def test_a_look_that_was_overtaken_is_taken_again(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread that stood still sees what is the last second now."""
    wire.send()
    assert wire.reader is not None
    read = wire.reader.read

    def overtaken(start: int, count: int) -> Any:
        monkeypatch.undo()
        wire.send()
        raise OverrunError

    monkeypatch.setattr(wire.reader, "read", overtaken)
    assert wire.audio.window(1).seconds == 0.04
    assert wire.reader.read == read


# --- arguments --------------------------------------------------------------


@pytest.mark.parametrize("seconds", [0, 0.002, 31, float("nan"), -1])
def test_a_length_out_of_range_is_refused(wire: Wire, seconds: float) -> None:
    """With the range in the message; nobody listens then."""
    for ask in (wire.audio.blocks, wire.audio.window):
        with pytest.raises(ValueError, match=r"seconds= takes 0\.0025 to 30, not"):
            ask(seconds)
    assert wire.wanted == []


@pytest.mark.parametrize("rate", [0, 7999, 48_001, True, 16_000.5])
def test_a_rate_out_of_range_is_refused(wire: Wire, rate: Any) -> None:
    """With the range in the message; nobody listens then."""
    for ask in (wire.audio.blocks, wire.audio.window):
        with pytest.raises(ValueError, match="rate= takes 8000 to 48000 Hz, not"):
            ask(1, rate=rate)
    assert wire.wanted == []


def test_a_start_that_does_not_exist_is_refused(wire: Wire) -> None:
    """It names the two there are."""
    start: Any = "newest"
    with pytest.raises(ValueError, match="takes 'now' or 'oldest', not 'newest'"):
        wire.audio.blocks(start=start)
