"""Decodes the sound of a call into the ring; in the receiver's own process."""

from __future__ import annotations

import collections
import time
from typing import Any

import av

from sw_notebook.rtp.opus import is_stereo, opus_samples
from sw_notebook.rtp.timeline import Placed, Timeline

from .sound_ring import CAPACITY, RATE, SoundWriter

__all__ = ["SoundDecoder"]

_FRAME = 4


class SoundDecoder:
    """Turns the packets of one Opus stream into sound, or keeps them until somebody listens.

    While nobody listens nothing is decoded: the packets of the last minute are kept, and decoded
    as soon as somebody does.  A packet that cannot be decoded is a gap, like one that never came.

    Args:
        writer: of the ring that the sound goes to; nobody else writes to it.
    """

    def __init__(self, writer: SoundWriter) -> None:
        self.timeline = Timeline()
        self.decoded = 0
        """Packets that have become sound."""
        self.corrupt = 0
        """Packets that could not be decoded."""
        self.decode_seconds = 0.0
        """Time spent in decoding, in seconds."""
        self._writer = writer
        self._listening = False
        self._kept: collections.deque[Placed] = collections.deque()
        self._codec = _opus()

    @property
    def listening(self) -> bool:
        """Whether what comes is decoded at once."""
        return self._listening

    @property
    def deadline(self) -> float | None:
        """When to :meth:`poll`, in monotonic seconds; None while no packet is held."""
        return self.timeline.deadline

    def push(
        self,
        sequence: int,
        timestamp: int,
        payload: bytes,
        arrival_monotonic: float,
        arrival_unix: float,
    ) -> None:
        """Take a packet as it came.

        Args:
            sequence: of its RTP header.
            timestamp: of its RTP header.
            payload: without padding.
            arrival_monotonic: when it came, in seconds of ``time.monotonic()``.
            arrival_unix: its time for the reader, in Unix seconds: when it was made by
                :meth:`CallClock.time <sw_notebook.rtp.clock.CallClock.time>`, or came.
        """
        self._take(
            self.timeline.push(sequence, timestamp, payload, arrival_monotonic, arrival_unix)
        )

    def poll(self, now: float) -> None:
        """Go on without a packet that has been waited for too long.

        Args:
            now: in seconds of ``time.monotonic()``.
        """
        self._take(self.timeline.poll(now))

    def restart(self) -> None:
        """Expect another sequence, as after a new SSRC."""
        self._take(self.timeline.restart())
        self._codec = _opus()

    def listen(self, listening: bool) -> None:
        """Begin to decode, first what was kept, or leave off; safe to call twice.

        Decoding a whole minute takes about 0.2 s.
        """
        self._listening = listening
        while listening and self._kept:
            self._write(self._kept.popleft())
        self._publish()
        self._writer.set_live(listening)

    def _take(self, placed: list[Placed]) -> None:
        if self._listening:
            for item in placed:
                self._write(item)
        else:
            for item in placed:
                self._keep(item)
        self._publish()

    def _keep(self, item: Placed) -> None:
        kept = self._kept
        kept.append(item)
        oldest = item.position + item.samples - CAPACITY
        while kept[0].position + kept[0].samples <= oldest:
            kept.popleft()

    def _write(self, item: Placed) -> None:
        position, pts, samples, payload, arrival, unix = item
        if payload is None:
            self._writer.write(position, None, samples, pts, unix, arrival)
            return
        sound = self._decoded(payload, samples)
        self._writer.write(position, sound, samples, pts, unix, arrival, is_stereo(payload))

    def _decoded(self, payload: bytes, samples: int) -> memoryview | None:
        """Return left and right in turn, int16, or None where the packet is corrupt."""
        if opus_samples(payload) != samples:
            # Never given to the decoder, which takes an empty packet for the end of the stream.
            self.corrupt += 1
            return None
        started = time.perf_counter()
        try:
            frames = self._codec.decode(av.Packet(payload))
        except av.FFmpegError:
            frames = []
        self.decode_seconds += time.perf_counter() - started
        if len(frames) != 1 or frames[0].samples != samples:
            self.corrupt += 1
            return None
        self.decoded += 1
        return memoryview(frames[0].planes[0])[: samples * _FRAME]

    def _publish(self) -> None:
        counters = self.timeline.counters
        self._writer.publish(
            (
                counters.received,
                counters.lost,
                counters.duplicate,
                counters.late,
                counters.reordered,
                counters.slips,
                counters.restarts,
                self.decoded,
                self.corrupt,
                int(self.decode_seconds * 1e9),
            )
        )


def _opus() -> Any:
    codec: Any = av.CodecContext.create("libopus", "r")
    codec.format = "s16"
    codec.layout = "stereo"
    codec.sample_rate = RATE
    codec.thread_count = 1
    return codec
