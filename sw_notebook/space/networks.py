"""Bad networks on purpose, for single calls and for all."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from sw_notebook.signaling.jsonrpc import CALL_ERROR

from .legs import Leg
from .media import hooks
from .media.impairment import Impairments
from .media.line import Line
from .refusal import Refusal

__all__ = ["Networks"]

logger = logging.getLogger("sw_notebook.space")


class Networks:
    """The networks between a space and the clients of its calls.

    Args:
        legs: the calls, as they are at any time.
    """

    def __init__(self, legs: Iterable[Leg]) -> None:
        self._legs = legs
        self._common: Impairments | None = None

    def reach(self, line: Line) -> None:
        """Let the media of a call that begins suffer what that of all calls does."""
        line.impair(self._common)

    def interrupt(self, leg: Leg, seconds: float) -> None:
        """Let a call lose every datagram, in both directions, for so long.

        Raises:
            Refusal: it has no media yet.
        """
        line = _media(leg)
        logger.info("call %s is interrupted for %g s", leg.call_id, seconds)
        line.interrupt(seconds)

    def impair(self, leg: Leg, asked: Impairments | None) -> None:
        """Let the media that a call's client gets suffer this from now on, or nothing.

        Raises:
            Refusal: it has no media yet, or this aiortc cannot do that.
        """
        line = _media(leg)
        if hooks.missing():
            raise Refusal(CALL_ERROR, "this space cannot impair media with this aiortc")
        logger.info("call %s is impaired: %s", leg.call_id, asked)
        line.impair(asked)

    def impair_all(self, asked: Impairments) -> None:
        """Let the media of every call that is up or comes suffer this from now on."""
        self._common = asked if asked != Impairments() else None
        for leg in self._legs:
            if leg.line is not None:
                leg.line.impair(self._common)


def _media(leg: Leg) -> Line:
    if leg.line is None or leg.state != "answered":
        raise Refusal(CALL_ERROR, "this call has no media yet; wait until it is answered")
    return leg.line
