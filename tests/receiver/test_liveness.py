"""How a receiver and a far side learn of one another's signalling that they are there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from sw_notebook import Receiver

from .peer import peering
from .reading import children, gaps, read, until

# What websockets does where it is told nothing of pings, but sooner.
SOON = """
import websockets.asyncio.client as client
client.connect.__init__.__kwdefaults__.update(ping_interval=0.1, ping_timeout=1)
"""


@pytest.fixture(autouse=True)
def no_process_left() -> Iterator[None]:
    """Each call takes its process along."""
    yield
    until(lambda: not children())


def test_a_far_side_that_answers_no_websocket_ping(in_the_process: Callable[[str], None]) -> None:
    """It is sent none, as FreeSWITCH answers none: the call would be lost by asking."""
    in_the_process(SOON)
    with peering(pongs=False) as peer, Receiver("/public/any", space=peer) as rx:
        frames = rx.video.frames(policy="bounded", limit=1000)
        assert peer.pings == 0
        # longer by the far side's clock than an answer would be waited for
        assert gaps([read(next(frames)).frame for _ in range(40)]) == []
        assert peer.pings == 0
        assert peer.opened == 1
        assert rx.status == "connected"
    assert rx.errors == []


def test_a_far_side_that_knows_no_pong() -> None:
    """Its refusal of the answer to its own question changes nothing, as FreeSWITCH's."""
    with peering(knows_pong=False) as peer, Receiver("/public/any", space=peer) as rx:
        peer.tell("verto.ping", serno=1)
        until(lambda: peer.heard.count("verto.pong") == 1)
        # frames are heard in order, so by the second answer the first refusal was, too
        peer.tell("verto.ping", serno=2)
        until(lambda: peer.heard.count("verto.pong") == 2)
        assert rx.status == "connected"
        read(next(rx.video.frames()))
    assert rx.end_reason == "hung up"
    assert rx.errors == []
