"""Encoders, set for live media that starts fast and waits for nothing."""

from __future__ import annotations

import fractions
from typing import Any, cast

import av
import numpy as np
import numpy.typing as npt
from av.video.frame import PictureType

from .feed import Encoded

__all__ = [
    "AUDIO_RATE",
    "AUDIO_TIME_BASE",
    "PACKETS_PER_SECOND",
    "SAMPLES_PER_PACKET",
    "VIDEO_TIME_BASE",
    "SoundEncoder",
    "VideoEncoder",
    "opus_packets",
    "sound",
]

AUDIO_RATE = 48_000
SAMPLES_PER_PACKET = 960
PACKETS_PER_SECOND = AUDIO_RATE // SAMPLES_PER_PACKET
AUDIO_TIME_BASE = fractions.Fraction(1, AUDIO_RATE)
VIDEO_TIME_BASE = fractions.Fraction(1, 90_000)

_VIDEO: dict[str, tuple[str, dict[str, str]]] = {
    "vp8": (
        "libvpx",
        {
            "deadline": "realtime",
            "cpu-used": "-6",
            "lag-in-frames": "0",
            "undershoot-pct": "100",
            "overshoot-pct": "15",
        },
    ),
    # What every browser decodes: constrained baseline, level 3.1.
    "h264": ("libx264", {"profile": "baseline", "level": "31", "tune": "zerolatency"}),
}


class VideoEncoder:
    """Encodes I420 pictures.

    Args:
        codec: ``"vp8"`` or ``"h264"``.
        width: of the picture, in pixels.
        height: of the picture, in pixels.
        rate: frames a second.
        bit_rate: bits a second.
        keyframe_every: frames between keyframes where nobody asks for one.
    """

    def __init__(
        self,
        codec: str,
        width: int,
        height: int,
        *,
        rate: int,
        bit_rate: int,
        keyframe_every: int = 3000,
    ) -> None:
        name, options = _VIDEO[codec]
        context = cast(av.VideoCodecContext, av.CodecContext.create(name, "w"))
        context.width = width
        context.height = height
        context.pix_fmt = "yuv420p"
        context.time_base = VIDEO_TIME_BASE
        context.framerate = fractions.Fraction(rate, 1)
        context.bit_rate = bit_rate
        context.gop_size = keyframe_every
        context.thread_count = 1
        rates = {"minrate": str(bit_rate), "maxrate": str(bit_rate), "bufsize": str(bit_rate)}
        context.options = {**options, **rates}
        self._context = context

    def encode(self, picture: npt.NDArray[np.uint8], pts: int, *, key: bool) -> list[Encoded]:
        """Encode one picture, an I420 array as PyAV takes it; ``pts`` counts 90 kHz."""
        frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
        frame.pts = pts
        frame.time_base = VIDEO_TIME_BASE
        if key:
            frame.pict_type = PictureType.I
        encoded = []
        for packet in self._context.encode(frame):
            packet.pts, packet.time_base = pts, VIDEO_TIME_BASE
            encoded.append(Encoded(packet, packet.is_keyframe))
        return encoded


class SoundEncoder:
    """Encodes mono sound at 48 kHz as Opus packets of 20 ms each, all of one size.

    Args:
        bit_rate: bits a second.
        effort: 0 to 10; 5 takes two fifths of the time of 10.
    """

    def __init__(self, bit_rate: int = 32_000, *, effort: int = 10) -> None:
        context = cast(Any, av.CodecContext.create("libopus", "w"))
        context.format = "s16"
        context.layout = "mono"
        context.sample_rate = AUDIO_RATE
        context.bit_rate = bit_rate
        context.thread_count = 1
        context.options = {
            "application": "audio",
            "vbr": "off",
            "frame_duration": "20",
            "compression_level": str(effort),
        }
        self._context = context
        self._position = 0

    def encode(self, samples: npt.NDArray[np.int16]) -> list[bytes]:
        """Encode 960 samples; the first call may return nothing."""
        block = np.ascontiguousarray(samples.reshape(1, -1))
        frame = av.AudioFrame.from_ndarray(block, format="s16", layout="mono")
        frame.sample_rate = AUDIO_RATE
        frame.pts = self._position
        self._position += len(samples)
        return [bytes(packet) for packet in self._context.encode(frame)]


def opus_packets(samples: npt.NDArray[np.int16], *, bit_rate: int = 32_000) -> list[bytes]:
    """Encode mono sound at 48 kHz as Opus packets of 20 ms each."""
    encoder = SoundEncoder(bit_rate)
    packets: list[bytes] = []
    for start in range(0, len(samples) - SAMPLES_PER_PACKET + 1, SAMPLES_PER_PACKET):
        packets += encoder.encode(samples[start : start + SAMPLES_PER_PACKET])
    return packets


def sound(data: bytes, position: int) -> Encoded:
    """Return a packet of sound as feeds take it; ``position`` counts samples."""
    packet: av.Packet[Any] = av.Packet(data)
    packet.pts, packet.time_base = position, AUDIO_TIME_BASE
    return Encoded(packet, True)
