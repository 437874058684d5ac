"""A film that looks like somebody who talks, and sound, encoded once; each says which it is."""

from __future__ import annotations

import functools
import hashlib
import pickle
import tempfile
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
import numpy.typing as npt

from sw_notebook.space.media.encoders import SAMPLES_PER_PACKET, VideoEncoder, opus_packets
from sw_notebook.strip import Strip

__all__ = ["FRAMES", "RATE", "SOUND_RATE", "film", "heard", "prints", "sound"]

RATE = 30
FRAMES = 300
SOUND_RATE = 50
"""Packets of sound a second."""
_BITS = {360: 800_000, 720: 2_000_000}
_LOWEST = 500


def film(codec: str, height: int) -> list[bytes]:
    """Return the coded frames: one keyframe, then those that refer to what came before.

    Args:
        codec: ``"vp8"`` or ``"h264"``.
        height: 360 or 720.
    """
    kept = Path(tempfile.gettempdir()) / f"sw_notebook-film-{codec}-{height}-{FRAMES}.pickle"
    if kept.exists():
        found: list[bytes] = pickle.loads(kept.read_bytes())  # noqa: S301 - our own
        return found
    made = _encode(codec, height)
    kept.write_bytes(pickle.dumps(made))
    return made


@functools.cache
def prints(codec: str, height: int) -> list[bytes]:
    """Return a fingerprint of each picture's planes as they are when nothing is lost."""
    decoder = cast(Any, av.CodecContext.create({"vp8": "libvpx"}.get(codec, codec), "r"))
    decoder.thread_count = 1
    return [
        hashlib.md5(picture.to_ndarray()).digest()  # noqa: S324 - it is no secret
        for number, data in enumerate(film(codec, height))
        for picture in decoder.decode(_packet(data, number))
    ]


def sound() -> list[bytes]:
    """Return a second of Opus packets, each with a tone of its own."""
    tones = _LOWEST + SOUND_RATE * np.arange(SOUND_RATE)
    # A second before it brings the encoder into its stride.
    each = np.repeat(np.tile(tones, 2), SAMPLES_PER_PACKET)
    wave = 8000 * np.sin(2 * np.pi * np.arange(len(each)) * each / 48_000)
    return opus_packets(wave.astype(np.int16), bit_rate=48_000)[SOUND_RATE:]


def heard(samples: npt.NDArray[np.float32]) -> int:
    """Return which packet of :func:`sound` these 960 samples at 48 kHz are."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return round((int(spectrum.argmax()) * SOUND_RATE - _LOWEST) / SOUND_RATE)


def _packet(data: bytes, number: int) -> av.Packet[Any]:
    packet: av.Packet[Any] = av.Packet(data)
    packet.pts = number
    return packet


def _encode(codec: str, height: int) -> list[bytes]:
    width = height * 16 // 9
    encoder = VideoEncoder(
        codec, width, height, rate=RATE, bit_rate=_BITS[height], keyframe_every=10 * FRAMES
    )
    chance = np.random.default_rng(7)
    texture = chance.integers(60, 190, (height // 8, width // 8)).astype(np.float32)
    texture = np.kron(texture, np.ones((8, 8), np.float32))
    rows, columns = np.mgrid[0:height, 0:width]
    packets = []
    for number in range(FRAMES):
        swing = number / RATE * 2 * np.pi
        x = width / 2 + width / 16 * np.sin(swing / 3)
        y = height / 2 + height / 40 * np.sin(swing)
        face = ((columns - x) / (width / 6)) ** 2 + ((rows - y) / (height / 3)) ** 2 < 1
        luma = np.where(face, 150 + 20 * np.sin(columns / 9 + swing), texture)
        luma += chance.normal(0, 2, luma.shape)
        picture = np.full((height * 3 // 2, width), 128, np.uint8)
        picture[:height] = np.clip(luma, 16, 235)
        _write(picture, Strip(number, 0), height, width)
        packets += [
            bytes(e.packet) for e in encoder.encode(picture, number * 3000, key=number == 0)
        ]
    return packets


def _write(picture: npt.NDArray[np.uint8], strip: Strip, height: int, width: int) -> None:
    cell_height, cell_width = Strip.CELL * height // 360, width // Strip.COLUMNS
    levels = np.where(np.array(strip.bits(), bool).reshape(Strip.ROWS, Strip.COLUMNS), 235, 16)
    block = np.kron(levels, np.ones((cell_height, cell_width)))
    picture[: block.shape[0], : block.shape[1]] = block
