"""``python -m benchmarks.projector``: sends a film over real ICE, DTLS and SRTP.

The first line on stdout is the address of its signalling.  When the last packet of a frame was
handed to the socket stands in a file, by the number of the frame.
"""

from __future__ import annotations

import argparse
import asyncio
import fractions
import mmap
import sys
import time
from pathlib import Path
from typing import Any

import av
from aiortc import MediaStreamTrack, RTCPeerConnection

from sw_notebook.rtp.packets import is_rtcp
from sw_notebook.space.media import hooks
from sw_notebook.space.media.studio import _sound
from tests.receiver.peer import peering

from .film import RATE, film

__all__ = ["SLOTS", "main"]

SLOTS = 1 << 16
_CLOCK = 90_000
_TIME_BASE = fractions.Fraction(1, _CLOCK)


class Film(MediaStreamTrack):
    """Plays the coded frames for ever, from the keyframe on where one is asked for."""

    kind = "video"

    def __init__(self, packets: list[bytes]) -> None:
        super().__init__()
        self._packets = packets
        self._next = 0
        self._count = 0
        self._start = 0.0

    def rewind(self) -> None:
        """Go on with the keyframe."""
        self._next = 0

    async def recv(self) -> av.Packet[Any]:
        """Return the next frame in its time."""
        self._start = self._start or time.monotonic()
        await asyncio.sleep(max(0.0, self._start + self._count / RATE - time.monotonic()))
        packet: av.Packet[Any] = av.Packet(self._packets[self._next % len(self._packets)])
        packet.pts = self._count * _CLOCK // RATE
        packet.time_base = _TIME_BASE
        self._next = (self._next + 1) % len(self._packets)
        self._count += 1
        return packet


class Sound(MediaStreamTrack):
    """Plays the space's tone."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._packets = _sound(440)

    async def recv(self) -> av.Packet[Any]:
        """Return the next 20 ms."""
        return (await anext(self._packets)).packet


def main() -> int:
    """Serve until stdin closes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--codec", default="vp8")
    parser.add_argument("--height", type=int, default=720)
    parser.add_argument("--times", type=Path, required=True)
    options = parser.parse_args()
    packets = film(options.codec, options.height)
    with options.times.open("r+b") as file:
        times = memoryview(mmap.mmap(file.fileno(), 8 * SLOTS)).cast("q")
    films: list[Film] = []

    def tracks() -> list[MediaStreamTrack]:
        films[:] = [Film(packets)]
        return [Sound(), films[0]]

    def prepare(pc: RTCPeerConnection) -> None:
        def changed() -> None:
            if pc.connectionState != "connected":
                return
            sender = pc.getTransceivers()[1].sender
            hooks.on_keyframe_request(sender, lambda: films[0].rewind())
            send = sender.transport._send_rtp
            first: list[int] = []

            async def stamped(data: bytes) -> None:
                await send(data)
                # Sound goes by the same transport.
                ours = int.from_bytes(data[8:12], "big") == sender._ssrc
                if ours and data[1] & 0x80 and not is_rtcp(data):
                    stamp = int.from_bytes(data[4:8], "big")
                    first.append(stamp) if not first else None
                    number = ((stamp - first[0]) & 0xFFFFFFFF) * RATE // _CLOCK
                    times[number % SLOTS] = time.monotonic_ns()

            sender.transport._send_rtp = stamped  # type: ignore[method-assign]

        pc.on("connectionstatechange", changed)

    with peering(prepare=prepare, tracks=tracks) as peer:
        sys.stdout.write(peer.url + "\n")
        sys.stdout.flush()
        sys.stdin.read()
    return 0


if __name__ == "__main__":
    sys.exit(main())
