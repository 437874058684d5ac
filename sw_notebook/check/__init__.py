"""Tries the way from an account to the first picture, and reports it without secrets.

Modules: :mod:`.steps` (what was done), :mod:`.facts` (what is worth telling of it), :mod:`.secrets`
(what must not be told) and :mod:`.report` (the text) do no I/O; :mod:`.socket`, :mod:`.media` and
:mod:`.run` do.
"""

from __future__ import annotations

from collections.abc import Callable

from sw_notebook._extras import need
from sw_notebook.destinations import Destination

__all__ = ["check"]

NEEDED = ("aiortc", "websockets")
LOOPBACK_DESTINATION = "/public/bars"


def check(
    say: Callable[[str], None],
    *,
    to: str | None = None,
    timeout: float = 20.0,
    loopback: bool = False,
) -> bool:
    """Check an account, and say each line of the report as soon as it is known.

    The account is the environment's (``SIGNALWIRE_SPACE``, ``SIGNALWIRE_PROJECT_ID``,
    ``SIGNALWIRE_API_TOKEN``).

    Args:
        say: takes a line of the report.
        to: the address to dial; None ends after the connection, or dials ``/public/bars`` in a
            loopback space.
        timeout: how long each step may take, in seconds.
        loopback: check a loopback space of its own in place of an account.

    Returns:
        Whether all that was tried is in order.

    Raises:
        DestinationError: ``to`` is empty.
        MissingExtraError: the extra ``media`` is not installed.
    """
    need("The check", "media", NEEDED)
    if to is None and loopback:
        to = LOOPBACK_DESTINATION
    destination = None if to is None else Destination.parse(to)
    from .run import run

    return run(say, destination=destination, timeout=timeout, loopback=loopback)
