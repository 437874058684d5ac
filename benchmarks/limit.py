"""``python -m benchmarks.limit``: pure decoding and conversion at the pace of the film, no network.

Prints the milliseconds of processor time for each frame.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any, cast

import av

from .film import RATE, film

__all__ = ["main"]

_WARM_UP = 15


def main() -> int:
    """Decode and convert for some seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--codec", default="vp8")
    parser.add_argument("--height", type=int, default=720)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--convert", choices=("bgr24", "none"), default="bgr24")
    options = parser.parse_args()
    packets = film(options.codec, options.height)
    decoder = cast(Any, av.CodecContext.create(options.codec, "r"))
    decoder.thread_count = 1
    converter = av.video.reformatter.VideoReformatter()
    frames = int(options.seconds * RATE)
    start, before = time.monotonic(), 0.0
    for number in range(frames):
        time.sleep(max(0.0, start + number / RATE - time.monotonic()))
        if number == _WARM_UP:
            before = time.process_time()
        packet: av.Packet[Any] = av.Packet(packets[number % len(packets)])
        packet.pts = number
        for frame in decoder.decode(packet):
            if options.convert != "none":
                converter.reformat(frame, format=options.convert).to_ndarray()
    took = time.process_time() - before
    sys.stdout.write(f"{took / (frames - _WARM_UP) * 1000}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
