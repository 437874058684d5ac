"""Descriptions as no honest side writes them."""

from __future__ import annotations

from hypothesis import given

from sw_notebook.exceptions import SDPError
from sw_notebook.signaling.negotiation import answer_for_aiortc
from sw_notebook.signaling.reoffer import Agreement
from sw_notebook.signaling.sdp import Description, choose_codecs, offer_for_aiortc, shape_answer

from .odd import odd
from .test_sdp import ANSWER, OFFER, offer

ANSWERS = [ANSWER, shape_answer(ANSWER, offer(), (0, 1))]
RECEIVED = {"opus", "vp8", "h264", "rtx"}


@given(odd(ANSWERS))
def test_an_answer_is_put_right_or_refused_in_words(answer: str) -> None:
    """It has the offer's sections, and what is live in them can be received."""
    try:
        fixed = Description.parse(answer_for_aiortc(answer, OFFER))
    except SDPError as error:
        assert str(error)  # noqa: PT017
        return
    assert [s.values("mid") for s in fixed.sections] == [s.values("mid") for s in offer().sections]
    live = [section for section in fixed.sections if section.has("a=inactive") is False]
    for section in live:
        names = [name.lower() for name in section.codecs().values()]
        assert set(names) <= RECEIVED
        assert len(section.codecs()) == len(set(section.formats))
        assert set(names) - {"rtx"}


@given(odd([OFFER]))
def test_an_offer_is_understood_or_refused_in_words(text: str) -> None:
    """The first one, and one later in a call."""
    kinds = ("audio", "video")
    try:
        description = Description.parse(text).check_offer()
        offer_for_aiortc(description, choose_codecs(description, kinds))
        before = Agreement(offer(), {0: "111", 1: "96"})
        later = before.renewed(description, kinds)
        assert set(before.restarts(later)) <= {0, 1}
        offer_for_aiortc(later.offer, later.accepted)
    except SDPError as error:
        assert str(error)  # noqa: PT017
