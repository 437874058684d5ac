"""The length of an Opus packet, against what libopus makes and what RFC 6716 allows."""

from __future__ import annotations

from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sw_notebook.rtp.opus import is_stereo, opus_samples


@pytest.mark.parametrize("milliseconds", ["2.5", "5", "10", "20", "40", "60", "120"])
@pytest.mark.parametrize("layout", ["mono", "stereo"])
def test_what_libopus_makes_is_as_long_as_it_decodes_to(milliseconds: str, layout: str) -> None:
    """Real packets of every length, with one and two channels."""
    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.format, encoder.layout, encoder.sample_rate = "s16", layout, 48_000
    encoder.options = {"frame_duration": milliseconds}
    count = int(float(milliseconds) * 48)
    channels = 1 if layout == "mono" else 2
    left, right = (np.random.default_rng(seed).integers(-9000, 9000, count) for seed in (1, 2))
    both = np.stack([left, right][:channels], axis=1).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(both.reshape(1, -1), format="s16", layout=layout)
    frame.sample_rate = 48_000
    packets = [bytes(p) for p in [*encoder.encode(frame), *encoder.encode(None)]]
    assert packets
    decoder: Any = av.CodecContext.create("libopus", "r")
    for payload in packets:
        assert opus_samples(payload) == count
        assert is_stereo(payload) == (layout == "stereo")
        assert sum(f.samples for f in decoder.decode(av.Packet(payload))) == count


@pytest.mark.parametrize(
    "payload",
    [b"", b"\x03", b"\x03\x00", bytes([0b00011_0_11, 3]), bytes([0b10000_0_11, 49])],
    ids=["empty", "no count", "count 0", "3 of 60 ms", "49 of 2.5 ms"],
)
def test_what_the_rfc_does_not_allow_has_no_length(payload: bytes) -> None:
    """Up to 120 ms, in at least one frame."""
    assert opus_samples(payload) is None
    assert not is_stereo(payload)


@given(st.binary(max_size=4))
def test_a_length_is_one_that_the_timeline_can_place(payload: bytes) -> None:
    """Whatever comes, it is a multiple of 2.5 ms and at most 120 ms, or nothing."""
    samples = opus_samples(payload)
    assert samples is None or (samples % 120 == 0 and 120 <= samples <= 5760)
