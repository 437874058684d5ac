"""What the receiver reaches of aiortc behind its public names."""

from __future__ import annotations

import asyncio
import time

import pytest
from aiortc import RTCCertificate, RTCDtlsTransport, RTCIceGatherer, RTCIceTransport, RTCRtpReceiver
from aiortc.rtp import RtcpSenderInfo, RtcpSrPacket

from sw_notebook.receiver.child import hooks

from .reading import until


def test_this_aiortc_has_all_the_names() -> None:
    """Which is why its version is pinned."""
    assert hooks.missing() == []


def test_a_method_that_is_missing_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """And named."""
    monkeypatch.delattr(RTCRtpReceiver, "_send_rtcp_pli")
    assert hooks.missing() == ["RTCRtpReceiver._send_rtcp_pli"]


def test_an_attribute_that_is_missing_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the method that would use it."""
    monkeypatch.setattr(RTCDtlsTransport, "_recv_next", lambda self: None)
    assert hooks.missing() == ["RTCDtlsTransport._rx_srtp"]


async def test_the_sender_hears_for_how_long_its_report_has_been_here() -> None:
    """From when it came, also where it was looked at later: the round trip is made of that."""
    certificate = RTCCertificate.generateCertificate()
    transport = RTCDtlsTransport(RTCIceTransport(RTCIceGatherer()), [certificate])
    receiver = RTCRtpReceiver("audio", transport)
    transport._rtp_router.register_receiver(receiver, ssrcs=[7], payload_types=[111])
    info = RtcpSenderInfo(ntp_timestamp=1 << 40, rtp_timestamp=0, packet_count=1, octet_count=1)
    report = bytes(RtcpSrPacket(ssrc=7, sender_info=info))
    seen = vars(receiver)[hooks._REPORTED]

    before = time.time()
    hooks.rtcp_arrived(transport, report, time.monotonic() - 100)
    await asyncio.to_thread(until, lambda: 7 in seen)
    assert before - 100.01 <= seen[7] <= time.time() - 100

    # what another one has said stays as it is
    transport._rtp_router.register_receiver(receiver, ssrcs=[8], payload_types=[111])
    first = seen[7]
    other = bytes(RtcpSrPacket(ssrc=8, sender_info=info))
    hooks.rtcp_arrived(transport, other, time.monotonic() - 50)
    await asyncio.to_thread(until, lambda: 8 in seen)
    assert seen[7] == first
