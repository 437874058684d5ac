"""A block knows how loud it is and how it looks."""

from __future__ import annotations

import math
import pickle
import xml.etree.ElementTree as ET

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sw_notebook.receiver.block import Block


def block(samples: npt.ArrayLike, gaps: npt.ArrayLike | None = None, rate: int = 48_000) -> Block:
    """Return a block of these samples."""
    array = np.array(samples, np.float32, ndmin=2)
    marks = np.zeros(array.shape[1], np.bool_) if gaps is None else np.array(gaps, np.bool_)
    return Block(array, rate, 960, 1_700_000_000.0, 5.0, marks, stereo=True)


def tone(seconds: float = 1.0, amplitude: float = 1.0) -> npt.NDArray[np.float64]:
    """Return a sine of 1 kHz at 48 kHz."""
    return amplitude * np.sin(2 * np.pi * 1000 * np.arange(round(seconds * 48_000)) / 48_000)


def test_levels_are_in_dbfs() -> None:
    """A sine of full scale is 3 dB below a square of full scale."""
    assert block(tone()).level == pytest.approx(-3.01, abs=0.01)
    assert block(tone(amplitude=0.1)).level == pytest.approx(-23.01, abs=0.01)
    assert block(np.ones(10)).level == 0
    assert block(np.zeros(10)).level == -math.inf
    assert block(np.zeros((2, 0))).level == -math.inf


def test_gaps_do_not_make_a_block_quieter() -> None:
    """The level is that of what came."""
    half = tone(0.5)
    samples = np.concatenate([half, np.zeros_like(half)])
    assert block(samples, samples == 2).level == pytest.approx(-6.02, abs=0.01)
    gaps = np.arange(len(samples)) >= len(half)
    assert block(samples, gaps).level == pytest.approx(-3.01, abs=0.01)
    assert block(samples, np.ones(len(samples))).level == -math.inf


def test_the_peak_has_no_sign() -> None:
    """Downwards counts as upwards."""
    assert block([0.1, -0.5, 0.25]).peak == 0.5
    assert block([0.1, 0.75, -0.25]).peak == 0.75
    assert block(np.zeros((2, 0))).peak == 0


def test_mono_is_the_mean_of_both() -> None:
    """Everything else stays, but it is no longer stereo; one channel is mono already."""
    both = block([[1.0, 0.5], [0.0, -0.5]], [False, True])
    one = both.mono()
    np.testing.assert_array_equal(one.samples, [[0.5, 0.0]])
    assert one.samples.dtype == np.float32
    assert (one.rate, one.pts, one.time, one.monotonic) == (48_000, 960, 1_700_000_000.0, 5.0)
    assert one.gaps is both.gaps
    assert both.stereo
    assert not one.stereo
    assert one.mono() is one


def test_its_length() -> None:
    """In samples and in seconds."""
    assert len(block(np.zeros((2, 320)), rate=16_000)) == 320
    assert block(np.zeros((2, 320)), rate=16_000).seconds == 0.02


def test_it_says_what_it_is_in_one_line() -> None:
    """No samples; what is missing only where something is."""
    assert repr(block([tone(0.02)] * 2)) == ("Block(0.020 s, 2 channels at 48000 Hz, -3.0 dBFS)")
    gaps = np.arange(960) < 480
    assert repr(block(np.zeros(960), gaps)) == (
        "Block(0.020 s, 1 channel at 48000 Hz, -inf dBFS, 0.010 s missing)"
    )


@given(
    st.integers(0, 3000),
    st.integers(1, 2),
    st.booleans(),
)
def test_it_shows_a_waveform_of_bounded_size(count: int, channels: int, missing: bool) -> None:
    """Well-formed, whatever its length, and small enough to be saved with a notebook."""
    samples = np.random.default_rng(count).uniform(-1, 1, (channels, count))
    html = block(samples, np.full(count, missing))._repr_html_()
    assert len(html) < 20_000
    tree = ET.fromstring(html)  # noqa: S314 - it is our own
    assert tree.find("svg") is not None
    assert tree.findtext("code", "").startswith("Block(")


def test_a_waveform_shows_peaks_and_gaps() -> None:
    """Each column has the whole range of its samples."""
    samples = np.zeros(48_000)
    samples[24_010] = 0.75
    samples[24_011] = -0.5
    gaps = np.zeros(48_000)
    gaps[100] = 1
    html = block(samples, gaps)._repr_html_()
    assert "M240 0.25h1v1.25h-1z" in html
    assert "M1 0h1v2h-1z" in html


def test_a_block_crosses_processes() -> None:
    """It is pickled whole, as for a pool of workers."""
    sent = block([tone(0.02)] * 2)
    came = pickle.loads(pickle.dumps(sent))
    np.testing.assert_array_equal(came.samples, sent.samples)
    assert (came.pts, came.stereo) == (960, True)
