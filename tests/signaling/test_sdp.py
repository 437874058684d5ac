"""Session descriptions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sw_notebook.exceptions import SDPError
from sw_notebook.signaling.sdp import (
    Description,
    choose_codecs,
    offer_for_aiortc,
    shape_answer,
)

TRANSPORT = """\
a=ice-ufrag:uF
a=ice-pwd:secretsecretsecretsecret
a=fingerprint:sha-256 AA:BB
a=setup:actpass
a=rtcp-mux
a=candidate:1 1 udp 2122260223 192.0.2.9 50000 typ host generation 0
a=candidate:2 1 tcp 1518280447 192.0.2.9 9 typ host tcptype active generation 0
"""
# As Chromium 156 offers it through the SDK, with fewer codecs.
OFFER = f"""\
v=0
o=- 1 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
a=extmap-allow-mixed
a=msid-semantic: WMS stream
m=audio 50000 UDP/TLS/RTP/SAVPF 111 63 110
c=IN IP4 192.0.2.9
{TRANSPORT}a=mid:0
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=sendrecv
a=rtpmap:111 opus/48000/2
a=rtcp-fb:111 transport-cc
a=fmtp:111 minptime=10;useinbandfec=1
a=rtpmap:63 red/48000/2
a=fmtp:63 111/111
a=rtpmap:110 telephone-event/48000
m=video 50001 UDP/TLS/RTP/SAVPF 96 97 103
c=IN IP4 192.0.2.9
{TRANSPORT}a=mid:1
a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=sendonly
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 nack pli
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=rtpmap:103 H264/90000
a=fmtp:103 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f
a=ssrc-group:FID 1 2
a=ssrc:1 cname:x
""".replace("\n", "\r\n")
# As aiortc 1.16 answers it.
SECTION = """\
c=IN IP4 192.0.2.2
a={direction}
a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid
a=mid:{mid}
a=msid:stream track
a=rtcp:9 IN IP4 0.0.0.0
a=rtcp-mux
a=ssrc:77 cname:me
a=rtpmap:{rtpmap}
{more}a=candidate:f 1 udp 2130706431 fd00::2 {port} typ host
a=candidate:f 1 udp 2130706431 192.0.2.2 {port} typ host
a=candidate:f 1 udp 2130706431 192.0.2.9 {port} typ host
a=end-of-candidates
a=ice-ufrag:aU
a=ice-pwd:answeransweranswer
a=fingerprint:sha-256 CC:DD
a=fingerprint:sha-384 EE
a=fingerprint:sha-512 FF
a=setup:active
"""
AUDIO = "m=audio 40000 UDP/TLS/RTP/SAVPF 111\n" + SECTION.format(
    direction="sendrecv", mid=0, rtpmap="111 opus/48000/2", port=40000, more=""
)
VIDEO = "m=video 40002 UDP/TLS/RTP/SAVPF 96\n" + SECTION.format(
    direction="recvonly",
    mid=1,
    rtpmap="96 VP8/90000",
    port=40002,
    more="a=rtcp-fb:96 nack\na=rtcp-fb:96 goog-remb\n",
)
HEAD = """\
v=0
o=- 9 9 IN IP4 0.0.0.0
s=-
t=0 0
a=group:BUNDLE 0 1
a=msid-semantic:WMS *
"""
ANSWER = (HEAD + AUDIO + VIDEO).replace("\n", "\r\n")


def offer(text: str = OFFER) -> Description:
    """Return the parsed offer."""
    return Description.parse(text)


def test_descriptions_come_back() -> None:
    """Parsed and written is the same text."""
    assert str(offer()) == OFFER


def test_sections_say_what_they_are() -> None:
    """Kind, direction, codecs, and what every candidate names."""
    audio, video = offer().sections
    assert (audio.kind, audio.direction) == ("audio", "sendrecv")
    assert (video.kind, video.direction) == ("video", "sendonly")
    assert video.codecs() == {"96": "VP8", "97": "rtx", "103": "H264"}
    assert not video.rejected
    assert offer().addresses() == {"192.0.2.9"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "v=0"),
        ("hello", "v=0"),
        ("v=0\r\ngarbage\r\n", "line 2"),
        ("v=0\r\ns=-\r\n", "no media section"),
        ("v=0\r\nm=audio\r\n", "media line"),
        ("v=0\r\nm=audio x UDP/TLS/RTP/SAVPF 1\r\n", "media line"),
    ],
)
def test_other_text_is_no_description(text: str, words: str) -> None:
    """The reason is named."""
    with pytest.raises(SDPError, match=words):
        Description.parse(text)


@given(st.text())
def test_only_sdp_errors_come_out(text: str) -> None:
    """Whatever comes in, with a good beginning or not."""
    for tried in (text, f"v=0\r\n{text}", f"{OFFER}{text}"):
        try:
            description = Description.parse(tried).check_offer()
            chosen = choose_codecs(description, ("audio", "video"))
            offer_for_aiortc(description, chosen)
        except SDPError as error:
            assert str(error)  # noqa: PT017


@pytest.mark.parametrize("name", ["ice-ufrag", "ice-pwd", "fingerprint", "setup", "rtcp-mux"])
def test_an_offer_needs_its_transport(name: str) -> None:
    """What WebRTC cannot do without is asked for by name."""
    lines = [line for line in OFFER.split("\r\n") if not line.startswith(f"a={name}")]
    with pytest.raises(SDPError, match=f"audio offer has no a={name}"):
        offer("\r\n".join(lines)).check_offer()


def test_an_offer_needs_its_mids() -> None:
    """By them the answer is told apart."""
    lines = [line for line in OFFER.split("\r\n") if not line.startswith("a=mid")]
    with pytest.raises(SDPError, match="audio offer has no a=mid"):
        offer("\r\n".join(lines)).check_offer()


def test_a_transport_for_all_sections_is_good() -> None:
    """Credentials may stand before the first section."""
    shared = "a=ice-ufrag:u\r\na=ice-pwd:p\r\na=fingerprint:sha-256 A\r\na=setup:actpass\r\n"
    text = f"v=0\r\n{shared}m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=rtcp-mux\r\n"
    assert offer(text).check_offer() == offer(text)


def test_a_data_channel_is_no_call() -> None:
    """An offer of neither audio nor video is refused."""
    text = "v=0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
    with pytest.raises(SDPError, match="neither audio nor video"):
        offer(text).check_offer()


def test_vp8_and_opus_are_chosen() -> None:
    """One codec for each section, without resends in a stream of their own."""
    assert choose_codecs(offer(), ("audio", "video")) == {0: "111", 1: "96"}
    assert choose_codecs(offer(), ("audio",)) == {0: "111"}


def test_h264_is_chosen_where_vp8_is_not_offered() -> None:
    """And the section is left out where neither is."""
    without = OFFER.replace("a=rtpmap:96 VP8/90000\r\n", "")
    assert choose_codecs(offer(without), ("video",)) == {1: "103"}
    neither = without.replace("H264", "AV1")
    assert choose_codecs(offer(neither), ("audio", "video")) == {0: "111"}
    with pytest.raises(SDPError, match="video with vp8/h264"):
        choose_codecs(offer(neither), ("video",))


def test_a_second_section_of_a_kind_is_left_out() -> None:
    """A leg has one picture."""
    twice = OFFER + OFFER[OFFER.index("m=video") :]
    assert choose_codecs(offer(twice), ("audio", "video")) == {0: "111", 1: "96"}


def test_aiortc_sees_only_what_it_shall_answer() -> None:
    """No BUNDLE, no header extensions, one codec, and no section that is not accepted."""
    shown = offer_for_aiortc(offer(), {1: "96"})
    assert "BUNDLE" not in shown
    assert "extmap" not in shown
    assert "rtx" not in shown
    assert "H264" not in shown
    (video,) = Description.parse(shown).sections
    assert video.formats == ("96",)
    assert video.has("a=mid:1")
    assert video.values("rtcp-fb") == ["96 nack pli"]


def test_answers_have_the_platforms_shape() -> None:
    """As FreeSWITCH answers: see the reference on it."""
    answer = shape_answer(ANSWER, offer(), {0, 1})
    assert "a=mid" not in answer
    assert "a=group" not in answer
    assert "a=extmap" not in answer
    assert "goog-remb" not in answer
    assert "sha-384" not in answer
    assert "sha-512" not in answer
    audio, video = Description.parse(answer).sections
    for section, port in ((audio, 40000), (video, 40002)):
        assert section.port == port
        (candidate,) = section.values("candidate")
        assert candidate.split()[1:3] == ["1", "udp"]
        assert section.has("a=end-of-candidates")
        assert section.has("a=setup:active")
        assert section.values("fingerprint") == ["sha-256 CC:DD"]
        assert section.values("ice-ufrag") == ["aU"]
    assert audio.direction == "sendrecv"
    assert audio.has("a=ptime:20")
    assert audio.values("ssrc") == ["77 cname:me"]
    assert video.direction == "recvonly"
    assert video.values("rtcp-fb") == ["96 nack", "96 nack pli"]
    assert video.values("ssrc") == []


def test_the_candidate_is_one_that_the_caller_has() -> None:
    """Where an address is the caller's, too, it is that one; else the first of IPv4."""
    answer = Description.parse(shape_answer(ANSWER, offer(), {0, 1}))
    assert answer.sections[0].values("candidate")[0].split()[4] == "192.0.2.9"
    hidden = offer(OFFER.replace("192.0.2.9", "8d4c.local"))
    answer = Description.parse(shape_answer(ANSWER, hidden, {0, 1}))
    assert answer.sections[0].values("candidate")[0].split()[4] == "192.0.2.2"


def test_what_is_not_accepted_is_a_bare_line() -> None:
    """In its place, so that the order stays the offer's."""
    answer = shape_answer((HEAD + VIDEO).replace("\n", "\r\n"), offer(), {1})
    audio, video = Description.parse(answer).sections
    assert str(audio) == "m=audio 0 UDP/TLS/RTP/SAVPF 19\r\n"
    assert video.port == 40002


def test_no_address_is_said_in_words() -> None:
    """Without a network interface there is nothing to offer."""
    lonely = "".join(line for line in ANSWER.splitlines(True) if not line.startswith("a=candidate"))
    with pytest.raises(SDPError, match="no network interface"):
        shape_answer(lonely, offer(), {0, 1})


def test_a_later_answer_is_the_next_version() -> None:
    """Of the same session; sections come in the order in which aiortc got to know them."""
    first = shape_answer(ANSWER, offer(), (0, 1))
    assert "o=- 9 1 IN IP4 192.0.2.9\r\n" in first
    swapped = (HEAD + VIDEO + AUDIO).replace("\n", "\r\n")
    later = shape_answer(swapped, offer(), (1, 0), origin="7", version=2)
    assert "o=- 7 2 IN IP4 192.0.2.9\r\n" in later
    assert Description.parse(later).sections == Description.parse(first).sections


def test_what_is_stopped_is_a_bare_line() -> None:
    """Though aiortc answers it."""
    stopped = offer(OFFER.replace("m=video 50001", "m=video 0"))
    answer = shape_answer(ANSWER, stopped, (0, 1))
    assert answer.endswith("m=video 0 UDP/TLS/RTP/SAVPF 19\r\n")
