"""Puts the packets of a video stream together to frames, and says what to ask the sender for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from .packets import ahead
from .payloads import UNPACKERS
from .repair import GIVE_UP_MOST, Keyframes, RoundTrip

__all__ = ["Assembler", "Coded", "Counts"]

HISTORY = 100
"""Packets that a sender keeps to send them again; a longer gap cannot be filled."""

JUMP = 3000
"""A packet that is so far off begins a stream anew (RFC 3550, appendix A.1: MAX_DROPOUT)."""

STRAY = 64
"""So many packets in a row that seem to come late are a stream that has begun anew."""


class Coded(NamedTuple):
    """One frame, complete and with all that it refers to before it."""

    timestamp: int
    data: bytes
    key: bool
    arrival: float
    """When its last packet came, in seconds of the clock that the assembler is given."""


@dataclass(slots=True)
class Counts:
    """What became of packets and frames."""

    packets: int = 0
    duplicate: int = 0
    late: int = 0
    """Given up before, or there already."""
    reordered: int = 0
    asked_again: int = 0
    recovered: int = 0
    lost: int = 0
    malformed: int = 0
    frames: int = 0
    incomplete: int = 0
    """Frames of which a part was lost."""
    undecodable: int = 0
    """Frames that refer to a frame that was lost."""


@dataclass(slots=True)
class _Waiting:
    """A packet that is missing."""

    since: float
    first: float = 0.0
    asked: float = float("-inf")
    times: int = 0


@dataclass(slots=True)
class _Frame:
    """A frame that is not complete yet."""

    timestamp: int
    parts: list[bytes] = field(default_factory=list)
    key: bool = False
    broken: bool = False
    parameters: bool = True


class Assembler:
    r"""Frames of one stream, in order; no frame is handed out that lacks something it refers to.

    A frame is complete with its marker bit, or when the next time stamp comes.  A missing packet
    holds up what follows it, is asked for at once and again in the pace of the answers, and is
    given up when the sender will have forgotten it; then nothing is handed out until a keyframe.

    It does no I/O and has no clock: feed :meth:`push`, call :meth:`poll` when :attr:`deadline`
    has come, and after each take :meth:`missing` and ``keyframes.due(now)`` to the sender.

    Args:
        codec: ``"vp8"`` or ``"h264"``.

    >>> assembler = Assembler("vp8")
    >>> assembler.push(7, 3000, True, bytes.fromhex("10 00") + b"key", 0.0)
    [Coded(timestamp=3000, data=b'\x00key', key=True, arrival=0.0)]
    """

    def __init__(self, codec: str) -> None:
        self.counts = Counts()
        self.keyframes = Keyframes()
        self.trip = RoundTrip()
        self._unpack = UNPACKERS[codec.lower()]
        self.restart()

    def restart(self) -> None:
        """Begin anew, as with another SSRC; what is incomplete is forgotten."""
        self._expected: int | None = None
        self._held: dict[int, tuple[int, bool, bytes]] = {}
        self._waiting: dict[int, _Waiting] = {}
        self._frame: _Frame | None = None
        self._contiguous = False
        self._parameters = b""
        self._strays = 0
        self.keyframes.need()

    def spoil(self) -> None:
        """Hand out nothing until the next keyframe, as after a failure to decode."""
        self.keyframes.need()

    @property
    def deadline(self) -> float | None:
        """When :meth:`poll` has something to do; None while nothing is missing."""
        if not self._waiting:
            return None
        retry, give_up = self.trip.retry, self.trip.give_up
        return min(min(w.asked + retry, w.since + give_up) for w in self._waiting.values())

    def push(
        self, sequence: int, timestamp: int, marker: bool, payload: bytes, now: float
    ) -> Sequence[Coded]:
        """Take one packet; return the frames that it completes.

        Args:
            sequence: its sequence number.
            timestamp: its time stamp.
            marker: whether it ends a frame.
            payload: with the codec's descriptor; empty where it is padding only.
            now: seconds of any clock that does not go back.
        """
        self.counts.packets += 1
        if sequence == self._expected and not self._held:
            # By far the most frequent case.
            self._expected = (sequence + 1) & 0xFFFF
            self._strays = 0
            return self._take(timestamp, marker, payload, now)
        distance = self._place(sequence)
        if distance is None:
            return ()
        self._arrived(sequence, now)
        if sequence in self._held:
            self.counts.duplicate += 1
            return ()
        self._held[sequence] = (timestamp, marker, payload)
        if distance:
            self._miss_before(distance, payload, now)
        return [*self._drain(now), *self.poll(now)]

    def _place(self, sequence: int) -> int | None:
        """How far a packet is ahead of the next one in order; None where it comes too late."""
        if self._expected is None:
            self._expected = sequence
        distance = ahead(sequence, self._expected)
        if distance < 0:
            self.counts.late += 1
            self._strays += 1
            if self._strays < STRAY and distance > -JUMP:
                return None
        elif distance < JUMP:
            self._strays = 0
            return distance
        else:
            self.counts.lost += distance
        self.restart()
        self._expected = sequence
        return 0

    def _arrived(self, sequence: int, now: float) -> None:
        waited = self._waiting.pop(sequence, None)
        if waited is None:
            return
        if not waited.times:
            self.counts.reordered += 1
        else:
            self.counts.recovered += 1
            # Of several requests nobody knows which was answered: the first one is the most that
            # it can have been, and without it a long way would never be learnt.
            self.trip.measured(min(now - waited.first, GIVE_UP_MOST))

    def _miss_before(self, distance: int, payload: bytes, now: float) -> None:
        """Wait for all packets before one that came early, where they are of use."""
        assert self._expected is not None
        if distance > HISTORY or (self.keyframes.needed and self._begins_anew(payload)):
            self._give_up(distance)
            return
        for step in range(distance):
            number = (self._expected + step) & 0xFFFF
            if number not in self._held and number not in self._waiting:
                self._waiting[number] = _Waiting(now)

    def _begins_anew(self, payload: bytes) -> bool:
        """Whether what comes with this packet can be decoded without what came before."""
        part = self._unpack(payload) if payload else None
        return part is not None and part.starts and (part.key or part.parameters)

    def missing(self, now: float) -> list[int]:
        """Return the packets to ask for now; they count as asked for."""
        found = []
        for number, waiting in self._waiting.items():
            if now - waiting.asked >= self.trip.retry:
                waiting.first = waiting.first if waiting.times else now
                waiting.asked = now
                waiting.times += 1
                found.append(number)
        self.counts.asked_again += len(found)
        return found

    def poll(self, now: float) -> list[Coded]:
        """Give up what was waited for too long; return the frames that this lets through."""
        frames: list[Coded] = []
        while self._waiting and self._held:
            first = min(self._waiting, key=self._distance)
            if now - self._waiting[first].since < self.trip.give_up:
                break
            self._give_up(min(map(self._distance, self._held)))
            frames += self._drain(now)
        return frames

    def _distance(self, number: int) -> int:
        assert self._expected is not None
        return (number - self._expected) & 0xFFFF

    def _give_up(self, distance: int) -> None:
        """Go on with the packet at this distance; those before it are lost."""
        assert self._expected is not None
        left_out = set()
        for step in range(distance):
            number = (self._expected + step) & 0xFFFF
            self._waiting.pop(number, None)
            held = self._held.pop(number, None)
            if held is None:
                self.counts.lost += 1
            else:
                left_out.add(held[0])
        if self._frame is not None:
            left_out.discard(self._frame.timestamp)  # that one counts as incomplete
        self.counts.undecodable += len(left_out)
        self._expected = (self._expected + distance) & 0xFFFF
        self._contiguous = False
        if self._frame is not None:
            self._frame.broken = True
        self.keyframes.need()

    def _drain(self, now: float) -> list[Coded]:
        frames: list[Coded] = []
        held = self._held
        while self._expected in held:
            timestamp, marker, payload = held.pop(self._expected)
            self._expected = (self._expected + 1) & 0xFFFF
            frames += self._take(timestamp, marker, payload, now)
        return frames

    # ------------------------------------------------------------------ frames

    def _take(self, timestamp: int, marker: bool, payload: bytes, now: float) -> Sequence[Coded]:
        """Take the next packet in order."""
        frames: Sequence[Coded] = ()
        frame = self._frame
        if frame is not None and frame.timestamp != timestamp:
            # The marker was left out, as where a server changes its source in mid-frame.
            frames = self._finish(frame, now)
            frame = None
        if payload:
            part = self._unpack(payload)
            if frame is None:
                whole = self._contiguous or (part is not None and part.starts)
                frame = _Frame(timestamp, broken=not whole)
            if part is None:
                self.counts.malformed += 1
                frame.broken = True
            else:
                frame.parts.append(part.data)
                frame.key = frame.key or part.key
                frame.parameters = frame.parameters and part.parameters
        self._contiguous = True
        if marker and frame is not None:
            frames = [*frames, *self._finish(frame, now)]
            frame = None
        self._frame = frame
        return frames

    def _finish(self, frame: _Frame, now: float) -> Sequence[Coded]:
        if frame.broken:
            self.counts.incomplete += 1
            self.keyframes.need()
            return ()
        if frame.key:
            self.keyframes.came()
        elif frame.parameters:
            # No picture, but what the decoder has to know for the next one.
            self._parameters += b"".join(frame.parts)
            return ()
        elif self.keyframes.needed:
            self.counts.undecodable += 1
            return ()
        self.counts.frames += 1
        data = self._parameters + b"".join(frame.parts)
        self._parameters = b""
        return (Coded(frame.timestamp, data, frame.key, now),)
