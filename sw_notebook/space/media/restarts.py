"""The ICE restarts of one call: begun with an offer, and finished when the new way is there."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping

from aiortc import RTCIceTransport

from sw_notebook.exceptions import SDPError

from . import hooks

__all__ = ["RESTART_SECONDS", "Restarts"]

logger = logging.getLogger("sw_notebook.space")

RESTART_SECONDS = 30.0
"""How long a new way may take to connect; the old one loses consent in as long, if it is dead."""
LATE_SECONDS = 2.0
"""How long what still comes by the old way is taken."""


class Restarts:
    """What restarts at present; and whether the network of the call is interrupted."""

    def __init__(self) -> None:
        self._begun: dict[hooks.IceRestart, tuple[str, str]] = {}
        self._finishing: dict[hooks.IceRestart, asyncio.Task[None]] = {}
        self._audible = asyncio.Event()
        self._audible.set()

    @property
    def silent(self) -> bool:
        """Whether every datagram is lost."""
        return not self._audible.is_set()

    async def begin(self, restarted: Mapping[RTCIceTransport, tuple[str, str]]) -> None:
        """Prepare the restart of these transports, before aiortc sees the offer.

        Args:
            restarted: the other side's new user name and password for each transport.

        Raises:
            SDPError: it is too early for a restart, or this aiortc cannot do it.
        """
        if not restarted:
            return
        if hooks.missing():
            raise SDPError("this space cannot restart ICE with this aiortc; dial anew")
        if any(transport.state != "completed" for transport in restarted):
            raise SDPError("the media of this call is not connected; restart ICE when it is")
        await self.close()  # a restart that is not finished: this one replaces it
        try:
            for transport, credentials in restarted.items():
                restart = hooks.IceRestart(transport)
                self._begun[restart] = credentials
                await restart.begin()
                restart.silence(self.silent)
        except BaseException:
            await self.undo()
            raise

    def finish(self) -> None:
        """Connect anew what was begun, now that the answer is on its way."""
        for restart, credentials in self._begun.items():
            task = asyncio.create_task(self._finish(restart, *credentials))
            self._finishing[restart] = task
        self._begun = {}

    async def undo(self) -> None:
        """Give up what was begun; what is being finished goes on."""
        begun, self._begun = self._begun, {}
        for restart in begun:
            await restart.undo()

    async def close(self) -> None:
        """Give up what is not finished; safe to call twice."""
        finishing, self._finishing = self._finishing, {}
        for restart, task in finishing.items():
            task.cancel()
            await asyncio.wait([task])
            await restart.undo()
        await self.undo()

    def silence(self, transports: Iterable[RTCIceTransport], silent: bool) -> None:
        """Lose every datagram of these transports and of their restarts, or let them pass."""
        for transport in transports:
            hooks.silence(transport, silent)
        for restart in (*self._begun, *self._finishing):
            restart.silence(silent)
        if silent:
            self._audible.clear()
        else:
            self._audible.set()

    async def _finish(self, restart: hooks.IceRestart, user: str, password: str) -> None:
        try:
            async with asyncio.timeout(RESTART_SECONDS):
                # What is tried while nothing passes is tried again ever more rarely.
                await self._audible.wait()
                done = await restart.finish(user, password)
        except TimeoutError:
            done = False
            await restart.undo()
        logger.info("ICE restart %s", "done" if done else "failed; media stays where it was")
        if done:
            await asyncio.sleep(LATE_SECONDS)
            await restart.retire()
        self._finishing.pop(restart, None)
