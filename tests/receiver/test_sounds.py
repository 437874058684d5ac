"""Real Opus packets become sound in the ring, at once or when somebody listens."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import av
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sw_notebook.receiver.sound_ring import (
    CAPACITY,
    SoundReader,
    SoundWriter,
    sound_memory,
)
from sw_notebook.receiver.sounds import SoundDecoder
from sw_notebook.space.media.encoders import opus_packets

SECONDS = 2


@functools.cache
def packets() -> list[bytes]:
    """Return two seconds of a tone in noise, 20 ms each, mono."""
    at = np.arange(48_000 * SECONDS)
    noise = np.random.default_rng(0).normal(0, 500, len(at))
    tone = 8000 * np.sin(2 * np.pi * 440 * at / 48_000) + noise
    return opus_packets(tone.astype(np.int16))


def decoded(payloads: Iterable[bytes]) -> npt.NDArray[np.float32]:
    """Return what libopus makes of packets in a row, as the reader would give it."""
    codec: Any = av.CodecContext.create("libopus", "r")
    codec.format, codec.layout, codec.sample_rate = "s16", "stereo", 48_000
    frames = [f.to_ndarray() for p in payloads for f in codec.decode(av.Packet(p))]
    samples = np.concatenate(frames, axis=1).reshape(-1, 2).T
    return samples.astype(np.float32) * np.float32(1 / 32768)


class Ring(NamedTuple):
    """A decoder with both ends of its ring."""

    decoder: SoundDecoder
    reader: SoundReader

    def push(self, numbers: Iterable[int]) -> None:
        """Push packets of the tone by number."""
        for number in numbers:
            payload = packets()[number % len(packets())]
            self.push_payload(number, payload)

    def push_payload(self, number: int, payload: bytes) -> None:
        """Push this payload as the packet of that number."""
        seconds = 0.02 * number
        self.decoder.push(
            number & 0xFFFF, 960 * number & 0xFFFFFFFF, payload, seconds, 1000 + seconds
        )

    def all(self) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
        """Return all that is there."""
        oldest = self.reader.oldest()
        return self.reader.read(oldest, self.reader.written() - oldest)


@pytest.fixture
def ring() -> Iterator[Ring]:
    """A decoder and its ring."""
    with sound_memory() as memory:
        yield Ring(SoundDecoder(SoundWriter(memory)), SoundReader(memory))


def test_what_comes_is_decoded_at_once(ring: Ring) -> None:
    """The very samples of libopus, with the times they came with."""
    ring.decoder.listen(True)
    assert ring.reader.live()
    for number in range(100):
        ring.push([number])
        assert ring.reader.written() == 960 * (number + 1)
    samples, gaps = ring.all()
    np.testing.assert_array_equal(samples, decoded(packets()))
    assert not gaps.any()
    assert ring.reader.anchor(960 * 50) == (960 * 50, 1001.0, 1.0, False)
    assert ring.decoder.decode_seconds > 0
    counters = ring.reader.counters()
    assert counters.pop("decode_ns") > 0
    assert {name: n for name, n in counters.items() if n} == {"received": 100, "decoded": 100}


def test_nothing_is_decoded_while_nobody_listens(ring: Ring) -> None:
    """But all of it, in order, when somebody does; and again after they left off."""
    ring.push(range(40))
    assert (ring.decoder.decoded, ring.reader.written()) == (0, 0)
    assert not ring.reader.live()
    assert ring.reader.counters()["received"] == 40
    ring.decoder.listen(True)
    assert ring.decoder.listening
    assert (ring.decoder.decoded, ring.reader.written()) == (40, 40 * 960)
    ring.push(range(40, 60))
    ring.decoder.listen(False)
    ring.push(range(60, 100))
    assert ring.decoder.decoded == 60
    assert not ring.reader.live()
    for _ in range(2):
        ring.decoder.listen(True)
    samples, gaps = ring.all()
    np.testing.assert_array_equal(samples, decoded(packets()))
    assert not gaps.any()


def test_what_is_kept_is_the_last_minute(ring: Ring) -> None:
    """Of 70 s, the first ten are gone; then the sound is where it belongs."""
    ring.push([0])
    ring.decoder.listen(True)
    ring.decoder.listen(False)
    ring.push(range(1, 3500))
    ring.decoder.listen(True)
    assert ring.decoder.decoded == 3001
    assert ring.reader.written() == 3500 * 960
    assert ring.reader.oldest() == 3500 * 960 - CAPACITY
    _, gaps = ring.all()
    assert not gaps.any()


def test_what_is_missing_is_a_gap(ring: Ring) -> None:
    """At its place; the decoder goes on with the next packet as it is."""
    ring.decoder.listen(True)
    numbers = [n for n in range(100) if n not in (30, 31, 60)]
    ring.push(numbers)
    samples, gaps = ring.all()
    missing = np.repeat([n not in numbers for n in range(100)], 960)
    np.testing.assert_array_equal(gaps, missing)
    np.testing.assert_array_equal(samples[:, ~gaps], decoded(packets()[n] for n in numbers))
    assert not samples[:, gaps].any()
    assert ring.reader.counters()["lost"] == 3


def test_a_held_packet_comes_with_the_time(ring: Ring) -> None:
    """Polling at the deadline gives up what is missing."""
    ring.decoder.listen(True)
    assert ring.decoder.deadline is None
    ring.push([0, 2])
    assert ring.reader.written() == 960
    assert ring.decoder.deadline == pytest.approx(0.1)
    ring.decoder.poll(0.05)
    assert ring.reader.written() == 960
    ring.decoder.poll(0.11)
    assert ring.reader.written() == 3 * 960
    assert ring.reader.counters()["lost"] == 1


def test_a_restart_goes_on_with_a_fresh_decoder(ring: Ring) -> None:
    """What was held is written first; the new sequence follows without a hole."""
    ring.decoder.listen(True)
    ring.push([0, 2])
    ring.decoder.restart()
    for number in range(10):
        ring.decoder.push(500 + number, 99 + 960 * number, packets()[number], 0.06, 1000.06)
    samples, gaps = ring.all()
    assert np.count_nonzero(gaps) == 960
    np.testing.assert_array_equal(samples[:, 3 * 960 :], decoded(packets()[:10]))


def test_two_channels_stay_two(ring: Ring) -> None:
    """Left is left, and it is remembered that they were sent."""
    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.format, encoder.layout, encoder.sample_rate = "s16", "stereo", 48_000
    encoder.bit_rate = 128_000
    at = np.arange(48_000)
    left = (9000 * np.sin(2 * np.pi * 500 * at / 48_000)).astype(np.int16)
    both = np.stack([left, np.zeros_like(left)], axis=1).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(both, format="s16", layout="stereo")
    frame.sample_rate = 48_000
    ring.decoder.listen(True)
    for number, packet in enumerate([*encoder.encode(frame), *encoder.encode(None)]):
        ring.push_payload(number, bytes(packet))
    samples, _ = ring.all()
    assert ring.reader.anchor(0).stereo
    left_level, right_level = np.sqrt(np.mean(np.square(samples[:, 9600:40_000]), axis=1))
    assert left_level == pytest.approx(9000 / 32768 / np.sqrt(2), rel=0.05)
    assert right_level < left_level / 20


@pytest.mark.parametrize(
    "payload",
    [b"", b"\x03", bytes([0b11111_0_11, 0b1_1_000001, 255]), bytes([0b11111_0_10, 251])],
    ids=["empty", "no count", "padding longer than the packet", "frame longer than the packet"],
)
def test_a_corrupt_packet_is_a_gap(ring: Ring, payload: bytes) -> None:
    """It is counted, and the sound goes on after it."""
    ring.decoder.listen(True)
    ring.push(range(10))
    ring.push_payload(10, payload)
    ring.push(range(11, 20))
    _, gaps = ring.all()
    room = ring.reader.written() - 19 * 960
    assert room in (960, 1920)
    np.testing.assert_array_equal(np.flatnonzero(gaps), np.arange(9600, 9600 + room))
    assert ring.reader.counters()["corrupt"] == 1
    assert ring.reader.counters()["decoded"] == 19


@settings(max_examples=30)
@given(st.lists(st.binary(max_size=40), max_size=10))
def test_nonsense_never_stops_the_decoder(payloads: list[bytes]) -> None:
    """Whatever comes, a good packet after it is heard."""
    with sound_memory() as memory:
        ring = Ring(SoundDecoder(SoundWriter(memory)), SoundReader(memory))
        ring.decoder.listen(True)
        for number, payload in enumerate(payloads):
            ring.push_payload(number, payload)
        before = ring.decoder.decoded
        ring.push([len(payloads)])
        assert ring.decoder.decoded == before + 1
        assert ring.decoder.decoded + ring.decoder.corrupt == len(payloads) + 1
