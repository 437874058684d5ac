"""The sound of a room: everybody hears all others, and not themselves."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, cast

import av
import numpy as np
import numpy.typing as npt
from aiortc.rtp import RtpPacket

from sw_notebook.rtp.timeline import Placed, Timeline

from .encoders import AUDIO_RATE, SoundEncoder, sound
from .feed import Feed
from .pace import ticks
from .playout import BLOCK, Gate, Playout, gain
from .presence import Presence

__all__ = ["Channel", "Mixer", "Turn", "Voice", "mix"]

logger = logging.getLogger("sw_notebook.space")

LIMIT = 10
"""How many packets may wait for a listener's sender: 200 ms."""
ARRIVALS = 50
"""How many packets of a speaker may wait to be decoded; of more the oldest go."""
EFFORT = 5
"""Of the encoders, as there is one for each listener."""
LONGEST_GAP = 5 * BLOCK
"""A longer silence of a sender is a pause: what it says next is played as it comes."""

Mix = npt.NDArray[np.int32]


class Mixer:
    """All voices of a room, mixed every 20 ms on a thread of its own while there are any.

    Args:
        name: of the room, for its thread.
        talking: called with a member's presence when it begins to talk, and when it stops.
    """

    def __init__(self, name: str, talking: Callable[[Presence, bool], None]) -> None:
        self._talking = talking
        self._voices: list[Voice] = []
        self._worker = ThreadPoolExecutor(1, thread_name_prefix=f"sound of {name}")
        self._task: asyncio.Task[None] | None = None

    def join(self, voice: Voice) -> None:
        """Let a voice be part of it."""
        self._voices.append(voice)
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    def leave(self, voice: Voice) -> None:
        """Let a voice be no part of it any more; safe where it was none."""
        with contextlib.suppress(ValueError):
            self._voices.remove(voice)

    async def close(self) -> None:
        """Mix no more; safe to call twice."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        self._worker.shutdown(wait=False, cancel_futures=True)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            async for elapsed in ticks(AUDIO_RATE / BLOCK):
                voices = list(self._voices)
                if not voices:
                    continue
                turns = [voice.turn(loop.time()) for voice in voices]
                said = await loop.run_in_executor(self._worker, mix, turns)
                for voice, (packets, talks) in zip(voices, said, strict=True):
                    voice.play(packets, round(elapsed * AUDIO_RATE))
                    if talks is not voice.talks:
                        voice.talks = talks
                        self._talking(voice.presence, talks)
        except Exception:
            logger.exception("a room's sound failed; its members hear no more of one another")


class Voice:
    """What one member says and hears.

    Args:
        mixer: of its room.
        presence: whose it is.
        clock: seconds that only go up; None takes the event loop's.
    """

    def __init__(
        self, mixer: Mixer, presence: Presence, clock: Callable[[], float] | None = None
    ) -> None:
        self.presence = presence
        self.talks = False
        self.feed = Feed("audio", limit=LIMIT, join=self._joined)
        self._mixer = mixer
        self._clock = clock or asyncio.get_running_loop().time
        self._channel = Channel()
        self._timeline = Timeline()
        self._arrivals: deque[Placed] = deque(maxlen=ARRIVALS)
        self._ssrc: int | None = None
        self._listens = False
        mixer.join(self)

    def send(self, sends: bool) -> None:
        """Take what the member says, or not any more."""
        self.presence.speaks = sends

    async def take(self, packet: RtpPacket) -> None:
        """Take a packet of the member's."""
        if not self.presence.speaks or not packet.payload:
            return
        if packet.ssrc != self._ssrc:
            self._ssrc = packet.ssrc
            self._arrivals += self._timeline.restart()
        self._arrivals += self._timeline.push(
            packet.sequence_number, packet.timestamp, packet.payload, self._clock()
        )

    async def close(self) -> None:
        """Leave; safe to call twice."""
        self.presence.speaks = False
        self._mixer.leave(self)
        self.feed.stop()
        self._channel = Channel()  # what aiortc keeps of a call shall keep no decoder

    # ------------------------------------------------------------------ for the mixer

    def turn(self, now: float) -> Turn:
        """Return what this voice brings to the next mix, and how it wants to hear it."""
        self._arrivals += self._timeline.poll(now)
        arrivals = list(self._arrivals)
        self._arrivals.clear()
        presence, member = self.presence, self.presence.member
        listens = self._listens and not self.feed.held
        return Turn(
            channel=self._channel,
            arrivals=arrivals,
            family=presence.family,
            heard=presence.heard,
            sensitivity=member.input_sensitivity,
            input_gain=gain(member.input_volume),
            output_gain=0.0 if member.deaf else gain(member.output_volume),
            listens=listens,
        )

    def play(self, packets: list[bytes], position: int) -> None:
        """Send the member what the mix was for it."""
        for data in packets:
            self.feed.push(sound(data, position))

    def _joined(self, _: Feed) -> None:
        self._listens = True


@dataclass(frozen=True, slots=True)
class Turn:
    """One voice in one mix."""

    channel: Channel
    arrivals: list[Placed]
    family: str
    heard: bool
    sensitivity: int
    input_gain: float
    output_gain: float
    listens: bool


class Channel:
    """Decoder and encoder of one voice; used by the mixer's thread alone."""

    def __init__(self) -> None:
        self._decoder: Any = None
        self._encoder: SoundEncoder | None = None
        self._playout = Playout()
        self._gate = Gate()

    def decode(self, arrivals: list[Placed]) -> None:
        """Take what has come."""
        for placed in arrivals:
            if placed.payload is None:
                if placed.samples <= LONGEST_GAP:
                    self._playout.put(np.zeros(placed.samples, np.int16))
                continue
            for samples in self._decoded(placed.payload):
                self._playout.put(samples)

    def block(self, turn: Turn) -> Mix | None:
        """Return the next 20 ms, as loud as they are to be; None where there is nothing to hear."""
        block = self._playout.take()
        level = 0.0 if block is None or not turn.heard else float(np.abs(block, dtype=float).mean())
        passes = self._gate.passes(level, turn.sensitivity)
        if block is None or not turn.heard or not passes:
            return None
        return (block * turn.input_gain).astype(np.int32)

    @property
    def talks(self) -> bool:
        """Whether there was something to hear, just now or a moment ago."""
        return self._gate.is_open

    def encode(self, sound: Mix) -> list[bytes]:
        """Return the packets for what this voice's member is to hear."""
        if self._encoder is None:
            self._encoder = SoundEncoder(effort=EFFORT)
        return self._encoder.encode(np.clip(sound, -32768, 32767).astype(np.int16))

    def _decoded(self, payload: bytes) -> list[npt.NDArray[np.int16]]:
        if self._decoder is None:
            decoder = cast(Any, av.CodecContext.create("libopus", "r"))
            decoder.sample_rate, decoder.format, decoder.layout = AUDIO_RATE, "s16", "mono"
            decoder.thread_count = 1
            self._decoder = decoder
        try:
            frames = self._decoder.decode(av.Packet(payload))
        except av.FFmpegError:
            return []
        # Interleaved, where the decoder insists on two channels.
        return [
            frame.to_ndarray().reshape(-1, len(frame.layout.channels)).mean(axis=1).astype(np.int16)
            for frame in frames
        ]


def mix(turns: list[Turn]) -> list[tuple[list[bytes], bool]]:
    """Return for each voice the packets that its member gets, and whether the member talks."""
    total: Mix = np.zeros(BLOCK, np.int32)
    own: dict[str, Mix] = {}
    for turn in turns:
        if turn.heard:
            turn.channel.decode(turn.arrivals)
        block = turn.channel.block(turn)
        if block is not None:
            total = total + block
            own[turn.family] = own.get(turn.family, 0) + block
    said = []
    for turn in turns:
        packets: list[bytes] = []
        if turn.listens:
            others = total - own.get(turn.family, 0)
            packets = turn.channel.encode((others * turn.output_gain).astype(np.int32))
        said.append((packets, turn.channel.talks))
    return said
