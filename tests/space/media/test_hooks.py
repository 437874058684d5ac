"""The private names of aiortc."""

from __future__ import annotations

import pytest
from aioice import Connection
from aioice.ice import StunProtocol
from aiortc import RTCRtpReceiver, RTCRtpSender

from sw_notebook.space.media import hooks


def test_this_aiortc_has_them_all() -> None:
    """The pinned version does; media tests show that they work."""
    assert hooks.missing() == []


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (RTCRtpSender, "_send_keyframe"),
        (RTCRtpSender, "_retransmit"),
        (RTCRtpReceiver, "_handle_rtp_packet"),
        (RTCRtpReceiver, "_send_rtcp_pli"),
        (RTCRtpReceiver, "_run_rtcp"),
        (StunProtocol, "send_stun"),
    ],
)
def test_a_missing_one_is_named(
    monkeypatch: pytest.MonkeyPatch, owner: type[object], name: str
) -> None:
    """So that the log says what another version lacks."""
    monkeypatch.delattr(owner, name)
    assert len(hooks.missing()) == 1


def test_missing_attributes_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what is made only when an instance is."""

    def init(connection: Connection) -> None:
        connection._queue = connection._protocols = None  # type: ignore[assignment]

    monkeypatch.setattr(Connection, "__init__", init)
    lacking = ["Connection._event_waiter", "Connection._query_consent_task"]
    assert hooks.missing() == lacking
