"""Later offers in a call."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sw_notebook.exceptions import SDPError
from sw_notebook.signaling.reoffer import Agreement
from sw_notebook.signaling.sdp import Description, choose_codecs, offer_for_aiortc

from .test_sdp import OFFER

BOTH = ("audio", "video")
VIDEO = OFFER.index("m=video")


def agreed(text: str = OFFER, kinds: tuple[str, ...] = BOTH) -> Agreement:
    """Return what a first offer leads to."""
    offer = Description.parse(text).check_offer()
    return Agreement(offer, choose_codecs(offer, kinds))


def renewed(text: str, before: Agreement | None = None) -> Agreement:
    """Return what a later offer leads to."""
    offer = Description.parse(text).check_offer()
    return (before or agreed()).renewed(offer, BOTH)


def test_the_same_again_is_the_same() -> None:
    """Nothing restarts."""
    assert renewed(OFFER) == agreed()
    assert agreed().restarts(renewed(OFFER)) == []


def test_new_credentials_restart_ice() -> None:
    """In each section that has them, wherever they stand."""
    assert agreed().credentials(0) == ("uF", "secretsecretsecretsecret")
    every = OFFER.replace("a=ice-ufrag:uF", "a=ice-ufrag:new")
    assert agreed().restarts(renewed(every)) == [0, 1]
    one = OFFER[:VIDEO] + OFFER[VIDEO:].replace("a=ice-pwd:secret", "a=ice-pwd:other-")
    assert agreed().restarts(renewed(one)) == [1]
    shared = OFFER.replace("a=ice-ufrag:uF\r\n", "").replace(
        "s=-\r\n", "s=-\r\na=ice-ufrag:all\r\n"
    )
    assert renewed(shared).credentials(1)[0] == "all"
    assert agreed().restarts(renewed(shared)) == [0, 1]


def test_what_is_new_is_accepted_last() -> None:
    """Also where it stands first, for aiortc counts in the order of acceptance."""
    assert renewed(OFFER, agreed(OFFER[:VIDEO])).accepted == {0: "111", 1: "96"}
    audio_off = OFFER.replace("m=audio 50000", "m=audio 0")
    later = renewed(OFFER, agreed(audio_off))
    assert list(later.accepted.items()) == [(1, "96"), (0, "111")]
    shown = Description.parse(offer_for_aiortc(later.offer, later.accepted))
    assert [section.kind for section in shown.sections] == ["video", "audio"]


def test_a_second_section_of_a_kind_is_not_accepted_later() -> None:
    """A leg has one picture, even where that one is stopped."""
    twice = OFFER + OFFER[VIDEO:].replace("a=mid:1", "a=mid:2")
    assert renewed(twice).accepted == agreed().accepted
    stopped = twice.replace("m=video 50001", "m=video 0", 1)
    assert renewed(stopped).accepted == agreed().accepted


def test_what_stops_keeps_its_transport() -> None:
    """It is inactive to aiortc, and no restart; then it may come back."""
    shared = OFFER.replace("a=ice-ufrag:uF\r\n", "").replace("s=-\r\n", "s=-\r\na=ice-ufrag:uF\r\n")
    for text in (OFFER, shared):
        before = agreed(text)
        stopped = renewed("v=0\r\n" + OFFER[5:VIDEO] + "m=video 0 UDP/TLS/RTP/SAVPF 96\r\n", before)
        video = stopped.offer.sections[1]
        assert video.direction == "inactive"
        assert not video.has("a=sendonly")
        assert stopped.credentials(1) == before.credentials(1)
        assert before.restarts(stopped) == []
        back = renewed(OFFER, stopped)
        assert back.offer.sections[1].direction == "sendonly"
        assert stopped.restarts(back) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (OFFER[:VIDEO], "lacks sections"),
        (OFFER.replace("a=mid:1", "a=mid:9"), "another section in place of the video one"),
        (OFFER.replace("m=video 50001", "m=audio 50001"), "in place of the video one"),
        (OFFER.replace("96 VP8", "96 H264"), "lacks the codec in use; offer it as payload 96"),
        (OFFER.replace("111 opus", "111 PCMU"), "the audio offer lacks the codec in use"),
        (OFFER.replace("sha-256 AA", "sha-256 BB"), "another fingerprint"),
    ],
)
def test_what_was_agreed_on_stays(text: str, words: str) -> None:
    """An offer that would end it is refused in words."""
    with pytest.raises(SDPError, match=words):
        renewed(text)


@given(st.text())
def test_only_sdp_errors_come_out(text: str) -> None:
    """Whatever is offered later."""
    for tried in (text, f"{OFFER}{text}", f"{OFFER[:VIDEO]}{text}{OFFER[VIDEO:]}"):
        try:
            later = renewed(tried)
            later.restarts(agreed())
            offer_for_aiortc(later.offer, later.accepted)
        except SDPError as error:
            assert str(error)  # noqa: PT017
