"""Passing on what callers send, packet by packet, to all others."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable
from typing import Protocol

from aiortc import RTCRtpTransceiver
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtcrtpreceiver import NackGenerator
from aiortc.rtp import RtpPacket

from . import hooks
from .feed import Feed
from .outlet import Outlet
from .prompter import Prompter
from .rewrite import Rewriter

__all__ = ["Party", "Relay", "Relays", "Source"]


class Source(Protocol):
    """Somebody or something that sends in a relay."""

    def ask_for_keyframe(self) -> None:
        """Say that a listener cannot go on without a keyframe; nothing happens for sound."""


class Relay:
    """Those who send and get one codec.

    Each listener hears the one of the others that began to send last.
    """

    def __init__(self) -> None:
        self._sources: list[Source] = []
        self._listeners: list[Party] = []

    def join(self, party: Party) -> None:
        """Let a party listen from now on."""
        self._listeners.append(party)
        self._tune()

    def leave(self, party: Party) -> None:
        """Let a party listen no more; safe where it did not."""
        if party in self._listeners:
            self._listeners.remove(party)
            party.source = None

    def begin(self, source: Source) -> None:
        """Let a source be the newest that sends; one that sends already stays what it is."""
        if source not in self._sources:
            self._sources.append(source)
            self._tune()

    def end(self, source: Source) -> None:
        """Let a source send no more; safe where it did not."""
        if source in self._sources:
            self._sources.remove(source)
            self._tune()

    async def pass_on(self, source: Source, packet: RtpPacket) -> None:
        """Give a packet to all who hear the source that sent it."""
        for listener in list(self._listeners):
            if listener.source is source:
                await listener.hear(packet)

    def _tune(self) -> None:
        for listener in self._listeners:
            others = (source for source in reversed(self._sources) if source is not listener)
            newest = next(others, None)
            if newest is not listener.source:
                listener.tune(newest)


class Relays:
    """Where the callers of one place meet, by codec: they cannot use any other's packets."""

    def __init__(self) -> None:
        self._relays: dict[str, Relay] = {}

    def relay(self, codec: str) -> Relay:
        """Return where those meet whose codec this is."""
        return self._relays.setdefault(codec, Relay())


class Party:
    """The sound or the picture of one caller in a relay: a source, a listener, or both.

    Args:
        relay: who else is there.
        transceiver: aiortc's side of it.
        codec: what was agreed on with this caller.
        outlet: where it is sent to the caller.
        clock: seconds that only go up; None takes the event loop's.
    """

    def __init__(
        self,
        relay: Relay,
        transceiver: RTCRtpTransceiver,
        codec: RTCRtpCodecParameters,
        outlet: Outlet,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self.source: Source | None = None
        # aiortc's sender waits for what never comes, and so tells when the caller is there.
        self.feed = Feed(
            "audio" if transceiver.kind == "audio" else "video",
            limit=1,
            ask=self.ask,
            join=lambda _: relay.join(self),
            leave=lambda _: relay.leave(self),
        )
        self._relay = relay
        self._transceiver = transceiver
        assert codec.payloadType is not None
        self._payload_type = codec.payloadType
        self._outlet = outlet
        self._clock = clock or asyncio.get_running_loop().time
        self._sends = False
        self._ssrc: int | None = None
        self._missed = NackGenerator()
        self._keyframes = Prompter(self._request_keyframe)
        self._rewriter = Rewriter(codec.clockRate, secrets.randbelow(1 << 15))

    # ------------------------------------------------------------------ as a listener

    def tune(self, source: Source | None) -> None:
        """Hear another source from now on, or none; one that was away leaves no gap behind."""
        self.source = source
        self._rewriter.pause()
        self.ask()

    def ask(self) -> None:
        """Ask whom this party hears for a keyframe."""
        if self.source is not None and self.feed.kind == "video":
            self.source.ask_for_keyframe()

    async def hear(self, packet: RtpPacket) -> None:
        """Send the caller a packet of :attr:`source`, with the numbers of its own stream."""
        if self.feed.held:
            self._rewriter.pause()
            return
        numbers = self._rewriter.rewrite(
            (self.source, packet.ssrc), packet.sequence_number, packet.timestamp, self._clock()
        )
        if numbers is None:
            return
        copy = RtpPacket(
            payload_type=self._payload_type,
            marker=packet.marker,
            sequence_number=numbers[0],
            timestamp=numbers[1],
            ssrc=hooks.ssrc(self._transceiver.sender),
            payload=packet.payload,
        )
        copy.padding_size = packet.padding_size
        with contextlib.suppress(ConnectionError):
            await self._outlet.send(copy.serialize())
            hooks.note_sent(self._transceiver.sender, numbers[1], len(packet.payload))

    # ------------------------------------------------------------------ as a source

    def ask_for_keyframe(self) -> None:
        """Ask the caller for a keyframe."""
        self._keyframes.ask()

    def send(self, sends: bool) -> None:
        """Take what the caller sends, or not any more."""
        self._sends = sends
        if not sends:
            self._ssrc = None  # what comes until it sends again was not missed
            self._relay.end(self)

    async def take(self, packet: RtpPacket) -> None:
        """Pass on a packet of the caller's; the first one makes it the newest source."""
        if not self._sends:
            return
        video = self.feed.kind == "video"
        if packet.ssrc != self._ssrc:
            self._ssrc, self._missed = packet.ssrc, NackGenerator()
            if video:
                self._keyframes.ask()
        self._relay.begin(self)
        if video and self._missed.add(packet):
            missed = sorted(self._missed.missing)
            await hooks.request_again(self._transceiver.receiver, packet.ssrc, missed)
        await self._relay.pass_on(self, packet)

    async def close(self) -> None:
        """Leave; safe to call twice."""
        self.send(False)
        self.feed.stop()
        await self._keyframes.close()

    async def _request_keyframe(self) -> None:
        if self._ssrc is not None:
            await hooks.request_keyframe(self._transceiver.receiver, self._ssrc)
