"""The picture of a room: one for all, drawn and encoded while somebody watches."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import av
from aiortc import RTCRtpReceiver
from aiortc.rtp import RtpPacket

from sw_notebook._video import video_decoder
from sw_notebook.rtp.assembly import Assembler, Coded
from sw_notebook.signaling.layouts import Layer

from . import hooks
from .broadcast import Broadcast
from .canvas import HEIGHT, WIDTH, Box, Canvas, Scaler
from .encoders import VideoEncoder
from .feed import Encoded, Feed, KeyframeGate
from .pace import ticks
from .presence import Presence

__all__ = ["RATE", "Seat", "Stage"]

logger = logging.getLogger("sw_notebook.space")

RATE = 15
"""Pictures a second."""
BIT_RATE = 800_000
"""Bits a second of the whole picture."""
BACKLOG = 30
"""How many frames of a sender may wait to be decoded; then it is asked for a keyframe."""


class Stage:
    """The picture of a room, 640x360 at 15 frames a second.

    It is decoded, drawn and encoded on one thread of the room's own: each sender once, the
    picture once for each codec that somebody receives, and nothing while nobody does.

    Args:
        name: of the room, for people and for the thread.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._layers: list[Layer] = []
        self._captions: dict[str, str] = {}
        self._seats: dict[str, Seat] = {}
        self._broadcasts: dict[str, Broadcast] = {}
        self._worker = ThreadPoolExecutor(1, thread_name_prefix=f"picture of {name}")
        self._painter = _Painter(name)

    def show(self, layers: Sequence[Layer], captions: dict[str, str]) -> None:
        """Draw the picture like this from now on.

        Args:
            layers: where each member is.
            captions: what to write for each, by the member's id.
        """
        on = [layer for layer in layers if layer.width and layer.member_id]
        covering = [layer for layer in on if layer.z_index]
        self._layers = covering[-1:] or on
        self._captions = captions

    @property
    def watchers(self) -> int:
        """How many receive the picture."""
        return sum(broadcast.watchers for broadcast in self._broadcasts.values())

    def watch(self, codec: str) -> Feed:
        """Watch it as ``codec`` (``"vp8"`` or ``"h264"``)."""
        if codec not in self._broadcasts:

            def produce(gate: KeyframeGate) -> AsyncIterator[Encoded]:
                return self._pictures(codec, gate)

            self._broadcasts[codec] = Broadcast("video", produce)
        return self._broadcasts[codec].watch()

    def take_place(self, seat: Seat) -> None:
        """Let what a member sends be part of it."""
        self._seats[seat.presence.member.member_id] = seat

    def leave(self, seat: Seat) -> None:
        """Let it be no part any more; safe where it was none."""
        if self._seats.get(seat.presence.member.member_id) is seat:
            del self._seats[seat.presence.member.member_id]

    def wants(self, seat: Seat) -> bool:
        """Whether somebody sees what this member sends."""
        member_id = seat.presence.member.member_id
        placed = any(layer.member_id == member_id for layer in self._layers)
        return placed and seat.presence.seen and self.watchers > 0

    async def close(self) -> None:
        """Draw no more; safe to call twice."""
        for broadcast in self._broadcasts.values():
            await broadcast.close()
        self._worker.shutdown(wait=False, cancel_futures=True)

    async def _pictures(self, codec: str, gate: KeyframeGate) -> AsyncIterator[Encoded]:
        loop = asyncio.get_running_loop()
        encoder = VideoEncoder(codec, WIDTH, HEIGHT, rate=RATE, bit_rate=BIT_RATE)
        async for elapsed in ticks(RATE, max_lag=1 / RATE):
            key = gate.passes(loop.time())
            shots = [await self._shot(layer, loop.time()) for layer in self._layers]
            drawn = loop.run_in_executor(
                self._worker, self._painter.encode, shots, encoder, round(elapsed * 90_000), key
            )
            for encoded in await drawn:
                yield encoded
            for seat in self._seats.values():
                if seat.film.broken:
                    seat.spoil()

    async def _shot(self, layer: Layer, now: float) -> _Shot:
        caption = self._captions.get(layer.member_id, "")
        box = Box.of(layer.x, layer.y, layer.width, layer.height)
        seat = self._seats.get(layer.member_id)
        if seat is None or not self.wants(seat):
            return _Shot(layer.member_id, box, caption)
        return _Shot(layer.member_id, box, caption, seat.film, await seat.frames(now))


class Seat:
    """What one member shows and sees.

    Args:
        stage: of its room.
        presence: whose it is.
        receiver: what gets the member's packets.
        codec: ``"vp8"`` or ``"h264"``.
        clock: seconds that only go up; None takes the event loop's.
    """

    def __init__(
        self,
        stage: Stage,
        presence: Presence,
        receiver: RTCRtpReceiver,
        codec: str,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self.presence = presence
        self.feed = stage.watch(codec)
        self.film = Film(codec)
        self._codec = codec
        self._stage = stage
        self._receiver = receiver
        self._clock = clock or asyncio.get_running_loop().time
        self._assembler = Assembler(codec)
        self._coded: list[Coded] = []
        self._wanted = False
        self._ssrc: int | None = None
        stage.take_place(self)

    def send(self, sends: bool) -> None:
        """Take what the member shows, or not any more."""
        self.presence.shows = sends

    async def take(self, packet: RtpPacket) -> None:
        """Take a packet of the member's; where nobody sees it, it is not even put together."""
        wanted = self._stage.wants(self)
        if packet.ssrc != self._ssrc or (wanted and not self._wanted):
            self._ssrc = packet.ssrc
            self._begin()
        self._wanted = wanted
        if not wanted:
            return
        now = self._clock()
        self._coded += self._assembler.push(
            packet.sequence_number, packet.timestamp, bool(packet.marker), packet.payload, now
        )
        if len(self._coded) > BACKLOG:
            self._coded.clear()
            self._assembler.spoil()
        await self._ask(now)

    async def close(self) -> None:
        """Leave; safe to call twice."""
        self.presence.shows = False
        self._stage.leave(self)
        self.feed.stop()
        self.film = Film(self._codec)  # what aiortc keeps of a call shall keep no decoder

    # ------------------------------------------------------------------ for the stage

    async def frames(self, now: float) -> list[Coded]:
        """Return the frames that have come since, and ask again for what has not."""
        self._coded += self._assembler.poll(now)
        await self._ask(now)
        coded, self._coded = self._coded, []
        return coded

    def spoil(self) -> None:
        """Ask for a keyframe: what came could not be decoded."""
        self._coded.clear()
        self._assembler.spoil()
        self.film.broken = False

    def _begin(self) -> None:
        """Forget what came before: it is of another stream, or too old."""
        self._coded.clear()
        self._assembler.restart()
        self.film = Film(self._codec)

    async def _ask(self, now: float) -> None:
        if self._ssrc is None:
            return
        with contextlib.suppress(ConnectionError):
            if self._assembler.deadline is not None:
                missing = self._assembler.missing(now)
                if missing:
                    await hooks.request_again(self._receiver, self._ssrc, missing)
            if self._assembler.keyframes.due(now):
                await hooks.request_keyframe(self._receiver, self._ssrc)


class Film:
    """The last picture of one sender; used by the stage's thread alone.

    :attr:`broken` says that something could not be decoded or drawn, until somebody takes note.
    """

    def __init__(self, codec: str) -> None:
        self.picture: av.VideoFrame | None = None
        self.count = 0
        self.broken = False
        self.scaler = Scaler()
        self._codec = codec
        self._decoder: av.VideoCodecContext | None = None

    def decode(self, frames: Sequence[Coded]) -> None:
        """Take the frames that have come."""
        for coded in frames:
            if self._decoder is None:
                self._decoder = video_decoder(self._codec)
            try:
                pictures = self._decoder.decode(av.Packet(coded.data))
            except av.FFmpegError:
                self._decoder, self.broken = None, True
                return
            for picture in pictures:
                self.picture = picture
                self.count += 1


@dataclass(slots=True)
class _Shot:
    """One place in one picture; without a film there is a card."""

    member_id: str
    box: Box
    caption: str
    film: Film | None = None
    coded: list[Coded] = field(default_factory=list)

    @property
    def look(self) -> tuple[object, ...]:
        """All that a place shows beside its picture."""
        blank = self.film is None or self.film.picture is None
        return self.member_id, self.box, self.caption, blank


class _Painter:
    """Draws the picture, anew only where it has changed; used by the stage's thread alone."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._canvas = Canvas()
        self._looks: list[tuple[object, ...]] | None = None
        self._counts: dict[str, int] = {}

    def encode(
        self, shots: list[_Shot], encoder: VideoEncoder, pts: int, key: bool
    ) -> list[Encoded]:
        """Draw these and encode what there is then."""
        for shot in shots:
            if shot.film is not None:
                shot.film.decode(shot.coded)
        looks = [shot.look for shot in shots]
        if looks != self._looks:
            self._looks = looks
            self._counts.clear()
            whole = Box(0, 0, WIDTH, HEIGHT)
            if shots:
                self._canvas.fill(whole)
            else:
                self._canvas.card(whole, self._name)
        for shot in shots:
            self._draw(shot)
        return encoder.encode(self._canvas.picture, pts, key=key)

    def _draw(self, shot: _Shot) -> None:
        film = shot.film
        count = film.count if film is not None else 0
        if self._counts.get(shot.member_id) == count:
            return
        self._counts[shot.member_id] = count
        if film is None or film.picture is None:
            self._canvas.card(shot.box, shot.caption)
            return
        box = shot.box.fitting(film.picture.width, film.picture.height)
        if box != shot.box:
            self._canvas.fill(shot.box)
        try:
            self._canvas.paste(film.scaler.scale(film.picture, box), box)
        except (av.FFmpegError, ValueError):
            film.broken = True  # a picture like that cannot be drawn; perhaps the next one can
        self._canvas.caption(shot.box, shot.caption)
