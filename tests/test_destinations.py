"""Destinations are told by their shape."""

from __future__ import annotations

import pytest

from sw_notebook import DestinationError
from sw_notebook.destinations import Destination


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("/public/echo", "resource"),
        ("/public/test-room?channel=video", "resource"),
        ("/private/ada", "user"),
        ("+15551234567", "phone"),
        ("sip:alice@example.com", "SIP"),
        ("SIPS:alice@example.com", "SIP"),
        ("5551234567", "address"),
        ("/public/", "address"),
        ("alice", "address"),
    ],
)
def test_kinds(text: str, kind: str) -> None:
    """The guide's four shapes, and everything else."""
    assert Destination.parse(text).kind == kind


@pytest.mark.parametrize(
    ("text", "channel"),
    [
        ("/public/x?channel=video", "video"),
        ("/public/x?a=1&channel=audio", "audio"),
        ("/public/x?channel=smell", None),
        ("/public/x", None),
    ],
)
def test_channel_hints(text: str, channel: str | None) -> None:
    """The hint of the query is read, and the query is kept."""
    found = Destination.parse(f" {text} ")
    assert (found.channel, found.uri) == (channel, text)


@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_empty(text: str) -> None:
    """Nothing to dial is an error."""
    with pytest.raises(DestinationError, match="Need a token and a destination"):
        Destination.parse(text)
