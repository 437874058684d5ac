"""The video of a call: from packets to pictures in shared memory."""

from __future__ import annotations

import dataclasses
import functools
import time
from collections.abc import Callable, Sequence
from typing import Any

import av

from sw_notebook._video import video_decoder
from sw_notebook.exceptions import ReceiverError
from sw_notebook.receiver.memory import Memory
from sw_notebook.receiver.picture_ring import About, PictureWriter
from sw_notebook.rtp.assembly import Assembler, Coded
from sw_notebook.rtp.packets import Packet, Unwrapped, original

from .past import Past
from .source import Source

__all__ = ["CLOCK", "Pictures"]

CLOCK = 90_000
"""Ticks a second of video time stamps."""

UNSEEN = 0.25
"""Seconds that packets may lie unread while nobody looks: not so many that the socket is full."""

_FULL_RANGE = 2
_PLANAR = ("yuv420p", "yuvj420p")
_SMOOTH = 0.05


class Pictures:
    """Decodes video while somebody wants it.

    Args:
        codec: ``"vp8"`` or ``"h264"``.
        payload_type: of the codec.
        resends: payload types of streams that resend packets of this one (RTX).
        source: who sends, and how to ask them.
        show: called with the memory that pictures are in from now on.
        wake: called after each picture.
        fail: called once, with why no picture can be shown any more.
    """

    def __init__(
        self,
        codec: str,
        payload_type: int,
        resends: Sequence[int],
        source: Source,
        *,
        show: Callable[[Memory], None],
        wake: Callable[[], None],
        fail: Callable[[str], None],
    ) -> None:
        self.codec = codec.lower()
        self.assembler = Assembler(self.codec)
        self.decoded = 0
        self.decode_errors = 0
        self.decode_seconds = 0.0
        self.size = (0, 0)
        self._payload_type = payload_type
        self._resends = frozenset(resends)
        self._source = source
        self._show = show
        self._wake = wake
        self._fail = fail
        self._stamps = Unwrapped()
        self._last = (0, 0.0)
        self._writer: PictureWriter | None = None
        self._decoder = video_decoder(self.codec)
        self.past = Past(functools.partial(video_decoder, self.codec))
        self._asked = False
        self._over = False
        self._started = False

    def want(self, wanted: bool) -> None:
        """Begin to decode, or stop; from any thread."""
        self._asked = wanted

    @property
    def _wanted(self) -> bool:
        return self._asked and not self._over

    # ------------------------------------------------------------------ what the pump calls

    @property
    def waiting(self) -> bool:
        """Whether something may become due before the next packet comes."""
        missing = self.assembler.deadline is not None
        return self._started and (missing or self.assembler.keyframes.needed)

    @property
    def leisure(self) -> float:
        """For how many seconds from now nobody misses what comes."""
        return 0.0 if self._wanted or self._started else UNSEEN

    def packet(self, packet: Packet, now: float) -> None:
        """Take a packet."""
        if packet.payload_type in self._resends:
            resent = original(packet, self._payload_type, self._source.ssrc or 0)
            if resent is None or not self._started:
                return
            packet = resent
        else:
            if not self._source.accepts(packet, now):
                return
            if self._source.changed:
                self.assembler.restart()
                if self.decoded:  # another clock, but the same time
                    later = max(1, round((now - self._last[1]) * CLOCK))
                    self._stamps.restart(packet.timestamp, self._last[0] + later)
        if not self._wanted:
            self._started = False
            return
        if not self._started:
            self._started = True
            self.assembler.restart()
            self.past.forget()
        frames = self.assembler.push(
            packet.sequence_number, packet.timestamp, packet.marker, packet.payload, now
        )
        for frame in frames:
            self._decode(frame)
        self._ask(now)

    def tick(self, now: float) -> None:
        """Ask again for what has not come, and give up what will not come."""
        if not self._started:
            return
        deadline = self.assembler.deadline
        if deadline is not None and deadline <= now:
            for frame in self.assembler.poll(now):
                self._decode(frame)
        self._ask(now)

    def report(self, ssrc: int, ntp: float, timestamp: int) -> None:
        """Learn the sender's time."""
        self._source.reported(ssrc, ntp, timestamp)

    def _ask(self, now: float) -> None:
        if self.assembler.deadline is not None and (missing := self.assembler.missing(now)):
            self._source.ask_again(missing)
        if self.past.wants_keyframe(now):
            self.assembler.keyframes.wish()
        if self.assembler.keyframes.due(now):
            self._source.ask_for_keyframe()

    # ------------------------------------------------------------------ pictures

    def _decode(self, coded: Coded) -> None:
        started = time.perf_counter()
        packet: av.Packet[Any] = av.Packet(coded.data)
        packet.pts = self._stamps.of(coded.timestamp)
        try:
            pictures = self._decoder.decode(packet)
        except av.FFmpegError:
            self.decode_errors += 1
            self._decoder = video_decoder(self.codec)
            self.assembler.spoil()
            self.past.forget()
            return
        took = time.perf_counter() - started
        self.decode_seconds += _SMOOTH * (took - self.decode_seconds) if self.decoded else took
        about = None
        for picture in pictures:
            about = self.write(picture, coded)
        # One that shows nothing may be referred to all the same.
        self.past.add(coded, packet.pts, about)

    def write(self, picture: av.VideoFrame, coded: Coded) -> About | None:
        """Put a picture into the ring, and say so; return what is known of it.

        One that is larger than those before needs another ring.  Where there is no memory for it,
        this was the last one, as smaller ones would come and go with whoever sends.
        """
        if self._over:
            return None
        if picture.format.name not in _PLANAR:
            picture = picture.reformat(format="yuv420p")
        width, height = self.size = picture.width, picture.height
        if self._writer is None or not self._writer.fits(width, height):
            try:
                writer = PictureWriter.create(width, height)
            except ReceiverError as error:
                self._over = True
                self._fail(str(error))
                return None
            self._show(writer.memory)
            if self._writer is not None:
                self._writer.close()
            self._writer = writer
        self.decoded += 1
        self._last = (picture.pts or 0, coded.arrival)
        about = About(
            number=self.decoded,
            pts=picture.pts or 0,
            time=self._source.unix(coded.timestamp, coded.arrival),
            monotonic=coded.arrival,
            width=width,
            height=height,
            clock=CLOCK,
            full_range=picture.color_range == _FULL_RANGE,
            space=int(picture.colorspace),
            key=coded.key,
        )
        self._writer.write(picture, about)
        self._wake()
        return about

    def take(self, frame: av.VideoFrame | av.AudioFrame, now: float) -> None:
        """Take a picture that aiortc has decoded."""
        self._source.last = now
        if self._wanted and isinstance(frame, av.VideoFrame):
            stamp = (frame.pts or 0) & 0xFFFFFFFF
            frame.pts = self._stamps.of(stamp)
            self.write(frame, Coded(stamp, b"", frame.key_frame, now))

    def stats(self) -> dict[str, Any]:
        """Return what there is to count, as plain data; from any thread."""
        assembler = self.assembler
        trip = assembler.trip.seconds
        return {
            **dataclasses.asdict(assembler.counts),
            "codec": self.codec,
            "width": self.size[0],
            "height": self.size[1],
            "keyframes_asked": assembler.keyframes.asked,
            "decoded": self.decoded,
            "decode_errors": self.decode_errors,
            "decode_ms": self.decode_seconds * 1000,
            "round_trip_ms": None if trip is None else trip * 1000,
        }

    def close(self) -> None:
        """Let go of the memory; safe to call twice."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
