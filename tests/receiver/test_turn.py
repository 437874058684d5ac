"""The receiver through a real TURN server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sw_notebook import CallEnded, Receiver
from sw_notebook.space import LoopbackSpace
from tests.browser.turn import TurnServer

from .reading import gaps, read

pytestmark = pytest.mark.usefixtures("nothing_left")


@pytest.fixture(scope="module")
def turn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TurnServer]:
    """The TURN server of these tests."""
    server = TurnServer(tmp_path_factory.mktemp("turn"))
    yield server
    server.stop()


def servers(turn: TurnServer, transport: str, **changed: str) -> list[dict[str, Any]]:
    """The server as a receiver takes it."""
    known = {"username": turn.username, "credential": turn.credential}
    return [{"urls": turn.url(transport), **(known | changed)}]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_all_media_is_relayed(space: LoopbackSpace, turn: TurnServer, transport: str) -> None:
    """Every frame comes, by the way that aiortc reads, and no password is shown."""
    with Receiver(
        "/public/bars", space=space, ice_servers=servers(turn, transport), relay_only=True
    ) as rx:
        frames = rx.video.frames(policy="bounded", limit=1000)
        assert gaps([read(next(frames)).frame for _ in range(50)]) == []
        assert next(rx.audio.blocks(0.1)).level > -20
        connection = rx.stats().connection
        assert set(connection["ways"]) == {"loop"}
        assert {pair.partition("/")[0] for pair in connection["pairs"]} == {"relay"}
        for shown in (repr(rx), repr(rx.messages), repr(rx.stats())):
            assert turn.credential not in shown


def test_a_server_that_does_not_let_one_in(space: LoopbackSpace, turn: TurnServer) -> None:
    """Where nothing but relays may be used, that is the end, in one sentence."""
    wrong = servers(turn, "udp", credential="wrong")
    rx = Receiver("/public/bars", space=space, ice_servers=wrong, relay_only=True)
    with pytest.raises(CallEnded, match="no address or relay was found") as caught, rx:
        pass
    assert caught.value.kind == "network"
    assert "wrong" not in repr(rx.messages)
