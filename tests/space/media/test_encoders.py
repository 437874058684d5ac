"""Encoders, checked by decoding."""

from __future__ import annotations

from typing import Any

import av
import numpy as np
import pytest

from sw_notebook.space.media.encoders import AUDIO_RATE, VideoEncoder, opus_packets


@pytest.mark.parametrize(("codec", "decoder"), [("vp8", "libvpx"), ("h264", "h264")])
def test_pictures_come_back(codec: str, decoder: str) -> None:
    """Each picture is one frame at once, and keyframes come when asked for."""
    encoder = VideoEncoder(codec, 64, 48, rate=25, bit_rate=100_000)
    context: Any = av.CodecContext.create(decoder, "r")
    context.thread_count = 1
    keys, levels = [], []
    for number in range(6):
        picture = np.full((72, 64), 40 + 30 * number, np.uint8)
        picture[48:] = 128
        (encoded,) = encoder.encode(picture, number * 3600, key=number == 3)
        keys.append(encoded.key)
        assert encoded.packet.pts == number * 3600
        levels += [float(f.to_ndarray()[:48].mean()) for f in context.decode(encoded.packet)]
    levels += [float(f.to_ndarray()[:48].mean()) for f in context.decode(None)]
    assert keys == [True, False, False, True, False, False]
    assert levels == pytest.approx([40, 70, 100, 130, 160, 190], abs=6)


def test_sound_comes_back() -> None:
    """A second is fifty packets of one size, mono, with the tone in it."""
    tone = 8000 * np.sin(2 * np.pi * 1000 * np.arange(AUDIO_RATE) / AUDIO_RATE)
    packets = opus_packets(tone.astype(np.int16))
    assert len(packets) == 50
    assert len({len(packet) for packet in packets}) == 1
    assert not packets[0][0] & 0b100, "the stereo bit"
    decoder: Any = av.CodecContext.create("libopus", "r")
    decoded = [f.to_ndarray() for p in packets for f in decoder.decode(av.Packet(p))]
    sound = np.concatenate([block.reshape(-1, 2)[:, 0] for block in decoded]).astype(float)
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    assert np.argmax(spectrum) * AUDIO_RATE / len(sound) == pytest.approx(1000, abs=2)
