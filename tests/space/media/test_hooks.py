"""The private names of aiortc."""

from __future__ import annotations

from pathlib import Path

import pytest
from aioice import Connection
from aioice.ice import StunProtocol
from aiortc import RTCRtpReceiver, RTCRtpSender

from sw_notebook.space.media import hooks
from tests.reaching import private_names


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
    lacking = ["_event_waiter", "_query_consent_task", "ice_controlling", "remote_is_lite"]
    assert hooks.missing() == [f"Connection.{name}" for name in lacking]


def test_no_other_private_name_is_reached() -> None:
    """Neither here, nor beside this module."""
    checked = {name for _, name in hooks._NAMES} | {name for *_, name in hooks._ATTRIBUTES}
    assert private_names(Path(hooks.__file__)) <= checked
    others = [p for p in Path(hooks.__file__).parent.glob("*.py") if p.name != "hooks.py"]
    assert {p.name: names for p in others if (names := private_names(p))} == {}
