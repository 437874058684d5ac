"""Which hosts a token names."""

from __future__ import annotations

import pytest

from sw_notebook.signaling.hosts import Hosts

SPACE = "https://example.signalwire.com"
LOOPBACK = "http://127.0.0.1:4321"


@pytest.mark.parametrize(
    ("ch", "space", "rest", "socket"),
    [
        (
            "puc.eu.example.com",
            SPACE,
            "https://fabric.eu.example.com",
            "wss://puc.eu.example.com",
        ),
        (None, SPACE, "https://fabric.signalwire.com", "wss://puc.signalwire.com"),
        ("puc", SPACE, "https://fabric.signalwire.com", "wss://puc.signalwire.com"),
        ("relay.x.loopback.invalid", LOOPBACK, LOOPBACK, "ws://127.0.0.1:4321/"),
    ],
)
def test_hosts_are_those_of_the_sdk(ch: str | None, space: str, rest: str, socket: str) -> None:
    """The name is split at its first dot; the reserved domain is the space itself."""
    assert Hosts.of(ch, space) == Hosts(rest, socket)


@pytest.mark.parametrize("space", [LOOPBACK, "https://calls.example.com"])
def test_a_token_without_a_host_does_not_leave_for_the_platform(space: str) -> None:
    """The SDK would send it there."""
    assert Hosts.of(None, space) is None
