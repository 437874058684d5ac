"""How a receiver and a far side learn of one another's signalling that they are there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from sw_notebook import Receiver
from sw_notebook.receiver.child import participant
from sw_notebook.space import connection

from .peer import peering
from .reading import children, gaps, read, until

# What websockets does where it is told nothing of pings, but sooner.
SOON = """
import websockets.asyncio.client as client
client.connect.__init__.__kwdefaults__.update(ping_interval=0.1, ping_timeout=1)
"""

SILENT = "from sw_notebook.receiver.child import participant; participant.SILENT_SECONDS = 2"


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


@pytest.mark.parametrize("pings", [0, 1])
def test_a_line_that_says_nothing_is_given_up(
    pings: int, in_the_process: Callable[[str], None]
) -> None:
    """As it may be dead, whether it ever asked or not; another one takes the call on."""
    in_the_process(SILENT)
    with peering() as peer, Receiver("/public/any", space=peer) as rx:
        frames = rx.video.frames(policy="bounded", limit=1000)
        numbers = [read(next(frames)).frame]
        for _ in range(pings):
            peer.tell("verto.ping", serno=7)
        until(lambda: peer.heard.count("subscriber.online") > 1)
        numbers += [read(next(frames)).frame for _ in range(10)]
        assert gaps(numbers) == []
        assert rx.status == "connected"
        until(lambda: len(rx.errors) > 0)
        assert (rx.errors[0].name, rx.errors[0].fatal) == ("SignalingLost", False)
    assert rx.end_reason == "hung up"
    assert peer.heard[-1] == "verto.bye"


def test_a_far_side_that_asks_is_not_given_up() -> None:
    """Neither FreeSWITCH nor the space, which ask after half a minute; others have 45 s."""
    assert connection.PING_SECONDS < participant.SILENT_SECONDS <= 45
