"""One WebSocket of the space: frames in, answers and events out, in order."""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from aiohttp import WSMsgType, web

from sw_notebook.exceptions import FrameError
from sw_notebook.signaling import fabric, verto
from sw_notebook.signaling.causes import cause
from sw_notebook.signaling.fabric import Event
from sw_notebook.signaling.jsonrpc import CALL_ERROR
from sw_notebook.signaling.session import Acknowledged, Asked, Refused, ServerSession

from .dispatch import Dispatch
from .faults import Injection
from .frames import FrameLog
from .pace import Bucket
from .refusal import Refusal
from .sessions import Session
from .settings import Settings

__all__ = ["CLOSE_SECONDS", "GOING_AWAY", "PING_SECONDS", "Connection"]

logger = logging.getLogger("sw_notebook.space")

PING_SECONDS = 30.0
"""How often a client is asked whether it and its calls are there; it has as long to answer."""
CLOSE_SECONDS = 1.0
"""How long a client that does not answer a close is waited for."""
MAX_UNSENT = 1000
"""How many frames may wait for a client that does not read; then its socket is closed."""
MAX_UNSENT_BYTES = 4 << 20
"""How many bytes these may have; one SDP, or the state of a full room, has some ten thousand."""
GOING_AWAY = 1001
POLICY = 1008
TOKEN_EXPIRED = 4401


async def interval() -> None:
    """Wait until clients are to be asked again."""
    await asyncio.sleep(PING_SECONDS)


class Connection:
    """One socket, and the session that uses it.

    Args:
        socket: what frames pass.
        transport: what is below it.
        dispatch: does what is asked.
        settings: how much of everything a client may do.
        injection: what goes wrong on purpose.
        frames: where each frame is written.
    """

    def __init__(
        self,
        socket: web.WebSocketResponse,
        transport: asyncio.WriteTransport,
        dispatch: Dispatch,
        *,
        settings: Settings,
        injection: Injection,
        frames: FrameLog,
    ) -> None:
        self._dispatch = dispatch
        self._settings = settings
        self._injection = injection
        self._frames = frames
        self._socket = socket
        self._transport = transport
        self._protocol = ServerSession()
        self._session: Session | None = None
        self._wake = asyncio.Event()
        self._due: deque[float] = deque()  # when each frame that waits may go
        now = asyncio.get_running_loop().time()
        self._pace = Bucket(settings.max_frame_rate, now)
        self._end: asyncio.TimerHandle | None = None
        self.leaving = False
        self._sending = asyncio.Lock()
        self._closing: asyncio.Future[tuple[int, str]] = asyncio.get_running_loop().create_future()
        self.gone = asyncio.Event()
        self._number = f"{id(self) & 0xFFFFFF:06x}"
        self._name = f"socket {self._number}"

    @property
    def connected(self) -> bool:
        """Whether its client has connected with a token."""
        return self._session is not None

    def send(self, event: Event) -> None:
        """Queue an event for the client."""
        self._protocol.send(event)
        self._flush()

    def cut(self) -> None:
        """Cut the socket without a word, as a network does that fails."""
        self.leaving = True
        self._transport.abort()

    def live(self, seconds: float | None) -> None:
        """Let the socket be cut in so many seconds; None lets it live."""
        if self._end is not None:
            self._end.cancel()
        loop = asyncio.get_running_loop()
        self._end = None if seconds is None else loop.call_later(seconds, self._drop)

    def _drop(self) -> None:
        logger.info("%s is cut, as was asked for", self._name)
        self.cut()

    def expire(self) -> None:
        """Close the socket, as the token has run out; the client may come back with its state."""
        self.close(TOKEN_EXPIRED, "the token has expired")

    def close(self, code: int, reason: str) -> None:
        """Close the socket, after what is queued has been sent; cut it where nobody reads."""
        self.leaving = True
        if not self._closing.done():
            self._closing.set_result((code, reason))

    async def run(self) -> None:
        """Read, handle and answer frames, one after the other, until the socket closes."""
        writer = asyncio.create_task(self._write())
        pinger = asyncio.create_task(self._ping())
        loop, settings = asyncio.get_running_loop(), self._settings
        patience = loop.call_later(settings.connect_seconds, self._expect_connected)
        self.live(self._injection.faults.drop_after)
        try:
            while (data := await self._receive()) is not None:
                if not self._pace.take(loop.time()):
                    rate = settings.max_frame_rate
                    logger.warning("%s sends too many frames; closing it", self._name)
                    self.close(POLICY, f"too many frames; send at most {rate} a second")
                    continue
                await self._handle(data)
            if self._socket.exception() is not None:
                logger.warning("%s closed: %s", self._name, self._socket.exception())
            if self._closing.done():
                await self._close(*self._closing.result())
        finally:
            patience.cancel()
            self.live(None)
            for task in (writer, pinger):
                task.cancel()
            self._detach()
            self.gone.set()
            logger.debug("%s has gone", self._name)

    def _expect_connected(self) -> None:
        if not self.connected:
            logger.warning("%s did not connect; closing it", self._name)
            seconds = self._settings.connect_seconds
            self.close(POLICY, f"no signalwire.connect in {seconds:g} s; send it first")

    def _detach(self) -> None:
        unsent = self._protocol.give_back()
        if self._session is not None and self._session.detach(self, unsent):
            self._dispatch.sessions.lost(self._session)

    async def _receive(self) -> str | bytes | None:
        """Return the next frame; None when the client has closed, or the socket is to be closed."""
        while not self._closing.done():
            # aiohttp does not wait for the client's answer to a close while somebody reads: it
            # cuts the socket, and the client may lose the close code. So reading ends first.
            reading = asyncio.ensure_future(self._socket.receive())
            try:
                either: set[asyncio.Future[Any]] = {reading, self._closing}
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            finally:
                reading.cancel()  # nothing happens to one that is done
                await asyncio.wait({reading})
            if reading.cancelled():
                break
            message = reading.result()
            if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                data: str | bytes = message.data
                return data
            if message.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED):
                break
        return None

    async def _close(self, code: int, reason: str) -> None:
        try:
            # Longer than aiohttp waits for the answer: cut too early, the code would be lost.
            async with asyncio.timeout(2 * CLOSE_SECONDS):
                await self._send_unsent()
                self._detach()  # before the socket closes: what is sent from now on is kept
                await self._socket.close(code=code, message=reason.encode())
        except TimeoutError:
            self.cut()

    # ------------------------------------------------------------------ frames in

    async def _handle(self, data: str | bytes) -> None:
        self._frames.write("in", self._number, self._protocol.protocol, data)
        received = self._protocol.receive(data)
        match received:
            case Refused(reason=reason, code=code):
                logger.warning("%s: frame refused (%d): %s", self._name, code, reason)
            case Acknowledged(error=str() as error):
                logger.warning("%s: the client refused a frame: %.200r", self._name, error)
            case Asked():
                await self._answer(received)
        self._flush()
        if self._protocol.close_code is not None:
            self.close(self._protocol.close_code, "frame refused")

    async def _answer(self, asked: Asked) -> None:
        try:
            after = await self._perform(asked)
        except (Refusal, FrameError) as error:
            logger.warning("%s: %.60r refused: %s", self._name, asked.method, error.reason)
            self._protocol.refuse(asked, error.code, error.reason)
        except Exception:
            # One caller's trouble must not become that of all others.
            logger.exception("%s: %.60r failed", self._name, asked.method)
            self._protocol.refuse(asked, CALL_ERROR, "the space failed; its log says why")
        else:
            if after is not None:
                after()

    async def _perform(self, asked: Asked) -> Callable[[], None] | None:
        """Do what is asked; return what is to follow once the answer is out."""
        if isinstance(asked.message, fabric.Connect):
            self._connect(asked, asked.message)
            return None
        assert self._session is not None, "the protocol lets nothing pass before connect"
        return await self._dispatch.perform(self._session, asked, self._protocol.reply)

    def _connect(self, asked: Asked, connect: fabric.Connect) -> None:
        session, result, state = self._dispatch.connect(asked, connect)
        self._session = session
        self._protocol.accept(asked, session.protocol, result)
        self._protocol.send(state)
        session.attach(self)

    # ------------------------------------------------------------------ frames out

    def _flush(self) -> None:
        waiting, size = self._protocol.unsent, self._protocol.unsent_bytes
        over = waiting > MAX_UNSENT or size > MAX_UNSENT_BYTES
        if over and not self._transport.is_closing():
            logger.warning("%s does not read; closing it", self._name)
            self.cut()  # close() would wait until all is read
            return
        due = asyncio.get_running_loop().time() + self._injection.faults.reply_delay
        self._due.extend([due] * (waiting - len(self._due)))
        if waiting:
            self._wake.set()

    async def _write(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._due:
                late = self._due[0] - asyncio.get_running_loop().time()
                if late > 0:
                    await asyncio.sleep(late)
                await self._send_next()

    async def _send_unsent(self) -> None:
        while await self._send_next():
            pass

    async def _send_next(self) -> bool:
        """Send the oldest frame that waits; False where there is none, or nobody to send it to."""
        # One at a time, or the frames of two senders would mix.
        async with self._sending:
            # One whose socket closes is not handed out: it is kept for the client's next one.
            gone = self._socket.closed or self._transport.is_closing()
            frame = None if gone else self._protocol.pop()
            if frame is None:
                self._due.clear()
                return False
            if self._due:
                self._due.popleft()
            self._frames.write("out", self._number, self._protocol.protocol, frame)
            try:
                await self._socket.send_str(frame)
            except ConnectionError:
                return False
            return True

    async def _ping(self) -> None:
        for serial in itertools.count(1):
            await interval()
            if self._protocol.ping_unanswered:
                logger.warning("%s did not answer for %g s; closing it", self._name, PING_SECONDS)
                self.close(GOING_AWAY, "pings were not answered")
                return
            if self._session is not None:
                self._protocol.ping(time.time())
                self._ask_after_calls(self._session, serial)
                self._flush()

    def _ask_after_calls(self, session: Session, serial: int) -> None:
        """Ask the client after each of its calls, and end those that it did not answer for.

        A page can be there and have lost a call, whose media still goes on.
        """
        calls = self._dispatch.calls
        for leg in calls.of(session):
            # A ping by the socket before this one may have been lost with it.
            if leg.asked_by is self:
                logger.warning("call %s: no pong in %g s", leg.call_id, PING_SECONDS)
                calls.end(leg, cause("RECOVERY_ON_TIMER_EXPIRE"))
                continue
            leg.asked_by = self if leg.pings else None
            self._protocol.send(verto.ping_event(leg.call_id, serial))
