"""The test card."""

from __future__ import annotations

import av
import numpy as np

from sw_notebook.space.media.card import HEIGHT, RATE, WIDTH, Card
from sw_notebook.strip import Strip

STRIP = Strip(123, 1_700_000_000_123)


def test_the_strip_is_on_top() -> None:
    """Readable from the picture as drawn."""
    assert Strip.read(Card("test").draw(STRIP)[:HEIGHT]) == STRIP


def test_the_bars_have_their_colours() -> None:
    """75 % bars: grey, yellow, cyan, green, magenta, red, blue."""
    picture = Card("test").draw(STRIP)
    assert picture.shape == (HEIGHT * 3 // 2, WIDTH)
    frame = av.VideoFrame.from_ndarray(picture, format="yuv420p").to_ndarray(format="rgb24")
    middles = [frame[100, int((bar + 0.5) * WIDTH / 7)] for bar in range(7)]
    wanted = [(1, 1, 1), (1, 1, 0), (0, 1, 1), (0, 1, 0), (1, 0, 1), (1, 0, 0), (0, 0, 1)]
    assert np.abs(np.array(middles, int) - 191 * np.array(wanted)).max() <= 4


def test_people_see_time_pass() -> None:
    """Clock, counter and light differ from frame to frame, and the bars do not."""
    card = Card("test")
    one = card.draw(STRIP)[:HEIGHT].copy()
    two = card.draw(Strip(124, STRIP.milliseconds + 40))[:HEIGHT]
    changed = (one != two).any(axis=1)
    assert changed[216:280].any(), "the clock"
    assert changed[290:325].any(), "the counter"
    assert changed[336:342].any(), "the light"
    assert not changed[32:208].any(), "the bars"


def test_the_light_goes_round_once_a_second() -> None:
    """So that a stutter can be seen."""
    card = Card("test")
    assert np.array_equal(card.draw(Strip(0, 0))[336], card.draw(Strip(RATE, 0))[336])


def test_every_time_can_be_written() -> None:
    """Up to the largest number of both."""
    assert Strip.read(Card("test").draw(Strip(2**28 - 1, 2**41))[:HEIGHT]) is not None
