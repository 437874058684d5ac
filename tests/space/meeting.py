"""Members of a room, for the tests: who comes, what they ask for, what they send and get."""

from __future__ import annotations

import contextlib
import fractions
from collections.abc import AsyncIterator, Callable
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from aiortc import MediaStreamTrack
from aiortc.mediastreams import AudioStreamTrack

from sw_notebook.space import LoopbackSpace

from .client import Caller, caller
from .running import Running

RATE = 48_000
LOUD, QUIET = 1000.0, 60.0
"""Of a tone of amplitude 8000, which aiortc sends with 5600: certainly heard, certainly not."""
Picture = npt.NDArray[np.uint8]


class Tone(AudioStreamTrack):
    """A microphone that hears one frequency."""

    def __init__(self, frequency: int, amplitude: int = 8000) -> None:
        super().__init__()
        self.frequency = frequency
        self.amplitude = amplitude
        self.count = 0

    async def recv(self) -> av.AudioFrame:
        """Return the next 20 ms."""
        await super().recv()  # keeps the time
        times = (np.arange(960) + self.count) / RATE
        wave = self.amplitude * np.sin(2 * np.pi * self.frequency * times)
        samples = wave.astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, self.count
        frame.time_base = fractions.Fraction(1, RATE)
        self.count += 960
        return frame


def levels(samples: npt.NDArray[np.float64], *frequencies: int) -> list[float]:
    """Return how loud each frequency is in some sound."""
    window = np.hanning(len(samples))
    times = np.arange(len(samples)) / RATE
    return [
        float(2 * abs((samples * window * np.exp(-2j * np.pi * f * times)).sum()) / window.sum())
        for f in frequencies
    ]


async def listen(track: MediaStreamTrack, *frequencies: int) -> list[float]:
    """Return how loud each frequency is in the next 200 ms."""
    frames: list[Any] = [await track.recv() for _ in range(10)]
    blocks = [frame.to_ndarray().reshape(-1, 2)[:, 0] for frame in frames]
    return levels(np.concatenate(blocks).astype(np.float64), *frequencies)


async def until_heard(
    track: MediaStreamTrack, condition: Callable[..., bool], *frequencies: int
) -> list[float]:
    """Listen until the loudness of these frequencies is as it shall be; return what comes next.

    Where a tone begins or ends there is some of all frequencies.
    """
    while not condition(*await listen(track, *frequencies)):
        pass
    return await listen(track, *frequencies)


async def until_seen(track: MediaStreamTrack, condition: Callable[[Picture], bool]) -> Picture:
    """Watch until a picture's brightness is as it shall be, and return it."""
    while True:
        frame: Any = await track.recv()
        picture: Picture = frame.to_ndarray(format="gray")
        if condition(picture):
            return picture


@contextlib.asynccontextmanager
async def meeting(
    space: LoopbackSpace | Running, name: str, *media: Any, receive: str = ""
) -> AsyncIterator[Caller]:
    """Return a caller of this name who has not dialled yet; its socket is open."""
    token = space.token(name)
    text = token if isinstance(token, str) else token.reveal()
    async with caller(space, *media, receive=receive, token=text) as call:
        yield call


async def ask(call: Caller, method: str, about: Caller | None = None, /, **more: Any) -> Any:
    """Send a method about another member, or oneself."""
    about = about or call
    me = {"node_id": "n", "call_id": call.call_id, "member_id": call.member_id}
    # The SDK names its own call for whomever it is about.
    them = {"node_id": "n", "call_id": call.call_id, "member_id": about.member_id}
    return await call.client.rpc(method, {"self": me, "target": them, **more})
