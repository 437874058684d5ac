"""``python -m benchmarks.projector``: sends a film and sound over real ICE, DTLS and SRTP.

The first line on stdout is the address of its signalling.
"""

from __future__ import annotations

import argparse
import asyncio
import fractions
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCRtpSender

from sw_notebook.rtp.packets import is_rtcp
from sw_notebook.space.media import hooks
from sw_notebook.space.media.impairment import Impairments
from sw_notebook.space.media.outlet import Outlet
from tests.receiver.peer import peering

from .film import RATE, SOUND_RATE, film, sound
from .ledger import Ledger

__all__ = ["main"]

_CLOCK = 90_000
_SAMPLES = 48_000 // SOUND_RATE
GOOD_SECONDS = 3.0
"""How long the network is good, whatever it is to be later."""


class Reel(MediaStreamTrack):
    """Plays coded packets for ever, at their pace.

    Args:
        kind: ``"audio"`` or ``"video"``.
        packets: what to play.
        rate: packets a second.
        clock: ticks a second of the time stamps.
        due: called with the number of each packet and which one of ``packets`` it is.
    """

    def __init__(
        self,
        kind: str,
        packets: list[bytes],
        rate: int,
        clock: int,
        due: Callable[[int, int], object],
    ) -> None:
        super().__init__()
        self.kind = kind
        self._packets = packets
        self._rate = rate
        self._clock = clock
        self._due = due
        self._next = self._count = 0
        self._start = 0.0

    def rewind(self) -> None:
        """Go on with the first packet."""
        self._next = 0

    async def recv(self) -> av.Packet[Any]:
        """Return the next packet in its time."""
        self._start = self._start or time.monotonic()
        await asyncio.sleep(max(0.0, self._start + self._count / self._rate - time.monotonic()))
        packet: av.Packet[Any] = av.Packet(self._packets[self._next])
        packet.pts = self._count * self._clock // self._rate
        packet.time_base = fractions.Fraction(1, self._clock)
        self._due(self._count, self._next)
        self._next = (self._next + 1) % len(self._packets)
        self._count += 1
        return packet


def main() -> int:
    """Serve until stdin closes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--codec", choices=("vp8", "h264", "none"), default="vp8")
    parser.add_argument("--height", type=int, default=720)
    parser.add_argument("--ledger", type=Path, required=True)
    parser.add_argument("--loss", type=float, default=0.0)
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--deaf", action="store_true", help="send nothing again")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    network = Impairments(
        loss=options.loss, delay=options.delay, seed=options.seed, nack=not options.deaf
    )
    with options.ledger.open("r+b") as file:
        ledger = Ledger(file.fileno())
    reels = [Reel("audio", sound(), SOUND_RATE, 48_000, lambda *_: None)]
    if options.codec != "none":
        packets = film(options.codec, options.height)
        reels.append(Reel("video", packets, RATE, _CLOCK, ledger.due))

    def prepare(pc: RTCPeerConnection) -> None:
        def changed() -> None:
            if pc.connectionState == "connected":
                for transceiver in pc.getTransceivers():
                    _stamp(transceiver.sender, network, ledger)
                    if transceiver.kind == "video":
                        hooks.on_keyframe_request(transceiver.sender, reels[1].rewind)

        pc.on("connectionstatechange", changed)

    def tracks() -> list[MediaStreamTrack]:
        return list(reels)

    # As the platform's media servers: one transport for each section.
    with peering(prepare=prepare, tracks=tracks, offer=_apart, answer=_apart) as peer:
        sys.stdout.write(peer.url + "\n")
        sys.stdout.flush()
        sys.stdin.read()
    return 0


def _apart(sdp: str) -> str:
    return "".join(
        line for line in sdp.splitlines(keepends=True) if not line.startswith("a=group:BUNDLE")
    )


def _stamp(sender: RTCRtpSender, network: Impairments, ledger: Ledger) -> None:
    """Let a sender have this network after a while, and note what it sends."""
    if network != Impairments():
        outlet = Outlet(sender)
        asyncio.get_running_loop().call_later(GOOD_SECONDS, outlet.impair, network)
    send = sender.transport._send_rtp
    first: list[int] = []

    async def stamped(data: bytes) -> None:
        await send(data)
        if is_rtcp(data) or int.from_bytes(data[8:12], "big") != hooks.ssrc(sender):
            return
        stamp = int.from_bytes(data[4:8], "big")
        first.append(stamp) if not first else None
        ticks = (stamp - first[0]) & 0xFFFFFFFF
        if sender.kind == "audio":
            ledger.sounded(ticks // _SAMPLES + 1)
        elif data[1] & 0x80:
            ledger.sent(ticks * RATE // _CLOCK, time.monotonic_ns())

    sender.transport._send_rtp = stamped  # type: ignore[method-assign]


if __name__ == "__main__":
    sys.exit(main())
