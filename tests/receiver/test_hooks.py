"""What the receiver reaches of aiortc behind its public names."""

from __future__ import annotations

import pytest
from aiortc import RTCDtlsTransport, RTCRtpReceiver

from sw_notebook.receiver.child import hooks


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
