"""Mixing, turn by turn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import av
import numpy as np
import pytest

from sw_notebook.rtp.timeline import Placed
from sw_notebook.space.media import mixer
from sw_notebook.space.media.encoders import opus_packets

TURN = mixer.Turn(
    channel=mixer.Channel(),
    arrivals=[],
    family="",
    heard=True,
    sensitivity=100,
    input_gain=1.0,
    output_gain=1.0,
    listens=True,
)


def tone(frequency: int) -> list[bytes]:
    """Return a second of it."""
    wave = 6000 * np.sin(2 * np.pi * frequency * np.arange(48_000) / 48_000)
    return opus_packets(wave.astype(np.int16))


def placed(payload: bytes | None, samples: int = 960) -> Placed:
    """Return a packet, or a gap, as it comes."""
    return Placed(0, 0, samples, payload, 0.0, 0.0)


def heard(packets: list[bytes]) -> float:
    """Return how loud they are in the end."""
    decoder: Any = av.CodecContext.create("libopus", "r")
    frames = [frame for data in packets for frame in decoder.decode(av.Packet(data))]
    return float(np.abs(np.concatenate([f.to_ndarray().reshape(-1) for f in frames[-10:]])).mean())


def test_a_family_does_not_hear_itself() -> None:
    """Nor anybody who is not to be heard."""
    packets = tone(500)
    voices = {
        name: replace(TURN, channel=mixer.Channel(), family=family)
        for name, family in (("ada", "a"), ("device", "a"), ("bob", "b"), ("mute", "m"))
    }
    voices["mute"] = replace(voices["mute"], heard=False)
    got: dict[str, list[bytes]] = {name: [] for name in voices}
    for packet in packets:
        turns = []
        for name, turn in voices.items():
            speaks = name in ("device", "mute")
            turns.append(replace(turn, arrivals=[placed(packet)] if speaks else []))
        for name, (data, _) in zip(voices, mixer.mix(turns), strict=True):
            got[name] += data
    loud = {name: heard(data) for name, data in got.items()}
    assert loud["ada"] == loud["device"] == pytest.approx(0, abs=0.001)
    assert loud["bob"] == pytest.approx(loud["mute"], rel=0.05)
    assert loud["bob"] > 0.05


def test_too_loud_is_cut_off_not_wrapped() -> None:
    """Ten who shout are at most as loud as can be."""
    channel = mixer.Channel()
    data = channel.encode(np.full(960, 400_000, np.int32))
    data += channel.encode(np.full(960, -400_000, np.int32))
    assert data


def test_what_cannot_be_decoded_is_left_out() -> None:
    """And what follows is heard."""
    channel = mixer.Channel()
    turn = replace(TURN, channel=channel, family="a")
    bob = replace(TURN, channel=mixer.Channel(), family="b")
    got = []
    arrivals = [placed(b"\xff\xff"), placed(None, 1 << 30), placed(None, 960)]
    for packet in tone(500):
        turns = [replace(turn, arrivals=[*arrivals, placed(packet)]), bob]
        got += mixer.mix(turns)[1][0]
        arrivals = []
    assert heard(got) > 0.05
    assert channel.talks
