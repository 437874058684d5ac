"""Calls that a resource ends in its time: it hangs up, or is gone without a word."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from sw_notebook.signaling.causes import Cause, cause

from .legs import Leg
from .settings import Settings

__all__ = ["Fates"]

logger = logging.getLogger("sw_notebook.space")


class Fates:
    """How long calls last whose resource ends or fails in the call.

    Args:
        settings: how long the resources that fail take to do so.
        end: ends a call.
        forget: lets a call be over without a word.
    """

    def __init__(
        self,
        settings: Settings,
        end: Callable[[Leg, Cause], None],
        forget: Callable[[Leg], None],
    ) -> None:
        self._settings = settings
        self._end = end
        self._forget = forget

    def begin(self, leg: Leg) -> None:
        """Let the resource of a call end it in its time, counted from now; again does nothing."""
        if leg.fate is not None:
            return
        lasts, done = leg.resource.lasts, cause("NORMAL_CLEARING")
        later, settings = asyncio.get_running_loop().call_later, self._settings
        match leg.resource.fails:
            case "drop":
                leg.fate = later(settings.drop_seconds, self._end, leg, done)
            case "vanish":
                leg.fate = later(settings.vanish_seconds, self._vanish, leg)
            case None if lasts is not None:
                leg.fate = later(lasts, self._end, leg, done)

    def _vanish(self, leg: Leg) -> None:
        """Forget a call as if the machine of the far side had lost its power."""
        logger.info("call %s to %s vanishes", leg.call_id, leg.resource.name)
        if leg.line is not None:
            leg.line.interrupt(None)  # not even the close alert of DTLS gets out
        self._forget(leg)
