"""The media connection of a receiver: aiortc negotiates and connects, the pumps receive."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

from aiortc import (
    RTCConfiguration,
    RTCDtlsTransport,
    RTCIceServer,
    RTCIceTransportPolicy,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCSessionDescription,
)
from aiortc.codecs import get_capabilities

from sw_notebook.exceptions import ReceiverError, SDPError
from sw_notebook.rtp.clock import CallClock
from sw_notebook.signaling.negotiation import answer_for_aiortc, offer_from_aiortc
from sw_notebook.signaling.sdp import Description, Section

from . import hooks
from .listening import RATE, Listening
from .past import Window
from .pictures import CLOCK, Pictures
from .plain import follow
from .pump import Pump, Stream
from .source import Source

__all__ = ["Media", "Outlets"]

logger = logging.getLogger("sw_notebook.receiver")

_PLAIN = {
    "connection": ("path", "ways", "pairs"),
    "video": ("codec", "width", "height", "decoded"),
    "audio": ("codec",),
}
"""What is known where aiortc itself receives: it counts packets elsewhere, or not at all."""


class Outlets:
    """Where decoded media goes.

    Args:
        show: called with memory that the other side needs, and what is in it.
        wake: called with the kind of media when there is some.
        fail: called with the kind of media that cannot go there any more, and why.

    They are called from the threads that receive.
    """

    def __init__(
        self,
        show: Callable[[str, Any], None],
        wake: Callable[[str], None],
        fail: Callable[[str, str], None] = lambda *_: None,
    ) -> None:
        self.show = show
        self.wake = wake
        self.fail = fail


class Media:
    """Receives audio and video.

    Call :meth:`offer`, :meth:`accept` with the answer, and :meth:`close` in any case.

    Args:
        kinds: what to offer, of ``"audio"`` and ``"video"``.
        video_codecs: of ``"VP8"`` and ``"H264"``, the best first.
        ice_servers: ``RTCIceServer`` dicts that were checked.
        relay_only: use nothing but TURN servers.
        plain: receive with aiortc's own code.
        outlets: where media goes.
        changed: called with each new state: connecting, connected, failed, closed.
    """

    def __init__(
        self,
        kinds: Sequence[str],
        video_codecs: Sequence[str],
        ice_servers: Sequence[dict[str, Any]],
        *,
        relay_only: bool,
        plain: bool,
        outlets: Outlets,
        changed: Callable[[str], None],
    ) -> None:
        self._streams_of: dict[str, Pictures | Listening] = {}
        self.sources: dict[str, Source] = {}
        self.directions: dict[str, str] = {}
        self._outlets = outlets
        self._wanted: dict[str, bool] = {}
        self._offer = ""
        self._trip: float | None = None
        self._pumps: list[Pump] = []
        self._clock = CallClock()
        self._streams: dict[RTCDtlsTransport, dict[int, Stream]] = {}
        policy = RTCIceTransportPolicy.RELAY if relay_only else RTCIceTransportPolicy.ALL
        servers = [RTCIceServer(**server) for server in ice_servers]
        self._connection = RTCPeerConnection(
            RTCConfiguration(iceServers=servers, iceTransportPolicy=policy)
        )
        lacking = hooks.missing()
        if lacking:
            logger.warning("this aiortc lacks %s", ", ".join(lacking))
        self._plain = plain or bool(lacking)
        self._following: list[asyncio.Task[None]] = []
        if not self._plain:
            hooks.accept_rsa(self._connection)
        self._connection.on(
            "connectionstatechange", lambda: changed(self._connection.connectionState)
        )
        self._changed = changed
        for kind in kinds:
            transceiver = self._connection.addTransceiver(kind, direction="recvonly")
            transceiver.setCodecPreferences(_preferred(kind, video_codecs))

    @property
    def state(self) -> str:
        """How far the connection is: new, connecting, connected, failed, closed."""
        return str(self._connection.connectionState)

    @property
    def last(self) -> float:
        """When the last packet came, of ``time.monotonic()``; 0 where none has."""
        return max((0.0, *(source.last for source in self.sources.values())))

    async def offer(self) -> str:
        """Gather all candidates, and return the offer.

        Raises:
            SDPError: this machine has no address, or no relay where nothing else may be used.
        """
        connection = self._connection
        await connection.setLocalDescription(await connection.createOffer())
        self._offer = connection.localDescription.sdp
        offer = offer_from_aiortc(self._offer)
        if not Description.parse(offer).addresses():
            raise SDPError("no address or relay was found to receive media at; check the network")
        return offer

    async def accept(self, answer: str) -> None:
        """Take the answer, and begin to connect.

        Raises:
            SDPError: it accepts nothing, or cannot be used.
        """
        fixed = answer_for_aiortc(answer, self._offer)
        try:
            await self._connection.setRemoteDescription(RTCSessionDescription(fixed, "answer"))
        except Exception as error:
            # aiortc says what it cannot read by whatever its parser stumbles over.
            raise SDPError(f"the answer cannot be used ({type(error).__name__})") from error
        sections = Description.parse(fixed).sections
        transceivers = self._connection.getTransceivers()
        for section, transceiver in zip(sections, transceivers, strict=True):
            if transceiver.currentDirection == "recvonly":
                self.directions[section.kind] = "recvonly"
                self._open(section, transceiver.receiver)
        for transport in self._streams:
            transport.on("statechange", lambda t=transport: self._transport_changed(t))

    def _open(self, section: Section, receiver: RTCRtpReceiver) -> None:
        """Make what takes the packets of a section."""
        codecs = {int(number): name.lower() for number, name in section.codecs().items()}
        number, codec = next((n, name) for n, name in codecs.items() if name != "rtx")
        resends = [n for n, name in codecs.items() if name == "rtx"]
        clock = CLOCK if section.kind == "video" else RATE
        source = Source(receiver, clock, self._clock, asyncio.get_running_loop())
        stream: Pictures | Listening
        if section.kind == "video":
            stream = Pictures(
                codec,
                number,
                resends,
                source,
                show=lambda memory: self._outlets.show("pictures", memory),
                wake=lambda: self._outlets.wake("video"),
                fail=lambda words: self._outlets.fail("video", words),
            )
        else:
            stream = Listening(
                source,
                show=lambda memory: self._outlets.show("sound", memory),
                wake=lambda: self._outlets.wake("audio"),
            )
        self.sources[section.kind] = source
        self._streams_of[section.kind] = stream
        stream.want(self._wanted.get(section.kind, False))
        if self._plain:
            self._following.append(follow(receiver.track, stream))
            return
        streams = self._streams.setdefault(receiver.transport, {})
        streams.update(dict.fromkeys([number, *resends], stream))

    def _transport_changed(self, transport: RTCDtlsTransport) -> None:
        # At once, before aiortc gets the first packet.
        if transport.state != "connected":
            return
        try:
            pump = Pump(transport, self._streams[transport], self._failed)
            self._pumps.append(pump)
            hooks.time_checks(transport, self._measured, pump.haste)
        except Exception:
            logger.exception("media cannot be received")
            self._failed()

    def _measured(self, seconds: float) -> None:
        self._trip = seconds

    def _failed(self) -> None:
        self._changed("failed")

    def want(self, kind: str, wanted: bool) -> None:
        """Begin to decode a kind of media, or stop."""
        self._wanted[kind] = wanted
        if kind in self._streams_of:
            self._streams_of[kind].want(wanted)
            for pump in self._pumps:
                pump.nudge()

    def window(self, since: float) -> Window | None:
        """Decode the frames that came since a moment; from any thread.

        Raises:
            ReceiverError: none are kept.
        """
        if self._plain:
            raise ReceiverError(
                "aiortc itself receives in this call (the plain path), and keeps no frames to "
                "look back at: take them as they come, with frames()"
            )
        pictures = self._streams_of.get("video")
        return pictures.past.window(since) if isinstance(pictures, Pictures) else None

    def stats(self) -> dict[str, Any]:
        """Return what there is to count, as plain data; None is not known."""
        pumps = self._pumps
        found: dict[str, Any] = {
            "connection": {
                "path": "plain" if self._plain else "fast",
                "ways": [pump.way for pump in pumps],
                "pairs": [pair for t in self._streams for pair in hooks.pairs(t)],
                "round_trip_ms": None if self._trip is None else self._trip * 1000,
                "undecryptable": sum(pump.undecryptable for pump in pumps),
                "repeated": sum(pump.repeated for pump in pumps),
                "malformed": sum(pump.malformed for pump in pumps),
                "unknown": sum(pump.unknown for pump in pumps),
                "dropped": sum(pump.dropped for pump in pumps),
                "bytes": sum(pump.bytes for pump in pumps),
            }
        }
        for kind, source in self.sources.items():
            found[kind] = source.stats() | self._streams_of[kind].stats()
        if self._plain:
            return {
                part: {name: value if name in _PLAIN[part] else None for name, value in of.items()}
                for part, of in found.items()
            }
        return found

    async def stop(self) -> None:
        """Take what has come until now, and nothing more; safe to call twice."""
        for pump in self._pumps:
            await asyncio.to_thread(pump.stop)

    async def close(self) -> None:
        """End the threads and let go of all sockets; safe to call twice."""
        await self.stop()
        await self._connection.close()
        for task in self._following:
            task.cancel()
        await asyncio.gather(*self._following, return_exceptions=True)
        for stream in self._streams_of.values():
            stream.close()


def _preferred(kind: str, video_codecs: Sequence[str]) -> list[Any]:
    """What is received, the best first: FreeSWITCH takes the first that it can send."""
    names = ("opus",) if kind == "audio" else (*video_codecs, "rtx")
    found = get_capabilities(kind).codecs
    return [c for name in names for c in found if c.mimeType.lower() == f"{kind}/{name}".lower()]
