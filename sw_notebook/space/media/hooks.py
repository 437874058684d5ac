"""The places where aiortc and aioice are reached behind their public names, and nothing else.

aiortc always decodes what arrives and has no way to hear of keyframe requests.  A space that
returns packets as they are, and encodes once for all, needs both, so it overrides methods on
the instances it uses.  Nor can aiortc send packets that somebody else made, restart ICE, or have
a bad network, or none, for a test.
:func:`missing` says at start whether this aiortc still has the names; the project pins its
version.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import ModuleType

from aioice import Connection
from aioice.ice import StunProtocol
from aiortc import (
    RTCDtlsTransport,
    RTCIceGatherer,
    RTCIceTransport,
    RTCRtpReceiver,
    RTCRtpSender,
)
from aiortc.clock import current_ntp_time
from aiortc.codecs import h264, vpx
from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.rtp import RtpPacket, is_rtcp

from sw_notebook._private_names import lacking

__all__ = [
    "IceRestart",
    "Wire",
    "limit_packets",
    "missing",
    "note_sent",
    "on_keyframe_request",
    "on_nack",
    "request_again",
    "request_keyframe",
    "silence",
    "ssrc",
    "tap",
]

_STREAMS = "_RTCRtpReceiver__remote_streams"
_SENT_NTP, _SENT_RTP, _SENT_OCTETS, _SENT_PACKETS = _SENT = (
    "_RTCRtpSender__ntp_timestamp",
    "_RTCRtpSender__rtp_timestamp",
    "_RTCRtpSender__octet_count",
    "_RTCRtpSender__packet_count",
)
_DATAGRAMS = ("datagram_received", "send_data", "send_stun")
_NAMES: tuple[tuple[type[object] | ModuleType, str], ...] = (
    (h264, "PACKET_MAX"),
    (vpx, "PACKET_MAX"),
    (RTCRtpSender, "_send_keyframe"),
    (RTCRtpSender, "_retransmit"),
    (RTCDtlsTransport, "_send_rtp"),
    (RTCRtpReceiver, "_handle_rtp_packet"),
    (RTCRtpReceiver, "_send_rtcp_nack"),
    (RTCRtpReceiver, "_send_rtcp_pli"),
    (StreamStatistics, "add"),
    *((StunProtocol, name) for name in _DATAGRAMS),
)
# What instances have: a method that uses it.
_ATTRIBUTES: tuple[tuple[type[object], str, str], ...] = (
    (RTCRtpReceiver, "_run_rtcp", _STREAMS),
    *((RTCRtpSender, "_run_rtcp", name) for name in ("_ssrc", *_SENT)),
    (RTCDtlsTransport, "_send_rtp", "_tx_srtp"),
    (RTCIceTransport, "__init__", "_connection"),
    (RTCIceTransport, "__init__", "_recv"),
    (RTCIceTransport, "__init__", "_send"),
    (RTCIceGatherer, "__init__", "_connection"),
    (RTCIceGatherer, "__init__", "_remote_candidates_end"),
    (Connection, "__init__", "_protocols"),
    (Connection, "__init__", "_queue"),
    (Connection, "__init__", "_event_waiter"),
    (Connection, "__init__", "_query_consent_task"),
    (Connection, "__init__", "ice_controlling"),
    (Connection, "__init__", "remote_is_lite"),
)


def missing() -> list[str]:
    """Return the names that this aiortc lacks; empty is as it should be."""
    return lacking(_NAMES, _ATTRIBUTES)


def limit_packets(octets: int) -> None:
    """Let aiortc put at most so many octets into each RTP packet, besides its header.

    It holds for all that this process sends.
    """
    h264.PACKET_MAX = vpx.PACKET_MAX = octets


def on_keyframe_request(sender: RTCRtpSender, asked: Callable[[], None]) -> None:
    """Call ``asked`` when the other side says that it needs a keyframe (PLI or FIR)."""
    sender._send_keyframe = asked  # type: ignore[method-assign]


def on_nack(sender: RTCRtpSender, asked: Callable[[int], Awaitable[None]]) -> None:
    """Call ``asked`` with the sequence number of each packet that the other side misses."""

    async def retransmit(sequence_number: int) -> None:
        await asked(sequence_number)

    sender._retransmit = retransmit  # type: ignore[method-assign]


def ssrc(sender: RTCRtpSender) -> int:
    """Return the SSRC of what is sent."""
    return sender._ssrc


def note_sent(sender: RTCRtpSender, timestamp: int, octets: int) -> None:
    """Let sender reports tell of a packet that aiortc did not make."""
    counts = vars(sender)
    counts[_SENT_NTP], counts[_SENT_RTP] = current_ntp_time(), timestamp
    counts[_SENT_OCTETS] += octets
    counts[_SENT_PACKETS] += 1


class Wire:
    """The way of RTP packets to the network, with a place where they can be held up.

    RTCP goes its own way, as before.

    Args:
        transport: whose packets.
        take: gets each packet that aiortc sends, and calls :meth:`protect` and :meth:`send`.
    """

    def __init__(
        self, transport: RTCDtlsTransport, take: Callable[[bytes], Awaitable[None]]
    ) -> None:
        self._transport = transport
        before = transport._send_rtp

        async def send(data: bytes) -> None:
            await (before if is_rtcp(data) else take)(data)

        transport._send_rtp = send  # type: ignore[method-assign]

    def protect(self, packet: bytes) -> bytes:
        """Return a packet as the network carries it.

        Raises:
            ConnectionError: there is no connection.
        """
        if self._transport.state != "connected":
            raise ConnectionError("the media is not connected")
        protected: bytes = self._transport._tx_srtp.protect(packet)
        return protected

    async def send(self, datagram: bytes) -> None:
        """Give what :meth:`protect` returned to the network.

        Raises:
            ConnectionError: there is no connection any more.
        """
        await self._transport.transport._send(datagram)


async def request_keyframe(receiver: RTCRtpReceiver, ssrc: int) -> None:
    """Ask the other side for a keyframe (PLI) of the stream ``ssrc``."""
    await receiver._send_rtcp_pli(ssrc)


async def request_again(receiver: RTCRtpReceiver, ssrc: int, missed: list[int]) -> None:
    """Ask the other side for packets of the stream ``ssrc`` that did not come (NACK)."""
    await receiver._send_rtcp_nack(ssrc, missed)


def tap(
    receiver: RTCRtpReceiver, clock_rate: int, take: Callable[[RtpPacket], Awaitable[None]]
) -> None:
    """Take the RTP packets that arrive, instead of having them decoded.

    Receiver reports go on as before: without them a browser cannot judge its connection.

    Args:
        receiver: whose packets.
        clock_rate: ticks a second of their time stamps.
        take: gets each packet.
    """
    streams: dict[int, StreamStatistics] = getattr(receiver, _STREAMS)

    async def handle(packet: RtpPacket, arrival_time_ms: int) -> None:  # noqa: ARG001
        if packet.ssrc not in streams:
            streams[packet.ssrc] = StreamStatistics(clock_rate)
        streams[packet.ssrc].add(packet)
        await take(packet)

    receiver._handle_rtp_packet = handle  # type: ignore[method-assign]


def silence(transport: RTCIceTransport, silent: bool) -> None:
    """Lose every datagram in both directions, or let them pass again.

    It holds for the sockets that the transport has now, not for those of a later restart.
    """
    _silence(transport._connection, silent)


def _silence(connection: Connection, silent: bool) -> None:
    async def lose_data(data: bytes, addr: tuple[str, int]) -> None:
        """Lose media."""

    def lose(*_: object) -> None:
        """Lose a datagram."""

    for protocol in connection._protocols:
        for name in _DATAGRAMS:
            vars(protocol).pop(name, None)
        if silent:
            vars(protocol).update(datagram_received=lose, send_data=lose_data, send_stun=lose)


class IceRestart:
    """An ICE connection that takes the place of the one under a transport.

    aiortc takes a re-offer with new credentials for one with the old: it goes on checking, and
    asking for consent, with those, and answers the other side's checks with 401, so that
    a browser is lost at its first check.  Here DTLS and SRTP go on over a fresh ICE connection,
    with sockets and credentials of its own.  The one before carries media until the fresh one is
    connected, and its consent decides whether the call lives until then.

    Call :meth:`begin` before aiortc sees the offer, :meth:`finish` after the answer, and
    :meth:`retire` or :meth:`undo` in the end.

    Args:
        transport: what is to be restarted; its ICE is completed.
    """

    def __init__(self, transport: RTCIceTransport) -> None:
        self._transport = transport
        self._before = transport._connection
        self._fresh = Connection(ice_controlling=self._before.ice_controlling)
        self._done = False

    async def begin(self) -> None:
        """Gather candidates; they and new credentials are what the transport now tells of."""
        # Whoever waits for a datagram gets the next one, whichever connection it comes by.
        self._fresh._queue = self._before._queue
        self._show(self._fresh)
        await self._fresh.gather_candidates()

    async def finish(self, user: str, password: str) -> bool:
        """Connect with the other side's new credentials, and send by the fresh connection.

        What still comes by the one before is taken, until :meth:`retire`.

        Returns:
            Whether it did; if not, all is as it was before.
        """
        self._fresh.remote_is_lite = self._before.remote_is_lite
        self._fresh.remote_username = user
        self._fresh.remote_password = password
        try:
            await self._fresh.connect()
        except ConnectionError:
            await self.undo()
            return False
        if self._transport.state != "completed":  # what was before has ended meanwhile
            await self.undo()
            return False
        self._transport._recv, self._transport._send = self._fresh.recv, self._fresh.send
        # The transport waits to hear of the end of its connection: which is now the fresh one.
        before, fresh = self._before, self._fresh
        fresh._event_waiter, before._event_waiter = before._event_waiter, None
        if before._query_consent_task is not None:
            before._query_consent_task.cancel()  # it has no say any more
        self._done = True
        return True

    async def retire(self) -> None:
        """Let go of what was before; safe to call twice."""
        await _retire(self._before)

    async def undo(self) -> None:
        """Go on with what was before, unless it is too late for that; safe to call twice."""
        if self._done:
            await self.retire()
            return
        self._show(self._before)
        await _retire(self._fresh)

    def silence(self, silent: bool) -> None:
        """Lose every datagram of what was before and of what is to be, or let them pass."""
        _silence(self._before, silent)
        _silence(self._fresh, silent)

    def _show(self, connection: Connection) -> None:
        gatherer = self._transport.iceGatherer
        self._transport._connection = gatherer._connection = connection
        gatherer._remote_candidates_end = False


async def _retire(connection: Connection) -> None:
    # Its last word must not end those who wait at the queue that it shared.
    connection._queue = asyncio.Queue()
    await connection.close()
