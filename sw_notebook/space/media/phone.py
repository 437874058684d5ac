"""The simulated telephone: it rings, answers with a menu of tones, and reacts to digits."""

from __future__ import annotations

import asyncio
import functools
import itertools
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator

import numpy as np

from .encoders import AUDIO_RATE, PACKETS_PER_SECOND, SAMPLES_PER_PACKET, opus_packets, sound
from .feed import Feed
from .pace import ticks

__all__ = ["DIGITS", "MENU", "RINGBACK", "Phone"]

DIGITS: dict[str, tuple[int, int]] = {
    digit: (row, column)
    for row, digits in zip((697, 770, 852, 941), ("123A", "456B", "789C", "*0#D"), strict=True)
    for column, digit in zip((1209, 1336, 1477, 1633), digits, strict=True)
}
"""The two frequencies of each digit, in Hertz (DTMF, ITU-T Q.23)."""
RINGBACK = (440, 480)
"""What a caller hears while it rings, in Hertz: two seconds of it, then four of silence."""
MENU = (600,)
"""What is heard where no digit is pressed, in Hertz: a beep in each second."""

MAX_DIGITS = 32
"""How many digits may wait to be played."""


class Phone:
    """The far end of one call, which has sound only.

    The digit 9 hands the caller over, 0 hangs up, and each digit is played back.

    Args:
        hang_up: called when 0 was pressed.
        hand_over: called when 9 was pressed; :meth:`connect` is to follow.
    """

    def __init__(self, hang_up: Callable[[], None], hand_over: Callable[[], None]) -> None:
        self._orders = {"0": hang_up, "9": hand_over}
        self._answered = False
        self._digits: deque[str] = deque(maxlen=MAX_DIGITS)
        self._playing: Iterator[bytes] = itertools.cycle(_sound(RINGBACK, 2, 4))
        self._through: Feed | None = None
        self._tasks: dict[Feed, asyncio.Task[None]] = {}

    def feed(self) -> Feed:
        """Return what the caller hears; another one where its media is new."""
        return Feed("audio", limit=PACKETS_PER_SECOND // 2, join=self._joined, leave=self._left)

    def answer(self) -> None:
        """Ring no more, and play the menu."""
        self._answered = True
        self._playing = self._menu()

    def press(self, digits: str) -> None:
        """Take digits, one after the other; what is no digit is left out, as are those too many.

        Before the answer, and after a hand-over, nobody listens to them.
        """
        if self._answered and self._through is None:
            self._digits.extend(digit for digit in digits.upper() if digit in DIGITS)

    def connect(self, feed: Feed) -> None:
        """Let the caller hear something else from now on."""
        self._through = feed

    def _menu(self) -> Iterator[bytes]:
        while True:
            for packet in _sound(MENU, 0.2, 0.8):
                if self._digits:
                    break
                yield packet
            while self._digits:
                digit = self._digits.popleft()
                yield from _sound(DIGITS[digit], 0.4, 0.1)
                if digit in self._orders:
                    self._digits.clear()
                    self._orders[digit]()

    async def _packets(self) -> AsyncIterator[bytes]:
        async for _ in ticks(PACKETS_PER_SECOND):
            if self._through is not None:
                break
            yield next(self._playing)
        assert self._through is not None
        while True:
            yield bytes(await self._through.recv())

    async def _run(self, feed: Feed) -> None:
        sent = 0
        async for data in self._packets():
            feed.push(sound(data, sent * SAMPLES_PER_PACKET))
            sent += 1

    def _joined(self, feed: Feed) -> None:
        self._tasks[feed] = asyncio.create_task(self._run(feed))

    def _left(self, feed: Feed) -> None:
        task = self._tasks.pop(feed, None)
        if task is not None:
            task.cancel()
        if self._through is not None and not self._tasks:
            self._through.stop()


@functools.cache
def _sound(frequencies: tuple[int, ...], seconds: float, silence: float) -> tuple[bytes, ...]:
    """Return Opus packets of these frequencies together for a while, and then of silence."""
    moments = np.arange(round(seconds * AUDIO_RATE)) / AUDIO_RATE
    wave = sum(np.sin(2 * np.pi * frequency * moments) for frequency in frequencies)
    quiet = np.zeros(round(silence * AUDIO_RATE))
    loud = 8000 / len(frequencies) * np.asarray(wave)
    return tuple(opus_packets(np.concatenate([loud, quiet]).astype(np.int16)))
