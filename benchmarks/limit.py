"""``python -m benchmarks.limit``: pure decoding at the pace of the film and of sound, no network.

Prints the milliseconds of processor time for each frame, or for each packet of sound alone.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from typing import Any, cast

import av
import numpy as np

from .film import RATE, SOUND_RATE, film, sound

__all__ = ["main"]

_WARM_UP = 0.5
_LIBRARIES = {"vp8": "libvpx", "h264": "h264"}


def main() -> int:
    """Decode and convert for some seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--codec", choices=("vp8", "h264", "none"), default="vp8")
    parser.add_argument("--height", type=int, default=720)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--best", action="store_true", help="the fastest that PyAV can do")
    parser.add_argument("--sound", action="store_true", help="decode sound as well")
    options = parser.parse_args()
    steps: list[tuple[int, Callable[[int], object]]] = []
    if options.codec != "none":
        steps.append((RATE, _pictures(options.codec, options.height, options.best)))
    if options.sound:
        steps.append((SOUND_RATE, _sounds()))
    took = _paced(steps, options.seconds)
    sys.stdout.write(f"{took / (options.seconds - _WARM_UP) / steps[0][0] * 1000}\n")
    return 0


def _paced(steps: list[tuple[int, Callable[[int], object]]], seconds: float) -> float:
    """Do each step at its rate; return the processor time after the first moments."""
    due = sorted(
        (
            (number / rate, number, step)
            for rate, step in steps
            for number in range(int(seconds * rate))
        ),
        key=lambda each: each[0],
    )
    start, before = time.monotonic(), 0.0
    for moment, number, step in due:
        time.sleep(max(0.0, start + moment - time.monotonic()))
        if moment >= _WARM_UP and not before:
            before = time.process_time()
        step(number)
    return time.process_time() - before


def _pictures(codec: str, height: int, best: bool) -> Callable[[int], object]:
    packets = film(codec, height)
    decoder = cast(Any, av.CodecContext.create(codec if best else _LIBRARIES[codec], "r"))
    decoder.thread_count = 1
    converter = av.video.reformatter.VideoReformatter()

    def step(number: int) -> None:
        packet: av.Packet[Any] = av.Packet(packets[number % len(packets)])
        packet.pts = number
        for frame in decoder.decode(packet):
            if best:
                converter.reformat(frame, format="bgr24", threads=1).to_ndarray()
            else:
                frame.to_ndarray(format="bgr24")

    return step


def _sounds() -> Callable[[int], object]:
    packets = sound()
    decoder = cast(Any, av.CodecContext.create("libopus", "r"))
    decoder.format, decoder.layout, decoder.sample_rate = "s16", "stereo", 48_000
    ring = np.zeros((48_000 * 30, 2), np.float32)

    def step(number: int) -> None:
        for frame in decoder.decode(av.Packet(packets[number % len(packets)])):
            samples = np.frombuffer(frame.planes[0], np.int16, 2 * frame.samples).reshape(-1, 2)
            start = number * frame.samples % len(ring)
            np.multiply(samples, np.float32(1 / 32768), out=ring[start : start + frame.samples])

    return step


if __name__ == "__main__":
    sys.exit(main())
