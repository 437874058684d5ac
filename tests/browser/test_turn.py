"""Calls through a TURN server: what is relayed, what is refused, and where the password goes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocket

from sw_notebook import LoopbackSpace

from .notebook import Notebook, text
from .places import places
from .test_failures import expect_failure
from .turn import TurnServer
from .waiting import expect_no_leg, wait_until
from .widget import Widget

ALLOCATED = "incoming packet ALLOCATE processed, success"
FREED = "lifetime=0"


@pytest.fixture(scope="module")
def turn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TurnServer]:
    """The TURN server of these tests."""
    server = TurnServer(tmp_path_factory.mktemp("turn"))
    yield server
    server.stop()


class Offers:
    """What a page offers from now on, as it leaves in its sockets."""

    def __init__(self, page: Page) -> None:
        self._frames: list[str] = []
        self._page = page
        page.on("websocket", self._opened)

    def close(self) -> None:
        """Look no longer."""
        self._page.remove_listener("websocket", self._opened)

    def candidates(self) -> list[str]:
        """Return every ICE candidate that was named."""
        found = [
            candidate
            for frame in self._frames
            if "verto.invite" in frame or "verto.modify" in frame
            for candidate in re.findall(r"a=candidate:([^\\]+)", frame)
        ]
        assert found, "no offer was seen"
        return found

    def _opened(self, socket: WebSocket) -> None:
        socket.on("framesent", self._sent)

    def _sent(self, frame: str | bytes) -> None:
        self._frames.append(frame if isinstance(frame, str) else frame.decode(errors="replace"))


@pytest.fixture
def offers(notebook: Notebook) -> Iterator[Offers]:
    """What the notebook's page offers."""
    offers = Offers(notebook.page)
    yield offers
    offers.close()


def flows_both_ways(call: Widget) -> list[dict[str, Any]]:
    """Wait for new pictures of both sides, and return the ways that sound and picture take."""
    call.frames("local")
    size = call.frames("remote")
    assert size["width"] > 0
    wait_until(lambda: call.ask("call.media_directions").get("video") == "sendrecv")
    pairs = call.pairs()
    assert pairs
    for way in ("bytesSent", "bytesReceived"):
        assert sum(pair[way] for pair in pairs) > 10_000
    return pairs


def expect_relayed(pairs: list[dict[str, Any]], protocol: str) -> None:
    """Everything goes through the TURN server, and to it in this way."""
    assert {(pair["local"], pair["relayProtocol"]) for pair in pairs} == {("relay", protocol)}


def hang_up(call: Widget, space: LoopbackSpace) -> None:
    """End the call, and expect that nothing of it is left."""
    call.hang_up.click()
    call.expect_ended()
    expect_no_leg(space)


def test_relay_only_relays_everything(
    notebook: Notebook, offers: Offers, turn: TurnServer, space: LoopbackSpace, tmp_path: Path
) -> None:
    """The page sends through the relay alone, and tells the far side no address but the relay's."""
    before = len(turn.said())
    servers = turn.write_servers(tmp_path / "servers.json")
    call = Widget(
        notebook,
        f"'/public/echo', video=True, space='loopback', ice_servers={servers}, relay_only=True",
    )
    call.connect()
    expect_relayed(flows_both_ways(call), "udp")
    for candidate in offers.candidates():
        assert " typ relay" in candidate
        # the address that is not the relay's is blanked
        assert " raddr 0.0.0.0 rport 0" in candidate
    assert ALLOCATED in turn.said(before)
    hang_up(call, space)
    # every relay is given back, the one that only tried whether there is one, too
    wait_until(lambda: turn.said(before).count(FREED) >= turn.said(before).count(ALLOCATED))


def test_a_wrong_credential_is_explained(
    notebook: Notebook, turn: TurnServer, space: LoopbackSpace, tmp_path: Path
) -> None:
    """A TURN server that refuses the password fails the dial in words, and no device is open."""
    before = len(turn.said())
    servers = turn.write_servers(tmp_path / "servers.json", credential="wrong-as-can-be")
    call = Widget(
        notebook,
        f"'/public/echo', video=True, space='loopback', ice_servers={servers}, relay_only=True",
    )
    call.dial.click()
    expect_failure(call, "network", "gave a relay (401 Unauthorized)", "credential of ice_servers")
    assert call.ask("call.errors[-1].name") == "NoRelayError"
    assert ALLOCATED not in turn.said(before)
    expect_no_leg(space)
    # and with the right one the same call can be dialled
    servers = turn.write_servers(tmp_path / "servers.json")
    notebook.run(f"call.ice_servers = {servers}\nawait call.dial()")
    flows_both_ways(call)
    hang_up(call, space)


@pytest.mark.parametrize(
    ("servers", "whose"),
    [("None", "the loopback space"), ("[{'urls': 'stun:127.0.0.1'}]", "ice_servers")],
)
def test_relay_only_without_a_relay(notebook: Notebook, servers: str, whose: str) -> None:
    """Where nobody names a TURN server that is said at once."""
    call = Widget(
        notebook, f"'/public/echo', space='loopback', ice_servers={servers}, relay_only=True"
    )
    call.dial.click()
    expect_failure(call, "network", f"{whose} names no TURN server", "dial without relay_only")
    assert call.ask("call.errors[-1].name") == "NoTurnServerError"


def test_servers_alone_force_nothing(
    notebook: Notebook, offers: Offers, turn: TurnServer, space: LoopbackSpace, tmp_path: Path
) -> None:
    """Without ``relay_only`` the servers are used, and the shortest way is taken."""
    before = len(turn.said())
    servers = turn.write_servers(tmp_path / "servers.json")
    call = Widget(notebook, f"'/public/echo', video=True, space='loopback', ice_servers={servers}")
    call.connect()
    assert "relay" not in {pair["local"] for pair in flows_both_ways(call)}
    assert any(" typ host" in candidate for candidate in offers.candidates())
    wait_until(lambda: ALLOCATED in turn.said(before))
    hang_up(call, space)


def test_a_browser_that_may_only_relay(
    notebook_no_network: Notebook, turn: TurnServer, space: LoopbackSpace, tmp_path: Path
) -> None:
    """Where policy forbids all UDP, a TURN server over TCP is the way out, and the only one."""
    notebook = notebook_no_network
    call = Widget(notebook, "'/public/echo', video=True, space='loopback'")
    call.dial.click()
    expect_failure(call, "network", "no network interface", "besides lo")
    assert call.ask("call.errors[-1].name") == "NoNetworkInterfaceError"
    wrong = turn.write_servers(tmp_path / "wrong.json", credential="wrong", transport="tcp")
    notebook.run(f"call.ice_servers = {wrong}")
    call.dial.click()
    expect_failure(call, "network", "gave a relay (401 Unauthorized)", "credential of ice_servers")
    right = turn.write_servers(tmp_path / "right.json", transport="tcp")
    notebook.run(f"call.ice_servers = {right}\nawait call.dial()")
    expect_relayed(flows_both_ways(call), "tcp")
    hang_up(call, space)


LEAKY = """
import traitlets
from sw_notebook import Call
class Leaky(Call):
    ice_servers = traitlets.Any(None, allow_none=True).tag(sync=True)
"""


def test_the_credential_is_saved_nowhere(
    notebook: Notebook, turn: TurnServer, space: LoopbackSpace, tmp_path: Path
) -> None:
    """It is in no file, no export, no storage, no DOM, no console, no log and no repr."""
    servers = turn.write_servers(tmp_path / "servers.json")
    call = Widget(
        notebook,
        f"'/public/echo', video=True, space='loopback', ice_servers={servers}, relay_only=True",
    )
    call.connect()
    notebook.run("call, call.messages, call.history, call.errors")
    during = places(notebook)
    hang_up(call, space)
    wrong = turn.credential[:-1] + ("x" if turn.credential[-1] != "x" else "y")
    bad = turn.write_servers(tmp_path / "bad.json", credential=wrong)
    notebook.run(f"call.ice_servers = {bad}")
    failed = text(
        notebook.run("try:\n    await call.dial()\nexcept Exception as error: print(repr(error))")
    )
    expect_failure(call, "network", "gave a relay")
    after = places(notebook)
    source = "print(repr(call), call.get_state(), call.messages, call.errors, vars(call._journal))"
    state: dict[str, Any] = {"failure": failed, "state": text(notebook.run(source))}
    assert "/public/echo" in state["state"]
    state["server"] = notebook.lab.log.read_text()
    for place, content in [*during.items(), *after.items(), *state.items()]:
        # the wrong one begins as the right one does
        assert turn.credential[:-1] not in content, place


def test_a_synced_credential_would_be_found(
    notebook: Notebook, turn: TurnServer, tmp_path: Path
) -> None:
    """The search above is able to fail: in a synced trait the credential is in the file."""
    servers = turn.write_servers(tmp_path / "servers.json")
    notebook.run(LEAKY)
    notebook.run(f"Leaky('/public/echo', space='loopback', ice_servers={servers})")
    notebook.views().first.wait_for()
    found = places(notebook)
    assert turn.credential in found["notebook"]
    assert turn.credential in found["export as html"]
