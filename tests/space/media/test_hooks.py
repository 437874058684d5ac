"""The private names of aiortc."""

from __future__ import annotations

import pytest
from aiortc import RTCRtpReceiver, RTCRtpSender

from sw_notebook.space.media import hooks


def test_this_aiortc_has_them_all() -> None:
    """The pinned version does; media tests show that they work."""
    assert hooks.missing() == []


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (RTCRtpSender, "_send_keyframe"),
        (RTCRtpReceiver, "_handle_rtp_packet"),
        (RTCRtpReceiver, "_send_rtcp_pli"),
        (RTCRtpReceiver, "_run_rtcp"),
    ],
)
def test_a_missing_one_is_named(
    monkeypatch: pytest.MonkeyPatch, owner: type[object], name: str
) -> None:
    """So that the log says what another version lacks."""
    monkeypatch.delattr(owner, name)
    assert len(hooks.missing()) == 1
