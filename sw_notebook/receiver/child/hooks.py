"""The places where aiortc and aioice are reached behind their public names, and nothing else.

aiortc negotiates and keeps the connection; packets are taken from it where they are still
encrypted, because its own way to a frame costs a frame interval, unbounded memory and broken
pictures (see ``benchmarks/README.md``).  :func:`missing` says at start whether this aiortc still
has the names; without them plain aiortc receives, in the same process.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from aioice import Connection
from aioice.ice import CandidatePair, StunProtocol
from aiortc import RTCDtlsTransport, RTCIceTransport, RTCPeerConnection, RTCRtpReceiver
from aiortc.rtcdtlstransport import RTCCertificate, RtpRouter
from aiortc.rtcrtpreceiver import StreamStatistics
from OpenSSL import SSL
from pylibsrtp import Error as SrtpError
from pylibsrtp import Session

from sw_notebook._private_names import lacking

__all__ = [
    "SrtpError",
    "accept_rsa",
    "ask_again",
    "ask_for_keyframe",
    "divert",
    "is_repeated",
    "missing",
    "pairs",
    "report_on",
    "rtcp_arrived",
    "take_socket",
    "time_checks",
]

_STREAMS = "_RTCRtpReceiver__remote_streams"
_REPORTED = "_RTCRtpReceiver__lsr_time"
_CERTIFICATES = "_RTCPeerConnection__certificates"
_CIPHERS = (
    b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:"
    b"ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA:"
    b"ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305:"
    b"ECDHE-RSA-AES128-SHA:ECDHE-RSA-AES256-SHA"
)

# What arrivals.py counts, and what a report says of it.
_COUNTED = ("base_seq", "max_seq", "cycles", "packets_received")
_REPORTED_OF = ("fraction_lost", "packets_lost", "max_seq", "jitter")

_NAMES: tuple[tuple[type[object], str], ...] = (
    (RTCRtpReceiver, "_send_rtcp_nack"),
    (RTCRtpReceiver, "_send_rtcp_pli"),
    (RTCDtlsTransport, "_handle_rtcp_data"),
    (RTCCertificate, "_create_ssl_context"),
    (StunProtocol, "request"),
    (CandidatePair, "local_candidate"),
    (StreamStatistics, "packets_lost"),
    (StreamStatistics, "jitter"),
)
# What instances have: a method that uses it.
_ATTRIBUTES: tuple[tuple[type[object], str, str], ...] = (
    (RTCRtpReceiver, "_run_rtcp", _STREAMS),
    (RTCRtpReceiver, "_handle_rtcp_packet", _REPORTED),
    (RTCDtlsTransport, "_recv_next", "_rx_srtp"),
    (RTCDtlsTransport, "_handle_rtcp_data", "_rtp_router"),
    (RtpRouter, "__init__", "receivers"),
    (RTCPeerConnection, "__init__", _CERTIFICATES),
    (RTCDtlsTransport, "start", "_create_ssl_context"),
    (RTCIceTransport, "__init__", "_connection"),
    (Connection, "__init__", "_nominated"),
    (Connection, "query_consent", "request"),
    (CandidatePair, "__init__", "protocol"),
    (CandidatePair, "__init__", "remote_candidate"),
    (StunProtocol, "connection_made", "transport"),
    (StunProtocol, "datagram_received", "data_received"),  # it is asyncio's, too, and does nothing
    *((StreamStatistics, "__init__", name) for name in _COUNTED),
    *((RTCRtpReceiver, "_run_rtcp", name) for name in _REPORTED_OF),
)


def missing() -> list[str]:
    """Return the names that this aiortc lacks; empty is as it should be."""
    return lacking(_NAMES, _ATTRIBUTES)


def accept_rsa(connection: RTCPeerConnection) -> None:
    """Let a connection talk to servers whose certificate is RSA, as FreeSWITCH's is.

    aiortc offers ciphers for ECDSA only, so that it fails where it has to open DTLS.
    """
    for certificate in getattr(connection, _CERTIFICATES):
        create = certificate._create_ssl_context

        def with_rsa(create: Callable[..., SSL.Context] = create, **options: Any) -> SSL.Context:
            context = create(**options)
            context.set_cipher_list(_CIPHERS)
            return context

        certificate._create_ssl_context = with_rsa


class _Diverted:
    """Stands where aiortc keeps what decrypts: whatever comes there is handed on as it is."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self._take = take

    def unprotect(self, data: bytes) -> bytes:
        self._take(data)
        raise SrtpError(1)  # to aiortc it is a packet that cannot be read

    unprotect_rtcp = unprotect


def divert(transport: RTCDtlsTransport, take: Callable[[bytes], None]) -> Session:
    """Get each datagram of media, still encrypted, in place of aiortc; return what decrypts it.

    The session has one buffer for all that it decrypts, so one thread must do that: RTP and RTCP.
    """
    session: Session = transport._rx_srtp
    transport._rx_srtp = _Diverted(take)  # type: ignore[assignment]
    return session


def is_repeated(error: SrtpError) -> bool:
    """Whether a packet was refused because it had come before, and not because of its key."""
    return str(error).startswith("replay check failed")


def rtcp_arrived(transport: RTCDtlsTransport, data: bytes, came: float) -> None:
    """Let aiortc see a decrypted RTCP packet that came at ``came``; on the event loop."""
    asyncio.ensure_future(_see(transport, data, came))  # noqa: RUF006 - it ends by itself


async def _see(transport: RTCDtlsTransport, data: bytes, came: float) -> None:
    before = time.time()
    await transport._handle_rtcp_data(data)
    # aiortc tells the sender for how long it has had a report, and has it only now.
    age = time.monotonic() - came
    for receiver in transport._rtp_router.receivers:
        times: dict[int, float] = getattr(receiver, _REPORTED)
        for ssrc, seen in times.items():
            if seen >= before:
                times[ssrc] = seen - age


def take_socket(
    transport: RTCDtlsTransport,
) -> tuple[socket.socket, Callable[[bytes, Any], None]] | None:
    """Take the socket of the chosen way from the event loop, to read it in a thread.

    Returns:
        A socket of one's own, blocking, and what to give to aiortc of what comes by it, on the
        event loop; None where there is none of that kind, as with a TURN server.
    """
    nominated = getattr(transport.transport._connection, "_nominated", {})
    pair = next(iter(nominated.values()), None)
    if pair is None or type(pair.protocol) is not StunProtocol:
        return None
    protocol: StunProtocol = pair.protocol
    if pair.local_candidate.type == "relay":
        return None
    theirs = protocol.transport.get_extra_info("socket")
    remove = getattr(asyncio.get_running_loop(), "_remove_reader", None)
    if theirs is None or remove is None:
        return None
    own = socket.socket(fileno=os.dup(theirs.fileno()))
    own.setblocking(True)
    remove(theirs.fileno())

    def back(data: bytes, address: Any) -> None:
        protocol.datagram_received(data, address)

    return own, back


def report_on(receiver: RTCRtpReceiver, ssrc: int, statistics: StreamStatistics) -> None:
    """Let aiortc report on a stream to its sender (RTCP RR); on the event loop."""
    streams: dict[int, StreamStatistics] = getattr(receiver, _STREAMS)
    streams.clear()  # who sent before is gone
    streams[ssrc] = statistics


def ask_again(receiver: RTCRtpReceiver, ssrc: int, lost: Sequence[int]) -> None:
    """Ask the sender for lost packets (NACK); on the event loop."""
    asyncio.ensure_future(receiver._send_rtcp_nack(ssrc, sorted(lost)))  # noqa: RUF006 - as above


def ask_for_keyframe(receiver: RTCRtpReceiver, ssrc: int) -> None:
    """Ask the sender for a keyframe (PLI); on the event loop."""
    asyncio.ensure_future(receiver._send_rtcp_pli(ssrc))  # noqa: RUF006 - as above


def time_checks(
    transport: RTCDtlsTransport,
    measured: Callable[[float], None],
    haste: Callable[[], AbstractContextManager[None]],
) -> None:
    """Learn how long the far side takes to answer each check of the chosen way, in seconds.

    aioice makes one about every 5 seconds (consent, RFC 7675).

    Args:
        transport: is connected.
        measured: called with each answer.
        haste: entered while one is waited for.
    """
    for pair in getattr(transport.transport._connection, "_nominated", {}).values():
        pair.protocol.request = _timed(pair.protocol.request, measured, haste)


def _timed(
    request: Callable[..., Any],
    measured: Callable[[float], None],
    haste: Callable[[], AbstractContextManager[None]],
) -> Callable[..., Any]:
    async def timed(*values: Any, **options: Any) -> Any:
        began = time.monotonic()
        with haste():
            answer = await request(*values, **options)
        if options.get("retransmissions") == 0:  # sent once, so it is plain what was answered
            measured(time.monotonic() - began)
        return answer

    return timed


def pairs(transport: RTCDtlsTransport) -> list[str]:
    """Return the types of the candidates in use, ours and theirs, as ``host/srflx``."""
    nominated = getattr(transport.transport._connection, "_nominated", {})
    return [f"{p.local_candidate.type}/{p.remote_candidate.type}" for p in nominated.values()]
