"""``sw-notebook space``: a space for whoever speaks to it, and what its user needs to know."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from .__main__ import run
from .options import API_TOKEN, for_person

if TYPE_CHECKING:
    from .credentials import Keys

__all__ = ["main", "welcome"]


def main(arguments: list[str]) -> int:
    """Serve until Ctrl-C or SIGTERM; say on stdout where, and how to get a token."""
    options = for_person(
        arguments,
        prog="sw-notebook space",
        about="Serve a SignalWire-compatible space on this machine, until Ctrl-C: REST and "
        "WebSocket on 127.0.0.1, media on the machine's own addresses.",
    )

    def ready(url: str, keys: Keys) -> None:
        sys.stdout.write(welcome(url, keys, given=options.secret))
        sys.stdout.flush()

    run(options, ready)
    return 0


def welcome(url: str, keys: Keys, *, given: bool) -> str:
    """Return what to tell who started the space.

    Args:
        url: its address.
        keys: its credentials.
        given: whether the API token was given: then who gave it knows it, and it is not shown.
    """
    token = f"${API_TOKEN}" if given else keys.api_token
    insecure = "--cacert CERTIFICATE " if url.startswith("https") else ""
    return f"""\
loopback space  {url}
WebSocket       {url.replace("http", "ws", 1)}/
project id      {keys.project_id}
API token       {token}
host claim      {keys.host}

A token for ada:
  curl {insecure}-u "{keys.project_id}:{token}" --json '{{"reference": "ada"}}' \\
    {url}/api/fabric/subscribers/tokens

Ctrl-C ends it.
"""
