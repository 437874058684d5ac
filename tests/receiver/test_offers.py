"""What a receiver offers, as the far side reads it."""

from __future__ import annotations

from typing import Any

import pytest
from aioice import stun

from sw_notebook import Receiver
from sw_notebook.signaling.sdp import Description
from sw_notebook.space.stun import responding

from .peer import Peer, peering
from .reading import children, until


@pytest.fixture(autouse=True)
def no_process_left() -> Any:
    """Each call takes its process along."""
    yield
    until(lambda: not children())


def offered(peer: Peer) -> Description:
    """The description in the invitation."""
    [invite] = [f for f in peer.frames if "sdp" in f["params"].get("message", {}).get("params", {})]
    return Description.parse(invite["params"]["message"]["params"]["sdp"])


def candidates(peer: Peer) -> list[list[list[str]]]:
    """The candidates of each section, in words."""
    return [[c.split() for c in s.values("candidate")] for s in offered(peer).sections]


def test_each_section_can_stand_alone() -> None:
    """Sound first, then VP8; each with one port for RTP and RTCP, and all its candidates."""
    with peering() as peer, Receiver("/public/any", space=peer):
        pass
    sections = offered(peer).sections
    assert [section.kind for section in sections] == ["audio", "video"]
    assert next(iter(sections[1].codecs().values())) == "VP8"
    for section in sections:
        assert section.has("a=rtcp-mux")
        assert section.has("a=recvonly")
        assert section.has("a=end-of-candidates")
        assert section.port > 0
        assert not section.has("a=bundle-only")
        [fingerprint] = section.values("fingerprint")
        assert fingerprint.startswith("sha-256 ")
    for found in candidates(peer):
        assert {words[1] for words in found} == {"1"}
        # without a server to ask
        assert {words[7] for words in found} == {"host"}


def truly(data: bytes, source: tuple[str, int]) -> bytes:
    """Answer as where nothing translates addresses: with the one that was asked from."""
    asked = stun.parse_message(data)
    told = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, asked.transaction_id)
    told.attributes["XOR-MAPPED-ADDRESS"] = source
    return bytes(told)


@pytest.mark.parametrize("translated", [True, False], ids=["another port", "the same port"])
@pytest.mark.parametrize("given", [True, False], ids=["of its own", "of the space"])
async def test_a_stun_server_is_asked_before_the_call(
    monkeypatch: pytest.MonkeyPatch, translated: bool, given: bool
) -> None:
    """FreeSWITCH may refuse private hosts, and hears of no candidate later.

    A browser leaves out what is the host's own address; this does not.
    """
    if not translated:
        monkeypatch.setattr("sw_notebook.space.stun.answer", truly)
    async with responding(True) as (url, responder):
        servers = [{"urls": url}]
        options: dict[str, Any] = {"ice_servers": servers} if given else {}
        with peering(ice_servers=[] if given else servers) as peer:
            async with Receiver("/public/any", space=peer, **options):
                pass
    # the address that answered is one of the machine's
    assert url is not None
    here = url.split(":")[1]
    for section in candidates(peer):
        ports = {words[5] for words in section if words[7] == "host" and words[4] == here}
        mapped = [words for words in section if words[7] == "srflx" and words[4] == here]
        assert mapped
        for words in mapped:
            assert words[8] == "raddr"
            assert words[11] in ports
            assert (words[5] != words[11]) is translated
    assert responder.answered >= 2
