"""All WebSockets of the space: who may open one, and the end of all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from sw_notebook.signaling.dpop import Proofs
from sw_notebook.signaling.jsonrpc import MAX_FRAME

from .calls import Calls
from .connection import CLOSE_SECONDS, GOING_AWAY, Connection
from .credentials import Keys
from .dispatch import Dispatch
from .faults import Faults, Injection
from .frames import FrameLog
from .sessions import Sessions
from .settings import Settings

__all__ = ["Gateway"]

logger = logging.getLogger("sw_notebook.space")


class Gateway:
    """All sockets of a space.

    Args:
        keys: which tokens are good.
        calls: the calls of the space.
        sessions: its sessions.
        proofs: which proofs of keys were used.
        settings: how much of everything a client may do.
        frames: where each frame is written.
        ice_servers: what clients are told to ask for candidates.
    """

    def __init__(
        self,
        keys: Keys,
        calls: Calls,
        sessions: Sessions,
        proofs: Proofs,
        *,
        settings: Settings,
        frames: FrameLog,
        ice_servers: Sequence[dict[str, Any]] = (),
    ) -> None:
        self.injection = Injection(self._inject)
        self._settings = settings
        self._frames = frames
        self._dispatch = Dispatch(
            keys,
            calls,
            sessions,
            proofs,
            injection=self.injection,
            max_legs=settings.max_legs,
            ice_servers=ice_servers,
        )
        self._connections: dict[Connection, None] = {}  # the oldest first

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one WebSocket until it closes."""
        if self._dispatch.sessions.barred:
            logger.info("a client is turned away, as was asked for")
            raise web.HTTPServiceUnavailable(text="clients are kept away for now; try later")
        self._make_room()
        # A client that sends more gets close code 1009 from aiohttp, before we hold it all.
        # One that does not answer a close is not waited for long.
        socket = web.WebSocketResponse(max_msg_size=MAX_FRAME, timeout=CLOSE_SECONDS)
        await socket.prepare(request)
        assert isinstance(request.transport, asyncio.WriteTransport)
        connection = Connection(
            socket,
            request.transport,
            self._dispatch,
            settings=self._settings,
            injection=self.injection,
            frames=self._frames,
        )
        self._connections[connection] = None
        try:
            await connection.run()
        finally:
            del self._connections[connection]
        return socket

    def _make_room(self) -> None:
        """Cut the oldest socket of the many that never connect, so that others can."""
        limit = self._settings.max_unconnected
        idle = [one for one in self._connections if not (one.connected or one.leaving)]
        if len(idle) >= limit:
            logger.warning("%d sockets have not connected; the oldest is cut", len(idle))
            idle[0].cut()
        if len(self._connections) >= self._settings.max_sockets + limit:
            logger.warning("a client is turned away: %d sockets are open", len(self._connections))
            raise web.HTTPServiceUnavailable(text="too many sockets are open; close some")

    def _inject(self, faults: Faults) -> None:
        for connection in self._connections:
            connection.live(faults.drop_after)
        self._dispatch.calls.networks.impair_all(faults.media)

    async def close(self) -> None:
        """Close all sockets, and wait until they are; safe to call twice."""
        closing = list(self._connections)
        for connection in closing:
            connection.close(GOING_AWAY, "the space ends")
        gone = [asyncio.ensure_future(connection.gone.wait()) for connection in closing]
        if not gone:
            return
        # One whose frame is still at work must not keep the space from ending.
        _, late = await asyncio.wait(gone, timeout=3 * CLOSE_SECONDS)
        for waiting in late:
            waiting.cancel()
        for connection in closing:
            if not connection.gone.is_set():
                connection.cut()
