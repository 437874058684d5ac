"""What the receiver reaches of aiortc behind its public names."""

from __future__ import annotations

import asyncio
import time
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from aiortc import RTCCertificate, RTCDtlsTransport, RTCIceGatherer, RTCIceTransport, RTCRtpReceiver
from aiortc.rtp import RtcpSenderInfo, RtcpSrPacket
from packaging.requirements import Requirement
from packaging.version import Version

from sw_notebook import rtp
from sw_notebook.receiver.child import hooks
from tests.reaching import private_names

from .reading import until

PROJECT = Path(hooks.__file__).parents[3] / "pyproject.toml"


def test_this_aiortc_has_all_the_names() -> None:
    """Which is why its version is pinned."""
    assert hooks.missing() == []


@pytest.mark.parametrize("library", ["aiortc", "aioice"])
def test_versions_whose_names_nobody_has_seen_are_not_installed(library: str) -> None:
    """The range is that of this minor version, in which all tests were run."""
    extras = tomllib.loads(PROJECT.read_text())["project"]["optional-dependencies"]
    [pinned] = [r for r in map(Requirement, extras["media"]) if r.name == library]
    here = Version(version(library))
    assert here in pinned.specifier
    assert f"{here.major}.{here.minor + 1}" not in pinned.specifier
    assert f"{here.major}.{here.minor - 1}" not in pinned.specifier


def test_no_other_private_name_is_reached() -> None:
    """Neither here, nor in the other modules that receive."""
    checked = {name for _, name in hooks._NAMES} | {name for *_, name in hooks._ATTRIBUTES}
    assert private_names(Path(hooks.__file__)) <= checked
    folders = (Path(hooks.__file__).parent, Path(rtp.__file__).parent)
    others = [p for f in folders for p in f.glob("*.py") if p.name != "hooks.py"]
    assert {p.name: names for p in others if (names := private_names(p))} == {}


@pytest.mark.parametrize(
    ("owner", "name"),
    hooks._NAMES,
    ids=[f"{owner.__name__}.{name}" for owner, name in hooks._NAMES],
)
def test_each_is_missed(monkeypatch: pytest.MonkeyPatch, owner: type[object], name: str) -> None:
    """By its name."""
    monkeypatch.delattr(owner, name)
    assert f"{owner.__name__}.{name}" in hooks.missing()


@pytest.mark.parametrize(
    ("owner", "method", "name"),
    hooks._ATTRIBUTES,
    ids=[f"{owner.__name__}.{name} in {method}" for owner, method, name in hooks._ATTRIBUTES],
)
def test_each_attribute_is_missed(
    monkeypatch: pytest.MonkeyPatch, owner: type[object], method: str, name: str
) -> None:
    """Where the method that has it does without."""
    monkeypatch.setattr(owner, method, lambda *_: None)
    assert f"{owner.__name__}.{name}" in hooks.missing()


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
