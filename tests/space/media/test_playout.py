"""One voice between the network and the mix."""

from __future__ import annotations

import numpy as np
import pytest

from sw_notebook.space.media.playout import BLOCK, MOST, TARGET, WINDOW, Gate, Playout, gain


def numbered(first: int, count: int) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """Return samples that say which they are."""
    return (np.arange(first, first + count) % 30_000).astype(np.int16)


def test_it_begins_when_enough_is_there_and_again_after_it_ran_dry() -> None:
    """So that what comes late finds its place."""
    playout = Playout()
    playout.put(numbered(0, BLOCK))
    assert playout.take() is None
    playout.put(numbered(BLOCK, BLOCK))
    for first in (0, BLOCK):
        block = playout.take()
        assert block is not None
        assert (block == numbered(first, BLOCK)).all()
    assert playout.take() is None
    playout.put(numbered(0, BLOCK))
    assert playout.take() is None
    playout.put(numbered(0, BLOCK))
    assert playout.take() is not None


def test_packets_of_any_length_are_taken() -> None:
    """Of 60 ms and of 10."""
    playout = Playout()
    playout.put(numbered(0, 3 * BLOCK))
    playout.put(numbered(3 * BLOCK, BLOCK // 2))
    blocks = [playout.take() for _ in range(3)]
    assert all(block is not None and len(block) == BLOCK for block in blocks)
    assert playout.take() is None


def test_it_holds_so_much_and_no_more() -> None:
    """A burst after a pause is no delay from then on."""
    playout = Playout()
    for step in range(0, 3 * MOST, BLOCK):
        playout.put(numbered(step, BLOCK))
    taken = 0
    while playout.take() is not None:
        taken += 1
    assert taken * BLOCK <= MOST


def test_a_faster_clock_is_followed() -> None:
    """What waits all the time is left out, the target not."""
    playout = Playout()
    playout.put(numbered(0, TARGET + 5 * BLOCK))
    for _ in range(2 * WINDOW):
        assert playout.take() is not None
        playout.put(numbered(0, BLOCK))
    left = 0
    while playout.take() is not None:
        left += 1
    assert left * BLOCK <= TARGET + BLOCK


@pytest.mark.parametrize(
    ("level", "sensitivity", "passes"),
    [(5000, 0, False), (5000, 44, True), (100, 44, False), (100, 60, True), (1, 100, True)],
)
def test_sensitivity_is_a_threshold(level: float, sensitivity: int, passes: bool) -> None:
    """From 0, which lets only the loudest pass, to 100, which lets all."""
    assert Gate().passes(level, sensitivity) is passes


def test_volumes_are_decibels() -> None:
    """Twice as many are twice as many."""
    assert gain(25) * gain(25) == pytest.approx(gain(50))
