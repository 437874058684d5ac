"""Small streams of VP8 and H264 packets whose frames say which they are."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import NamedTuple

from sw_notebook.rtp.assembly import Assembler, Coded


class Sent(NamedTuple):
    """One packet as the assembler takes it."""

    sequence: int
    timestamp: int
    marker: bool
    payload: bytes


def vp8_payload(data: bytes, *, starts: bool) -> bytes:
    """Put FreeSWITCH's descriptor of four bytes in front."""
    return bytes((0x90 if starts else 0x80, 0x80, 0x80, 0x01)) + data


def frame_data(number: int, *, key: bool, packets: int) -> bytes:
    """Return the bytes of a frame: its first bit says what it is, the rest its number."""
    return (bytes((0 if key else 1,)) + number.to_bytes(4, "big")) * packets


def stream(
    count: int, *, first: int = 0, packets: int = 3, keys: tuple[int, ...] = (0,)
) -> list[Sent]:
    """Return so many frames as packets of VP8."""
    sent = []
    for number in range(count):
        data = frame_data(number, key=number in keys, packets=packets)
        size = len(data) // packets
        for index in range(packets):
            part = data[index * size : (index + 1) * size]
            sequence = (first + number * packets + index) & 0xFFFF
            sent.append(
                Sent(
                    sequence,
                    number * 3000 & 0xFFFFFFFF,
                    index == packets - 1,
                    vp8_payload(part, starts=index == 0),
                )
            )
    return sent


def number_of(frame: Coded) -> int:
    """Which frame it is; every part of it must say the same."""
    parts = {frame.data[i + 1 : i + 5] for i in range(0, len(frame.data), 5)}
    assert len(parts) == 1, "parts of several frames in one"
    return int.from_bytes(parts.pop(), "big")


@dataclass
class Playing:
    """Plays packets to an assembler in paper time, and answers what it asks for.

    Args:
        assembler: under test.
        answers: how long a resend takes in seconds; None never sends anything again.
    """

    assembler: Assembler
    answers: float | None = 0.04
    apart: float = 0.01
    now: float = 0.0
    frames: list[Coded] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    keyframes: list[float] = field(default_factory=list)
    _sent: dict[int, Sent] = field(default_factory=dict)
    _resends: list[tuple[float, Sent]] = field(default_factory=list)

    def play(self, packets: list[Sent], lost: set[int] | None = None) -> None:
        """Send packets, but for those whose place in the list is in ``lost``."""
        # The network changes their order, so all may have been sent before the first has come.
        self._sent |= {packet.sequence: packet for packet in packets}
        for place, packet in enumerate(packets):
            self.wait(self.apart)
            if lost is None or place not in lost:
                self._push(packet)

    def wait(self, seconds: float) -> None:
        """Let time pass in small steps."""
        end = self.now + seconds
        while self.now < end - 1e-9:
            self.now = min(end, self.now + 0.005)
            for due, packet in [r for r in self._resends if r[0] <= self.now]:
                self._resends.remove((due, packet))
                self._push(packet)
            self.frames += self.assembler.poll(self.now)
            self._ask()

    def _push(self, packet: Sent) -> None:
        self.frames += self.assembler.push(*packet, self.now)
        self._ask()

    def _ask(self) -> None:
        for number in self.assembler.missing(self.now):
            self.asked.append(number)
            if self.answers is not None and number in self._sent:
                self._resends.append((self.now + self.answers, self._sent[number]))
        if self.assembler.keyframes.due(self.now):
            self.keyframes.append(self.now)

    @property
    def numbers(self) -> list[int]:
        """The frames that were handed out."""
        return [number_of(frame) for frame in self.frames]


def shuffled(packets: list[Sent], seed: int) -> list[Sent]:
    """Let some packets change places with the next or the one after."""
    chance = random.Random(seed)
    order = sorted(range(len(packets)), key=lambda i: i + chance.choice((0, 0, 0, 1.5, 2.5)))
    return [packets[i] for i in order]
