"""Offers and answers between aiortc and the platform."""

from __future__ import annotations

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from sw_notebook.exceptions import SDPError
from sw_notebook.signaling.negotiation import answer_for_aiortc, offer_from_aiortc
from sw_notebook.signaling.sdp import Description


def transport(name: str) -> str:
    """The lines of a section's transport."""
    return (
        f"a=ice-ufrag:{name}\na=ice-pwd:{name}{name}secretsecretsecret\n"
        "a=fingerprint:sha-256 AA:BB\na=setup:active\n"
    )


HEAD = "v=0\no=- 1 1 IN IP4 192.0.2.1\ns=x\nc=IN IP4 192.0.2.1\nt=0 0\n"
AUDIO = (
    "m=audio 5000 UDP/TLS/RTP/SAVPF 96\na=sendonly\na=rtpmap:96 opus/48000/2\n"
    f"a=rtcp-mux\n{transport('A')}a=candidate:1 1 udp 1 192.0.2.1 5000 typ host generation 0\n"
)
VIDEO = (
    "m=video 5002 UDP/TLS/RTP/SAVPF 97\na=sendonly\na=rtpmap:97 VP8/90000\n"
    f"a=rtcp-mux\n{transport('V')}a=candidate:1 1 udp 1 192.0.2.1 5002 typ host generation 0\n"
)
NAMED = "a=candidate:2 1 udp 2 a-b.local 5000 typ host\n"
REFUSED = "m=video 0 UDP/TLS/RTP/SAVPF 19\n"


def h264(*fmtp: str) -> str:
    """An answer that takes H264 only, in these forms."""
    lines = VIDEO.replace("97", " ".join(str(99 + n) for n in range(len(fmtp)))).splitlines()
    maps = [f"a=rtpmap:{99 + n} H264/90000" for n in range(len(fmtp))]
    maps += [f"a=fmtp:{99 + n} {value}" for n, value in enumerate(fmtp) if value]
    kept = [line for line in lines if not line.startswith("a=rtpmap")]
    return "\n".join([*kept, *maps, ""])


async def offering(*kinds: str) -> tuple[RTCPeerConnection, str]:
    """A receive-only connection, and what it offers."""
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    for kind in kinds:
        connection.addTransceiver(kind, direction="recvonly")
    await connection.setLocalDescription(await connection.createOffer())
    return connection, connection.localDescription.sdp


async def test_an_offer_has_one_fingerprint_per_section() -> None:
    """Of sha-256, and nothing else is changed."""
    connection, offer = await offering("audio", "video")
    sent = offer_from_aiortc(offer)
    await connection.close()
    for section in Description.parse(sent).sections:
        (fingerprint,) = section.values("fingerprint")
        assert fingerprint.startswith("sha-256 ")
    left = [line for line in offer.splitlines() if "a=fingerprint:sha-" not in line]
    assert [line for line in sent.splitlines() if "a=fingerprint:sha-" not in line] == left
    kinds = [section.kind for section in Description.parse(sent).sections]
    assert kinds == ["audio", "video"]
    assert next(iter(Description.parse(sent).sections[1].codecs().values())) == "VP8"


ANSWERS = {
    "as FreeSWITCH answers": AUDIO + VIDEO,
    "video refused": AUDIO + REFUSED,
    "video missing": AUDIO,
    "audio refused": "m=audio 0 UDP/TLS/RTP/SAVPF 19\n" + VIDEO,
    "in another order": VIDEO + AUDIO,
    "with a mid of its own": AUDIO + "a=mid:sound\n" + VIDEO,
    "with a group of its own": "a=group:BUNDLE 0 1\n" + AUDIO + VIDEO,
    "without rtcp-mux": (AUDIO + VIDEO).replace("a=rtcp-mux\n", ""),
    "port 0 with all its lines": AUDIO + VIDEO.replace("5002", "0", 1),
    "H264 that can be decoded": AUDIO + h264("packetization-mode=1;profile-level-id=42e01f"),
    "H264 of another profile": AUDIO + h264("packetization-mode=1;profile-level-id=640c1f"),
    "H264 without a profile": AUDIO + h264(""),
    "codecs nobody asked for": AUDIO.replace(
        " 96\n", " 13 110 96\na=rtpmap:110 telephone-event/48000\n"
    )
    + VIDEO.replace(" 97\n", " 98 97\na=rtpmap:98 VP9/90000\n"),
    "a number with a nought before it": AUDIO + VIDEO.replace(" 97\n", " 097\n"),
    "a name beside the address": AUDIO + NAMED + VIDEO,
    "nothing but a name": AUDIO.replace("192.0.2.1 5000 typ", "a-b.local 5000 typ") + VIDEO,
    "H264 in several forms": AUDIO
    + h264("profile-level-id=640c1f", "profile-level-id=42001f; packetization-mode=1"),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
async def test_aiortc_takes_the_answer(answer: str) -> None:
    """Each shape that was seen, and those that may be."""
    connection, offer = await offering("audio", "video")
    fixed = answer_for_aiortc(HEAD + answer, offer)
    # It judges before it connects, and nobody is at that address.
    await connection.setRemoteDescription(RTCSessionDescription(fixed, "answer"))
    await connection.close()
    asked = Description.parse(offer).sections
    assert [s.values("mid") for s in Description.parse(fixed).sections] == [
        s.values("mid") for s in asked
    ]


@pytest.mark.parametrize(
    ("name", "directions"),
    [
        ("as FreeSWITCH answers", ["sendonly", "sendonly"]),
        ("video refused", ["sendonly", "inactive"]),
        ("audio refused", ["inactive", "sendonly"]),
        ("H264 of another profile", ["sendonly", "inactive"]),
        ("H264 in several forms", ["sendonly", "sendonly"]),
        ("codecs nobody asked for", ["sendonly", "sendonly"]),
        ("a number with a nought before it", ["sendonly", "inactive"]),
    ],
)
async def test_what_is_refused_is_inactive(name: str, directions: list[str]) -> None:
    """And shares the transport of what is not, in the one group that aiortc knows."""
    connection, offer = await offering("audio", "video")
    await connection.close()
    fixed = Description.parse(answer_for_aiortc(HEAD + ANSWERS[name], offer))
    assert [section.direction for section in fixed.sections] == directions
    groups = [line for line in fixed.session if line.startswith("a=group:")]
    assert len(groups) == directions.count("inactive")
    if groups:
        users = {section.values("ice-ufrag")[0] for section in fixed.sections}
        assert len(users) == 1


async def test_codecs_that_nobody_asked_for_are_left_out() -> None:
    """So that what comes first can be received."""
    connection, offer = await offering("audio", "video")
    await connection.close()
    fixed = Description.parse(answer_for_aiortc(HEAD + ANSWERS["codecs nobody asked for"], offer))
    assert [section.formats for section in fixed.sections] == [("96",), ("97",)]


@pytest.mark.parametrize(
    ("name", "addresses", "ends"),
    [
        ("as FreeSWITCH answers", {"192.0.2.1"}, True),
        ("a name beside the address", {"192.0.2.1"}, True),
        ("nothing but a name", {"192.0.2.1", "a-b.local"}, False),
    ],
)
async def test_names_count_where_there_is_nothing_else(
    name: str, addresses: set[str], ends: bool
) -> None:
    """And then they are not the end of the candidates."""
    connection, offer = await offering("audio", "video")
    await connection.close()
    answer = ANSWERS[name].replace("generation 0\n", "generation 0\na=end-of-candidates\n", 1)
    fixed = Description.parse(answer_for_aiortc(HEAD + answer, offer))
    assert fixed.addresses() == addresses
    assert fixed.sections[0].has("a=end-of-candidates") is ends


@pytest.mark.parametrize(
    "answer", ["", "v=0\n", HEAD, HEAD + REFUSED, HEAD + "m=application 9 X 0\n"]
)
async def test_an_answer_that_accepts_nothing_is_refused(answer: str) -> None:
    """In words."""
    connection, offer = await offering("audio", "video")
    await connection.close()
    with pytest.raises(SDPError):
        answer_for_aiortc(answer, offer)
