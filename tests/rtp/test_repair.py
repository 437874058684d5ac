from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sw_notebook.rtp.repair import (
    GIVE_UP_LEAST,
    GIVE_UP_MOST,
    RETRY_LEAST,
    RETRY_MOST,
    RoundTrip,
)


@given(st.lists(st.floats(0, 5), min_size=1))
def test_the_pace_stays_within_what_a_sender_keeps(samples: list[float]) -> None:
    """However fast or slow the answers are."""
    trip = RoundTrip()
    for sample in samples:
        trip.measured(sample)
    assert RETRY_LEAST <= trip.retry <= RETRY_MOST
    assert GIVE_UP_LEAST <= trip.give_up <= GIVE_UP_MOST
    assert trip.seconds is not None
    assert min(samples) - 1e-9 <= trip.seconds <= max(samples) + 1e-9


def test_steady_answers_make_it_ask_again_soon_after_one_is_late() -> None:
    """The spread of the answers shrinks, and with it the patience."""
    trip = RoundTrip()
    for _ in range(40):
        trip.measured(0.04)
    assert 0.04 <= trip.retry < 0.05
