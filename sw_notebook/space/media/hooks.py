"""The four places where aiortc is reached behind its public names, and nothing else.

aiortc always decodes what arrives and has no way to hear of keyframe requests.  A space that
returns packets as they are, and encodes once for all, needs both, so it overrides methods on
the instances it uses.  :func:`missing` says at start whether this aiortc still has the names;
the project pins its version.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiortc import RTCRtpReceiver, RTCRtpSender
from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.rtp import RtpPacket

__all__ = ["missing", "on_keyframe_request", "request_keyframe", "tap"]

_STREAMS = "_RTCRtpReceiver__remote_streams"


def missing() -> list[str]:
    """Return the names that this aiortc lacks; empty is as it should be."""
    names = [
        (RTCRtpSender, "_send_keyframe"),
        (RTCRtpReceiver, "_handle_rtp_packet"),
        (RTCRtpReceiver, "_send_rtcp_pli"),
    ]
    lacking = [f"{owner.__name__}.{name}" for owner, name in names if not hasattr(owner, name)]
    reports: Any = getattr(RTCRtpReceiver, "_run_rtcp", None)
    if reports is None or _STREAMS not in reports.__code__.co_names:
        lacking.append(f"RTCRtpReceiver.{_STREAMS}")
    return lacking


def on_keyframe_request(sender: RTCRtpSender, asked: Callable[[], None]) -> None:
    """Call ``asked`` when the other side says that it needs a keyframe (PLI or FIR)."""
    sender._send_keyframe = asked  # type: ignore[method-assign]


async def request_keyframe(receiver: RTCRtpReceiver, ssrc: int) -> None:
    """Ask the other side for a keyframe (PLI) of the stream ``ssrc``."""
    await receiver._send_rtcp_pli(ssrc)


def tap(
    receiver: RTCRtpReceiver,
    clock_rate: int,
    take: Callable[[RtpPacket], Awaitable[None]] | None = None,
) -> None:
    """Take the RTP packets that arrive, instead of having them decoded.

    Receiver reports go on as before: without them a browser cannot judge its connection.

    Args:
        receiver: whose packets.
        clock_rate: ticks a second of their time stamps.
        take: gets each packet; None throws them away.
    """
    streams: dict[int, StreamStatistics] = getattr(receiver, _STREAMS)

    async def handle(packet: RtpPacket, arrival_time_ms: int) -> None:  # noqa: ARG001
        if packet.ssrc not in streams:
            streams[packet.ssrc] = StreamStatistics(clock_rate)
        streams[packet.ssrc].add(packet)
        if take is not None:
            await take(packet)

    receiver._handle_rtp_packet = handle  # type: ignore[method-assign]
