"""Puts Opus packets in order and gives each its place in the sound."""

from __future__ import annotations

import dataclasses
import math
from typing import NamedTuple

from .opus import opus_samples
from .packets import elapsed

__all__ = ["LONGEST_GAP", "Counters", "Placed", "Timeline"]

RATE = 48_000
LONGEST_GAP = 60 * RATE
"""No gap is longer, whatever the sender's numbers say: the ring holds no more than that."""

HOLD_SECONDS = 0.060
HOLD_PACKETS = 2
DROPOUT = 3000
MISORDER = 100
"""The two limits of RFC 3550, appendix A.1: a number further off is not of this sequence."""

PAUSE = RATE // 2
QUIET_BYTES = 2
"""An Opus encoder's packet of at most so many bytes says that silence follows (DTX)."""

_STEP = 120
_WRAP = 1 << 32


class Placed(NamedTuple):
    """A packet, or a gap, at its place in the sound.

    Attributes:
        position: its first sample, counted at 48 kHz from the beginning; a multiple of 120.
            Each begins where the one before it ended.
        pts: the sender's time stamp of that sample, counted from the first one, without wraps.
        samples: how much room it takes, a multiple of 120.
        payload: what is to be decoded; None for a gap.
        arrival: when it came, in seconds of the clock that was pushed; for a gap, when the packet
            behind it came.
        unix: the time that was pushed with it; for a gap, counted on from what was before it.
    """

    position: int
    pts: int
    samples: int
    payload: bytes | None
    arrival: float
    unix: float


@dataclasses.dataclass(slots=True)
class Counters:
    """What became of the packets.

    Attributes:
        received: all that were pushed.
        lost: never came, or came when they had been given up.
        duplicate: came once more and were dropped.
        late: came when they had been given up, or belonged nowhere, and were dropped.
        reordered: came after a later one, in time to be placed.
        slips: the time stamp jumped though no packet was missing, and the sound went on.
        restarts: the sequence began anew.
    """

    received: int = 0
    lost: int = 0
    duplicate: int = 0
    late: int = 0
    reordered: int = 0
    slips: int = 0
    restarts: int = 0


class _Packet(NamedTuple):
    timestamp: int
    payload: bytes
    arrival: float
    unix: float


class Timeline:
    """The order of one stream of Opus packets.

    Loss is judged by sequence numbers alone: FreeSWITCH's time stamps jump by a packet every two
    seconds while nothing is missing.  A gap is held open until its packet comes, two later ones
    are there, or 60 ms have passed.  A pause of the sender (hold, DTX) becomes a gap when its time
    stamps and the arrivals tell of the same pause.

    >>> timeline = Timeline()
    >>> packet = bytes([0b11111_0_00])
    >>> [p.position for p in timeline.push(7, 1000, packet, 0.00)]
    [0]
    >>> timeline.push(9, 2920, packet, 0.04)
    []
    >>> [(p.position, p.payload is None) for p in timeline.push(10, 3880, packet, 0.06)]
    [(960, True), (1920, False), (2880, False)]
    """

    def __init__(self) -> None:
        self.counters = Counters()
        self._running = False
        # Sequence numbers go on counting where the wire's wrap.
        self._next = 0
        self._first = 0
        self._held: dict[int, _Packet] = {}
        self._missing: set[int] = set()
        self._stray: tuple[int, _Packet] | None = None
        # Of the next sample:
        self._position = 0
        self._pts = 0
        self._expected = 0
        self._unix = 0.0
        # Of the last packet:
        self._timestamp = 0
        self._arrival = -math.inf
        self._samples = 960
        self._quiet = False

    @property
    def deadline(self) -> float | None:
        """When to :meth:`poll`, by the clock of the arrivals; None while nothing is held."""
        return min(p.arrival for p in self._held.values()) + HOLD_SECONDS if self._held else None

    def push(
        self, sequence: int, timestamp: int, payload: bytes, arrival: float, unix: float = 0.0
    ) -> list[Placed]:
        """Take a packet as it came, and return what can be placed now.

        Args:
            sequence: of its RTP header, 16 bits.
            timestamp: of its RTP header, 32 bits at 48 kHz.
            payload: without padding.
            arrival: in seconds of a clock that never goes back.
            unix: whatever time :class:`Placed` is to carry.
        """
        self.counters.received += 1
        packet = _Packet(timestamp, payload, arrival, unix)
        placed: list[Placed] = []
        if not self._running:
            self._begin(sequence, packet, placed)
            return placed
        offset = (sequence - self._next) & 0xFFFF
        if not offset and not self._held and not self._stray:
            self._place(packet, placed)
            return placed
        if offset & 0x8000:
            offset -= 0x10000
        if not -MISORDER <= offset < DROPOUT:
            self._judge_jump(sequence, packet, placed)
            return placed
        self._drop_stray()
        number = self._next + offset
        if number < self._next:
            self._count_old(number)
        elif number in self._held:
            self.counters.duplicate += 1
        else:
            self._hold(number, packet, placed)
        return placed

    def poll(self, now: float) -> list[Placed]:
        """Return what is placed because the time for a missing packet is over."""
        placed: list[Placed] = []
        while (deadline := self.deadline) is not None and now >= deadline:
            self._give_up(placed)
        return placed

    def restart(self) -> list[Placed]:
        """Begin anew with the next packet, as the sender does (SSRC); return what was held.

        The sound goes on where it was; if nothing came for over half a second, a gap tells so.
        """
        placed: list[Placed] = []
        self._flush(placed)
        self._drop_stray()
        if self._running:
            self.counters.restarts += 1
        self._running = False
        return placed

    # --- the order ----------------------------------------------------------

    def _begin(self, sequence: int, packet: _Packet, placed: list[Placed]) -> None:
        self._running = True
        self._next = self._first = sequence
        self._missing.clear()
        self._expected = packet.timestamp
        waited = packet.arrival - self._arrival - self._samples / RATE
        if self._position and waited * RATE > PAUSE:
            self._gap(round(waited * RATE), packet.arrival, placed)
            self._expected = packet.timestamp
        self._place(packet, placed)

    def _hold(self, number: int, packet: _Packet, placed: list[Placed]) -> None:
        if self._held and number < max(self._held):
            self.counters.reordered += 1
        self._held[number] = packet
        self._drain(placed)
        while len(self._held) >= HOLD_PACKETS:
            self._give_up(placed)

    def _drain(self, placed: list[Placed]) -> None:
        while (packet := self._held.pop(self._next, None)) is not None:
            self._place(packet, placed)

    def _give_up(self, placed: list[Placed]) -> None:
        """Take what lies before the first held packet for lost."""
        first = min(self._held)
        packet = self._held[first]
        lost = first - self._next
        self.counters.lost += lost
        self._missing = {n for n in self._missing if n >= first - MISORDER}
        self._missing.update(range(max(self._next, first - MISORDER), first))
        # The time stamps count if a packet like one of the two neighbours explains them.
        samples = sorted((self._samples, opus_samples(packet.payload) or self._samples))
        room = (packet.timestamp - self._expected) % _WRAP
        if room % _STEP or not lost * samples[0] <= room <= lost * samples[1]:
            room = lost * self._samples
        self._gap(room, packet.arrival, placed)
        self._next = first
        self._drain(placed)

    def _flush(self, placed: list[Placed]) -> None:
        while self._held:
            self._give_up(placed)

    def _count_old(self, number: int) -> None:
        if number in self._missing or number < self._first:
            self._missing.discard(number)
            self.counters.late += 1
        else:
            self.counters.duplicate += 1

    def _judge_jump(self, sequence: int, packet: _Packet, placed: list[Placed]) -> None:
        """Believe in a new sequence when a second packet belongs to it (RFC 3550, A.1)."""
        stray, self._stray = self._stray, None
        if stray is not None and sequence == stray[0]:
            self._stray = stray
            self.counters.duplicate += 1
        elif stray is not None and sequence == (stray[0] + 1) & 0xFFFF:
            self._flush(placed)
            self.counters.restarts += 1
            self._begin(*stray, placed)
            self._place(packet, placed)
        else:
            self.counters.late += stray is not None
            self._stray = (sequence, packet)

    def _drop_stray(self) -> None:
        if self._stray is not None:
            self._stray = None
            self.counters.late += 1

    # --- the place ----------------------------------------------------------

    def _place(self, packet: _Packet, placed: list[Placed]) -> None:
        timestamp, payload, arrival, unix = packet
        samples = opus_samples(payload) or self._samples
        if timestamp != self._expected:
            self._shift(timestamp, arrival, placed)
        placed.append(Placed(self._position, self._pts, samples, payload, arrival, unix))
        self._next += 1
        self._position += samples
        self._pts += samples
        self._expected = (timestamp + samples) % _WRAP
        self._unix = unix + samples / RATE
        self._timestamp = timestamp
        self._arrival = arrival
        self._samples = samples
        self._quiet = len(payload) <= QUIET_BYTES

    def _shift(self, timestamp: int, arrival: float, placed: list[Placed]) -> None:
        """Follow a time stamp that is not the expected one: after a pause, or just so."""
        shift = elapsed(timestamp, self._expected)
        if self._paused(shift, timestamp, arrival):
            self._gap(shift, arrival, placed)
        else:
            self.counters.slips += 1
            self._pts += shift

    def _paused(self, shift: int, timestamp: int, arrival: float) -> bool:
        if shift < _STEP or (shift <= PAUSE and not self._quiet):
            return False
        told = (timestamp - self._timestamp) % _WRAP / RATE
        return abs(arrival - self._arrival - told) <= max(0.25, told / 4)

    def _gap(self, samples: int, arrival: float, placed: list[Placed]) -> None:
        room = min(samples, LONGEST_GAP) // _STEP * _STEP
        placed.append(Placed(self._position, self._pts, room, None, arrival, self._unix))
        self._position += room
        self._pts += samples
        self._unix += samples / RATE
        self._expected = (self._expected + samples) % _WRAP
