"""The sound of a call: from packets to samples in shared memory."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import av

from sw_notebook.receiver.memory import Memory
from sw_notebook.receiver.sound_ring import BEHIND, SoundWriter, sound_memory
from sw_notebook.receiver.sounds import SoundDecoder
from sw_notebook.rtp.packets import Packet

from .source import Source

__all__ = ["RATE", "Listening"]

RATE = 48_000
"""Ticks a second of Opus time stamps, whatever it carries."""

UNHEARD = 0.25
"""Seconds that packets may lie unread while nobody listens: not so many that the socket is full."""


class Listening:
    """Decodes sound while somebody wants it, and keeps the last minute of packets otherwise.

    Args:
        source: who sends.
        show: called with the memory that the sound is in.
        wake: called when somebody waits for what was decoded.

    Raises:
        ReceiverError: there is no memory for it.
    """

    def __init__(
        self, source: Source, *, show: Callable[[Memory], None], wake: Callable[[], None]
    ) -> None:
        memory = sound_memory()
        show(memory)
        self._memory = memory
        self._writer = SoundWriter(memory)
        self._decoder = SoundDecoder(self._writer)
        self._position = 0
        self._source = source
        self._wake = wake
        self._wanted = False

    def want(self, wanted: bool) -> None:
        """Begin to decode, or stop; from any thread."""
        self._wanted = wanted

    # ------------------------------------------------------------------ what the pump calls

    @property
    def waiting(self) -> bool:
        """Whether something may become due before the next packet comes."""
        return self._decoder.deadline is not None

    @property
    def leisure(self) -> float:
        """For how many seconds from now nobody misses what comes."""
        if self._wanted is not self._decoder.listening:
            return 0.0
        if not self._wanted:
            return UNHEARD
        deadline = self._decoder.deadline
        if deadline is not None:
            return max(0.0, min(BEHIND / RATE, deadline - time.monotonic()))
        return self._writer.unmissed() / RATE

    def packet(self, packet: Packet, now: float) -> None:
        """Take a packet."""
        if not self._source.accepts(packet, now):
            return
        if self._source.changed:
            self._decoder.restart()
        unix = self._source.unix(packet.timestamp, now)
        self._decoder.push(packet.sequence_number, packet.timestamp, packet.payload, now, unix)
        self._follow()
        self._call()

    def tick(self, now: float) -> None:
        """Give up what does not come."""
        deadline = self._decoder.deadline
        if deadline is not None and deadline <= now:
            self._decoder.poll(now)
            self._call()
        self._follow()

    def _call(self) -> None:
        """Wake who waits for what was written."""
        if self._writer.called():
            self._wake()

    def _follow(self) -> None:
        """Do what was wanted since; on the thread that decodes."""
        if self._wanted is not self._decoder.listening:
            self._decoder.listen(self._wanted)
            self._wake()

    def report(self, ssrc: int, ntp: float, timestamp: int) -> None:
        """Learn the sender's time."""
        self._source.reported(ssrc, ntp, timestamp)

    def take(self, frame: av.VideoFrame | av.AudioFrame, now: float) -> None:
        """Take sound that aiortc has decoded: it is stereo, 16 bits, and without gaps."""
        if isinstance(frame, av.AudioFrame):
            self._source.last = now
            unix = self._source.unix((frame.pts or 0) & 0xFFFFFFFF, now)
            sound = memoryview(frame.planes[0])[: 4 * frame.samples]
            first = not self._position
            self._writer.write(self._position, sound, frame.samples, self._position, unix, now)
            self._position += frame.samples
            if first:
                self._writer.set_live(True)
                self._wake()
            self._call()

    def stats(self) -> dict[str, Any]:
        """Return what there is to count, as plain data; from any thread."""
        counters, decoder = self._decoder.timeline.counters, self._decoder
        return {
            "codec": "opus",
            "lost": counters.lost,
            "duplicate": counters.duplicate,
            "late": counters.late,
            "reordered": counters.reordered,
            "slips": counters.slips,
            "decoded": decoder.decoded,
            "decode_errors": decoder.corrupt,
            "decode_ms": decoder.decode_seconds / max(1, decoder.decoded) * 1000,
        }

    def close(self) -> None:
        """Let go of the memory; safe to call twice."""
        self._memory.close()
