"""Packets may lie unread where nobody misses them, and only there."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import cast

import pytest

from sw_notebook.receiver.child.listening import RATE, UNHEARD, Listening
from sw_notebook.receiver.child.pictures import UNSEEN, Pictures
from sw_notebook.receiver.child.source import Source
from sw_notebook.receiver.memory import Memory
from sw_notebook.receiver.sound_ring import BEHIND, SoundReader
from sw_notebook.rtp.packets import Packet

SILENCE = b"\xfc\xff\xfe"
"""A packet of Opus: 20 ms in two channels."""


class Anybody:
    """A sender whose every packet counts."""

    changed = False
    ssrc = 7

    def accepts(self, packet: Packet, now: float) -> bool:
        """Take it."""
        return True

    def unix(self, timestamp: int, arrival: float) -> float:
        """Return the arrival."""
        return arrival

    def ask_for_keyframe(self) -> None:
        """Nobody is there."""


SOURCE = cast(Source, Anybody())


class Sound:
    """What listens, and who looks into its memory."""

    def __init__(self) -> None:
        shown: list[Memory] = []
        self.listening = Listening(SOURCE, show=shown.append, wake=lambda: None)
        self.reader = SoundReader(shown[0])
        self._count = 0

    def play(self, packets: int) -> None:
        """Let so many packets come."""
        for _ in range(packets):
            self._count += 1
            packet = Packet(111, False, self._count, 960 * self._count, 7, SILENCE)
            self.listening.packet(packet, time.monotonic())


@pytest.fixture
def sound() -> Iterator[Sound]:
    """Return what listens to packets of silence."""
    sound = Sound()
    yield sound
    sound.listening.close()


def test_nobody_listens(sound: Sound) -> None:
    """Then much may lie there, until somebody does."""
    sound.play(3)
    assert sound.listening.leisure == UNHEARD
    sound.listening.want(True)
    assert sound.listening.leisure == 0
    sound.listening.tick(time.monotonic())
    assert sound.reader.written() == 3 * 960
    assert sound.listening.leisure == BEHIND / RATE


def test_somebody_waits_for_each_packet(sound: Sound) -> None:
    """It is not behind by one, also before the listener has come back for the next."""
    sound.listening.want(True)
    sound.play(1)
    for number in range(2, 6):
        assert not sound.reader.expect(960 * number)
        assert sound.listening.leisure == 0
        sound.play(1)
        assert number == 2 or sound.listening.leisure == 0


def test_somebody_waits_for_a_long_block(sound: Sound) -> None:
    """Packets gather until its last one is due."""
    sound.listening.want(True)
    sound.reader.look()
    sound.play(1)
    assert not sound.reader.expect(960 * 5)
    assert sound.listening.leisure == BEHIND / RATE
    sound.play(2)
    assert sound.listening.leisure == pytest.approx(0.02)
    sound.play(1)
    assert sound.listening.leisure == 0


def test_a_packet_is_missing(sound: Sound) -> None:
    """It is given up in its time."""
    sound.listening.want(True)
    sound.play(3)
    late = Packet(111, False, 5, 960 * 5, 7, SILENCE)
    sound.listening.packet(late, time.monotonic())
    assert sound.listening.waiting
    assert 0 <= sound.listening.leisure <= BEHIND / RATE
    sound.listening.tick(time.monotonic() + 1)
    assert sound.listening.leisure == BEHIND / RATE


def test_somebody_looks() -> None:
    """Each packet of pictures is read at once, and none otherwise."""
    pictures = Pictures(
        "vp8",
        96,
        [],
        SOURCE,
        show=lambda _: None,
        wake=threading.Event().set,
        fail=lambda _: None,
    )
    assert pictures.leisure == UNSEEN
    pictures.want(True)
    assert pictures.leisure == 0
    pictures.packet(Packet(96, True, 1, 3000, 7, b"\x10\x00\x00\x00"), time.monotonic())
    pictures.want(False)
    # once more, as there is something to stop
    assert pictures.leisure == 0
    pictures.packet(Packet(96, True, 2, 6000, 7, b"\x10\x00\x00\x00"), time.monotonic())
    assert pictures.leisure == UNSEEN
    pictures.close()
