"""A client's session on a real WebSocket."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Coroutine
from typing import Any, TypeVar

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from sw_notebook import __version__
from sw_notebook._websocket import NoWebSocketError, open_websocket
from sw_notebook.destinations import Destination
from sw_notebook.signaling.client import ClientSession
from sw_notebook.signaling.heard import (
    Answered,
    EarlyMedia,
    Ended,
    Failed,
    Heard,
    Ignored,
)

from .facts import ended, refused
from .secrets import Secrets
from .steps import StepFailed

__all__ = ["Line", "opened"]

logger = logging.getLogger("sw_notebook.check")

T = TypeVar("T")
H = TypeVar("H", bound=Heard)


class Line:
    """A session whose frames are sent and read; ``opened`` makes it.

    Args:
        socket: is open.
        secrets: learns what the server gives that nobody may read.
        destination: what is going to be dialled, for the words of a refusal.
    """

    def __init__(
        self, socket: ClientConnection, secrets: Secrets, destination: Destination | None
    ) -> None:
        self.session = ClientSession(agent=f"sw_notebook/{__version__}")
        self._socket = socket
        self._secrets = secrets
        self._destination = destination
        self._heard: asyncio.Queue[Heard | None] = asyncio.Queue()
        self._early: list[Heard] = []

    @property
    def is_open(self) -> bool:
        """Whether something can be sent."""
        return self._socket.close_code is None

    async def send(self) -> None:
        """Send what the session has to send."""
        with contextlib.suppress(ConnectionClosed):  # whoever waits is told by the reader
            for frame in self.session.outgoing():
                await self._socket.send(frame)

    async def read(self) -> None:
        """Read, and answer what the session answers by itself, until the socket closes."""
        with contextlib.suppress(ConnectionClosed):
            async for data in self._socket:
                heard = self.session.receive(data)
                logger.debug("heard %s", type(heard).__name__)
                if isinstance(heard, Ignored):
                    logger.debug("ignored a frame: %s", self._secrets.hide(heard.reason))
                self._secrets.add(self.session.protocol, self.session.authorization_state)
                await self.send()
                self._heard.put_nowait(heard)
        self._heard.put_nowait(None)

    async def until(self, *kinds: type[H]) -> H:
        """Wait until one of these is heard.

        Raises:
            StepFailed: the call or the socket ended instead, or a request was refused.
        """
        for heard in self._early:
            if isinstance(heard, kinds):
                self._early.remove(heard)
                return heard
        while True:
            found = await self._heard.get()
            match found:
                case _ if isinstance(found, kinds):
                    return found
                case None:
                    self._heard.put_nowait(None)  # for whoever waits next
                    raise self._closed()
                case Failed(method="verto.pong"):
                    pass  # FreeSWITCH itself knows none, and asks no more of us
                case Failed():
                    raise refused(found, self._destination)
                case Ended(cause=why, answered=answered):
                    raise ended(why, answered=answered)
                case EarlyMedia() | Answered():
                    self._early.append(found)  # they may come before the reply to the invite

    async def during(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something, unless the call ends meanwhile.

        Raises:
            StepFailed: as :meth:`until`.
        """
        doing = asyncio.create_task(work)
        ending: asyncio.Task[Heard] = asyncio.create_task(self.until())
        try:
            await asyncio.wait({doing, ending}, return_when=asyncio.FIRST_COMPLETED)
            # A call that ends takes its tracks along, and its cause says more than theirs.
            if ending.done() and not (doing.done() and doing.exception() is None):
                ending.result()
            return await doing
        finally:
            doing.cancel()
            ending.cancel()
            await asyncio.gather(doing, ending, return_exceptions=True)

    def _closed(self) -> StepFailed:
        code, reason = self._socket.close_code, self._socket.close_reason
        words = f"code {code}" + (f", {reason}" if reason else "")
        return StepFailed(f"the server closed the WebSocket ({words})", "run the check again")


@contextlib.asynccontextmanager
async def opened(
    url: str, secrets: Secrets, destination: Destination | None
) -> AsyncIterator[Line]:
    """Open a WebSocket, and close it in the end.

    Args:
        url: where.
        secrets: see :class:`Line`.
        destination: see :class:`Line`.

    Raises:
        StepFailed: it does not open.
    """
    try:
        socket = await open_websocket(url)
    except NoWebSocketError as error:
        advice = "check the network, and whether a proxy or firewall blocks WebSockets"
        if error.redirected:
            advice = "check the name of the space"
        raise StepFailed(str(error), advice) from None
    line = Line(socket, secrets, destination)
    reading = asyncio.create_task(line.read())
    try:
        yield line
    finally:
        await socket.close()
        await reading
