"""Pictures that say which they are, in a ring of the test's own."""

from __future__ import annotations

import os

import av
import numpy as np

from sw_notebook.receiver.memory import Memory
from sw_notebook.receiver.picture_ring import About, PictureReader, PictureWriter


def picture(number: int, width: int = 64, height: int = 36) -> av.VideoFrame:
    """Return a picture whose every byte is its number."""
    frame = av.VideoFrame(width, height, "yuv420p")
    for plane in frame.planes:
        plane.update(bytes((number % 256,)) * plane.buffer_size)
    return frame


def about(number: int, width: int = 64, height: int = 36, **more: float) -> About:
    """Return what goes with it: 25 a second, from 0 on."""
    values = {"pts": (number - 1) * 3600, "time": 1e9 + number / 25, "monotonic": number / 25}
    return About(number=number, width=width, height=height, **(values | more))  # type: ignore[arg-type]


class Ring:
    """Both sides of a ring."""

    def __init__(self, width: int = 64, height: int = 36) -> None:
        self.size = width, height
        self.writer = PictureWriter.create(width, height)
        memory = self.writer.memory
        self.reader = PictureReader(Memory(os.dup(memory.fd), memory.size))
        self.count = 0

    def write(self, count: int = 1) -> None:
        """Write the next pictures."""
        for _ in range(count):
            self.count += 1
            self.writer.write(picture(self.count, *self.size), about(self.count, *self.size))

    def close(self) -> None:
        """Let go of both."""
        self.writer.close()
        self.reader.close()


def gradient(width: int, height: int) -> av.VideoFrame:
    """Return a picture with all brightnesses and some colour."""
    frame = av.VideoFrame(width, height, "yuv420p")
    for index, plane in enumerate(frame.planes):
        lines = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)  # type: ignore[call-overload]
        ramp = np.linspace(16, 235, plane.width * plane.height).reshape(plane.height, -1)
        lines[: plane.height, : plane.width] = ramp if index == 0 else ramp[::-1]
    return frame
