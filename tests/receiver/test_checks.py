"""What a receiver learns from asking, again and again, whether the far side is there."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiortc import RTCPeerConnection

from sw_notebook import Receiver
from sw_notebook.exceptions import ReceiverError

from .peer import peering, ways
from .reading import children, until

DELAY = 0.2


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """Each call takes its process along, and its threads."""
    yield
    until(lambda: not children())
    until(lambda: not {t.name for t in threading.enumerate()} & {"receiver", "dial"})


def ask_every(seconds: float) -> str:
    """What lets aioice ask more often; all else that it takes to give up stays as it is."""
    return f"import aioice.ice; aioice.ice.CONSENT_INTERVAL = {seconds}"


async def fall_silent(pc: RTCPeerConnection) -> None:
    """Neither hear nor say anything any more, as where the network has gone."""

    async def nothing(*_: Any) -> None:
        pass

    for way in ways(pc):
        vars(way).update(
            datagram_received=lambda *_: None, send_stun=lambda *_: None, send_data=nothing
        )


@pytest.mark.parametrize(
    "interval", [0.05, pytest.param(None, marks=pytest.mark.soak)], ids=["soon", "as it is"]
)
def test_a_far_side_that_falls_silent_ends_the_call(
    interval: float | None, in_the_process: Callable[[str], None]
) -> None:
    """With one error, and a loop that waits for frames hears of it."""
    if interval is not None:
        in_the_process(ask_every(interval))
    with peering() as peer, Receiver("/public/any", space=peer) as rx:
        frames = rx.video.frames()
        next(frames)
        peer.do(fall_silent)
        with pytest.raises(ReceiverError, match="the media connection was lost"):
            for _ in frames:
                pass
        assert rx.wait("ended") == "destroyed"
        (error,) = rx.errors
        assert (error.name, error.kind, error.fatal) == ("ConnectionLost", "network", True)
        assert peer.heard[-1] == "verto.bye"


def test_the_round_trip_is_measured(in_the_process: Callable[[str], None]) -> None:
    """By how long the far side takes to answer."""
    in_the_process(ask_every(0.05))

    async def answer_late(pc: RTCPeerConnection) -> None:
        loop = asyncio.get_running_loop()
        for way in ways(pc):
            send: Callable[..., object] = way.send_stun
            vars(way).update(send_stun=functools.partial(loop.call_later, DELAY, send))

    with peering() as peer, Receiver("/public/any", space=peer) as rx:

        def trip() -> float:
            return rx.stats().connection["round_trip_ms"] or 0.0

        until(lambda: 0 < trip() < DELAY * 1000)
        peer.do(answer_late)
        until(lambda: trip() >= DELAY * 1000)
        assert rx.status == "connected"


@pytest.mark.parametrize("plain", [False, True], ids=["fast", "plain"])
def test_the_round_trip_is_not_known_at_first(plain: bool) -> None:
    """Nor at all where nothing but aiortc's public names is used."""
    with peering() as peer, Receiver("/public/any", space=peer, plain=plain) as rx:
        assert rx.stats().connection["round_trip_ms"] is None
