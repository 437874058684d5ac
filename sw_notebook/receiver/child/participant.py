"""One call from its first request to its end: signalling, and media when it is answered."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from sw_notebook import __version__
from sw_notebook._websocket import NoWebSocketError, open_websocket
from sw_notebook.exceptions import ReceiverError, RestError, SDPError
from sw_notebook.receiver.failures import Failing, Failure, ended, explained, refused, unreachable
from sw_notebook.receiver.order import Order
from sw_notebook.rest import subscriber_info
from sw_notebook.signaling.causes import Cause, cause
from sw_notebook.signaling.client import ClientSession
from sw_notebook.signaling.fabric import Connected
from sw_notebook.signaling.heard import (
    Acknowledged,
    Answered,
    Attached,
    Created,
    EarlyMedia,
    Ended,
    Failed,
    Happened,
    Heard,
    Ignored,
)
from sw_notebook.tokens import Token

from .media import Media, Outlets
from .past import Window

__all__ = ["Participant"]

logger = logging.getLogger("sw_notebook.receiver")

CONNECT_SECONDS = 15.0
REPLY_SECONDS = 6.0
"""The SDK's own patience."""
MEDIA_SECONDS = 20.0
ATTACH_SECONDS = 3.0
"""How long media may pause where the far side would set it up anew."""
SILENT_SECONDS = 45.0
"""How long a line may be silent; FreeSWITCH was seen to ask after 30 s (freeswitch.md, 4.1)."""
BYE_SECONDS = 3.0
BACKOFF_LEAST, BACKOFF_MOST = 0.05, 3.0

Value = TypeVar("Value")


class Participant:
    """A participant that only receives.

    Args:
        order: whom to call.
        say: takes each event, as plain data.
        outlets: where media goes.
    """

    def __init__(
        self, order: Order, say: Callable[[dict[str, Any]], object], outlets: Outlets
    ) -> None:
        self._order = order
        self._say = say
        self._outlets = outlets
        self._session = ClientSession(agent=f"sw_notebook/{__version__}")
        self._socket: ClientConnection | None = None
        self._call_id = ""
        self._media: Media | None = None
        self._answered = False
        self._connected_once = False
        self._hanging_up = False
        self._wanted: dict[str, bool] = {}
        loop = asyncio.get_running_loop()
        self._end: asyncio.Future[tuple[str, Cause | None]] = loop.create_future()
        self._connected: asyncio.Future[Connected] = loop.create_future()
        self._online: asyncio.Future[None] = loop.create_future()
        self._created: asyncio.Future[None] = loop.create_future()
        self._left = asyncio.Event()
        self._is_up = asyncio.Event()
        self._afresh = True
        self._refused = False
        self._backoff = BACKOFF_LEAST
        self._late: asyncio.TimerHandle | None = None

    # ------------------------------------------------------------------ what the kernel asks

    async def run(self) -> None:
        """Call, and return when the call is over and everything is let go of."""
        signalling = asyncio.create_task(self._signal())
        dialling = asyncio.create_task(self._dial())
        try:
            dialling.add_done_callback(self._done)
            signalling.add_done_callback(self._done)
            reason, why = await self._end
            await self._leave(reason, why)
        finally:
            for task in (dialling, signalling):
                task.cancel()
            await asyncio.gather(dialling, signalling, return_exceptions=True)
            if self._late is not None:
                self._late.cancel()
            if self._media is not None:
                await self._media.close()

    def _done(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._fail(explained(error))

    def fail(self, kind: str, words: str) -> None:
        """Go on without a kind of media that can go nowhere; without another, end the call."""
        failure = Failure("kernel", "NoSharedMemory", words)
        if self._media is None or not self._media.directions.keys() - {kind}:
            self._fail(failure)
        else:
            self._say(_error(failure, fatal=False) | {"without": kind})

    def hang_up(self) -> None:
        """End the call; safe to call twice."""
        self._finish("hangup", None)

    def want(self, kind: str, wanted: bool) -> None:
        """Begin to decode a kind of media, or stop."""
        self._wanted[kind] = wanted
        if self._media is not None:
            self._media.want(kind, wanted)

    def stats(self) -> dict[str, Any]:
        """Return what there is to count."""
        return {} if self._media is None else self._media.stats()

    def window(self, since: float) -> Window | None:
        """Decode the frames that came since a moment (``time.monotonic()``); from any thread.

        Raises:
            ReceiverError: they do not fit into memory.
        """
        return None if self._media is None else self._media.window(since)

    # ------------------------------------------------------------------ dialling

    async def _dial(self) -> None:
        order = self._order
        try:
            await subscriber_info(order.rest, Token(order.token))
        except RestError as error:
            raise Failing(unreachable(error)) from None
        connected = await self._within(CONNECT_SECONDS, self._connected, "the space's WebSocket")
        await self._within(REPLY_SECONDS, self._online, "the space")
        servers = connected.ice_servers if order.ice_servers is None else order.ice_servers
        self._media = Media(
            order.kinds,
            order.video_codecs,
            servers,
            relay_only=order.relay_only,
            plain=order.plain,
            outlets=self._outlets,
            changed=self._media_changed,
        )
        for kind, wanted in self._wanted.items():
            self._media.want(kind, wanted)
        offer = await self._media.offer()
        self._call_id = self._session.invite(order.destination, offer)
        await self._send()
        await self._within(REPLY_SECONDS, self._created, "the invitation")

    async def _within(self, seconds: float, waited: asyncio.Future[Value], what: str) -> Value:
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.shield(waited)
        except TimeoutError:
            words = f"{what} did not answer within {seconds:g} s"
            raise Failing(Failure("network", "NoReply", words)) from None

    # ------------------------------------------------------------------ signalling

    async def _signal(self) -> None:
        """Keep a WebSocket for as long as the call lasts."""
        while not self._refused:
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    self._socket = await open_websocket(self._order.socket)
            except (NoWebSocketError, TimeoutError) as error:
                if not self._connected.done():
                    words = str(error) or f"no WebSocket within {CONNECT_SECONDS:g} s"
                    self._fail(Failure("network", "NoWebSocket", words))
                    return
            else:
                self._afresh = self._session.protocol is None
                self._session.connect(self._order.token)
                await self._send()
                await self._read(self._socket)
            await asyncio.sleep(self._backoff)
            self._backoff = min(2 * self._backoff, BACKOFF_MOST)

    def _lost(self, was_up: bool) -> None:
        if not self._connected.done():
            words = "the space closed the WebSocket before it had answered"
            self._fail(Failure("network", "SignalingLost", words))
            return
        self._session.lost()
        if was_up and not self._end.done():
            words = "the connection to the space was lost"
            self._say(_error(Failure("network", "SignalingLost", words), fatal=False))

    async def _read(self, socket: ClientConnection) -> None:
        try:
            while True:
                # A line that is dead says nothing of it by itself, not even before the first ping.
                async with asyncio.timeout(SILENT_SECONDS):
                    data = await socket.recv()
                heard = self._session.receive(data)
                logger.debug("heard %s", type(heard).__name__)
                await self._send()
                await self._heard(heard)
        except (ConnectionClosed, TimeoutError):
            pass
        finally:
            was_up = self._is_up.is_set()
            self._is_up.clear()
            self._left.set()  # there is nobody left to wait for
            await socket.close()
            self._lost(was_up)

    async def _send(self) -> None:
        with contextlib.suppress(ConnectionClosed):  # the reader notices
            for frame in self._session.outgoing():
                if self._socket is not None:
                    await self._socket.send(frame)

    async def _heard(self, heard: Heard) -> None:
        match heard:
            case Connected():
                again = self._connected.done()
                self._backoff = BACKOFF_LEAST
                self._is_up.set()
                if not again:
                    self._connected.set_result(heard)
                self._session.online()
                await self._send()
                if again:
                    self._log("info", "The connection to the space is back")
            case Acknowledged(method="subscriber.online"):
                if not self._online.done():
                    self._online.set_result(None)
            case Created(member_id=member_id):
                self._say({"is": "dialled", "call_id": self._call_id, "member_id": member_id})
                self._status("trying")
                if not self._created.done():
                    self._created.set_result(None)
            case Happened(type="call.state", params={"call_state": "ringing"}):
                self._status("ringing")
            case EarlyMedia(sdp=sdp):
                if not self._answered:
                    self._status("ringing")
                await self._accept(sdp)
            case Answered(sdp=sdp):
                self._answered = True
                self._status("connecting")
                self._expect_media()
                if sdp is not None:
                    await self._accept(sdp)
                self._maybe_connected()
            case Attached():
                loop = asyncio.get_running_loop()
                loop.call_later(ATTACH_SECONDS, self._look_after, time.monotonic())
            case Ended(cause=why, answered=answered):
                self._left.set()
                failure = None if self._hanging_up else ended(why, answered=answered)
                if failure is not None:
                    self._fail(failure, why)
                else:
                    self._finish("hangup" if self._hanging_up else "remote", why)
            case Failed(method="verto.pong"):
                pass  # FreeSWITCH itself knows none, and asks no more of us
            case Failed(method="signalwire.connect") if self._connected.done():
                # It does not know us any more; the next connection begins afresh, and where that
                # is refused, too, as with a token that has expired, there is no other.
                if self._afresh:
                    self._refused = True
                    words = f"the space does not take this call up again: {heard.reason}"
                    self._say(_error(Failure("token", "SignalingLost", words), fatal=False))
                if self._socket is not None:
                    await self._socket.close()
            case Failed():
                self._fail(refused(heard))
            case Ignored(reason=reason):
                logger.info("ignored a frame: %s", reason)

    # ------------------------------------------------------------------ media

    def _expect_media(self) -> None:
        if self._late is None:
            loop = asyncio.get_running_loop()
            self._late = loop.call_later(MEDIA_SECONDS, self._media_changed, "late")

    def _look_after(self, attached: float) -> None:
        """End the call where its media came, and has not since the far side offered it anew."""
        if self._media is not None and 0 < self._media.last < attached:
            words = "the far side has stopped sending media, and would set it up anew"
            self._fail(Failure("network", "ConnectionLost", words))

    async def _accept(self, sdp: str) -> None:
        assert self._media is not None
        self._expect_media()
        try:
            await self._media.accept(sdp)
        except SDPError as error:
            self._fail(Failure("call", "NoCommonMedia", str(error)), cause("NORMAL_CLEARING"))
            return
        except ReceiverError as error:
            self._fail(Failure("kernel", "NoSharedMemory", str(error)))
            return
        self._say({"is": "directions", "directions": dict(self._media.directions)})

    def _media_changed(self, state: str) -> None:
        logger.info("media %s", state)
        connected = self._media is not None and self._media.state == "connected"
        if state == "connected":
            if self._late is not None:
                self._late.cancel()
            self._maybe_connected()
        elif state == "late" and not connected:
            words = f"no media connection came about within {MEDIA_SECONDS:g} s"
            self._fail(Failure("network", "NoMedia", words))
        elif state in ("failed", "closed"):
            words = "the media connection was lost"
            if not self._connected_once:
                words = "the media connection could not be set up (ICE or DTLS)"
            self._fail(Failure("network", "ConnectionLost", words))

    def _maybe_connected(self) -> None:
        if self._answered and self._media is not None and self._media.state == "connected":
            self._connected_once = True
            self._status("connected")

    # ------------------------------------------------------------------ the end

    def _fail(self, failure: Failure, why: Cause | None = None) -> None:
        if not self._end.done():
            self._say(_error(failure, fatal=True))
            self._finish("error", why)

    def _finish(self, reason: str, why: Cause | None) -> None:
        if not self._end.done():
            self._end.set_result((reason, why))

    async def _leave(self, reason: str, why: Cause | None) -> None:
        """Say goodbye where there is somebody to say it to, and then that it is over."""
        failed = reason == "error" and not self._connected_once
        if self._session.has(self._call_id) and not self._refused:
            if reason == "hangup":
                self._status("disconnecting")
            self._hanging_up = True
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(BYE_SECONDS):
                    # The line may be lost just now, or be coming back.
                    while self._session.has(self._call_id):
                        await self._is_up.wait()
                        self._left.clear()
                        self._session.bye(self._call_id)
                        await self._send()
                        await self._left.wait()
        if self._media is not None:
            await self._media.stop()
        if self._socket is not None:
            # the very last: a line that is closed for longer is opened anew
            await self._socket.close()
        self._say(
            {
                "is": "ended",
                "reason": reason,
                "cause": "" if why is None else why.name,
                "cause_code": 0 if why is None else why.number,
                "status": "failed" if failed else "destroyed",
                "stats": self.stats(),
            }
        )

    def _status(self, status: str) -> None:
        self._say({"is": "status", "status": status})

    def _log(self, level: str, text: str) -> None:
        self._say({"is": "log", "level": level, "text": text})


def _error(failure: Failure, *, fatal: bool) -> dict[str, Any]:
    return {"is": "error", **failure._asdict(), "fatal": fatal}
