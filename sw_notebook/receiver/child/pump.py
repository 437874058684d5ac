"""One thread for each socket of a call: from the datagram to the decoded frame without a detour."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from aiortc import RTCDtlsTransport
from aiortc.rtp import RtcpPacket, RtcpSrPacket

from sw_notebook.rtp.packets import Packet, is_rtcp, parse

from . import hooks

__all__ = ["Pump", "Stream"]

logger = logging.getLogger("sw_notebook.receiver")

TICK = 0.02
"""Seconds after which a thread looks up where something is missing: asking again has a clock."""

IDLE = 0.1
"""Seconds after which it looks up where nothing is: whether it is to stop."""

RECEIVE_BUFFER = 4 << 20
"""With the 256 KiB that aioice has, a burst is lost while a frame is decoded."""

_DATAGRAM = 2048
_AT_ONCE = getattr(socket, "MSG_DONTWAIT", 0)
# Linux tells when a datagram came; Python has no name for the option.
_SO_TIMESTAMPNS = 35
_STAMP = struct.Struct("ll")
_ABOUT = socket.CMSG_SPACE(_STAMP.size)
_LONGEST_REST = 1.0
_QUEUED = 4096
_1900 = 2_208_988_800
"""Seconds from the beginning of NTP's time to that of Unix."""


class Stream(Protocol):
    """What takes the packets of one section of a call, always on one thread."""

    @property
    def waiting(self) -> bool:
        """Whether something may become due before the next packet comes."""

    @property
    def leisure(self) -> float:
        """For how many seconds from now nobody misses what comes; 0 where each packet counts."""

    def packet(self, packet: Packet, now: float) -> None:
        """Take a packet that came at ``now``, of ``time.monotonic()``."""

    def tick(self, now: float) -> None:
        """Do what has become due."""

    def report(self, ssrc: int, ntp: float, timestamp: int) -> None:
        """Learn that the sender's clock was at ``ntp`` (Unix seconds) when it was at this."""


class Pump:
    """Takes the media of one transport from aiortc, and hands it to the streams.

    Args:
        transport: is connected.
        streams: by payload type.
        failed: called on the event loop where the thread ends by an error.
    """

    def __init__(
        self,
        transport: RTCDtlsTransport,
        streams: Mapping[int, Stream],
        failed: Callable[[], None],
    ) -> None:
        self.undecryptable = 0
        self.repeated = 0
        self.malformed = 0
        self.unknown = 0
        self.dropped = 0
        """Datagrams that were too many at once."""
        self.bytes = 0
        self._transport = transport
        self._streams = streams
        self._each = tuple(dict.fromkeys(streams.values()))
        self._failed = failed
        self._loop = asyncio.get_running_loop()
        self._stopping = False
        # What aiortc reads itself: all of it with a TURN server, and else what comes by another
        # socket than the chosen one.
        self._diverted: queue.SimpleQueue[tuple[bytes, float]] = queue.SimpleQueue()
        self._session = hooks.divert(transport, self._divert)
        self._socket: socket.socket | None = None
        self._back: Callable[[bytes, Any], None] | None = None
        self._patience = TICK
        self._haste = 0
        # Whether it is known when a datagram came that is read later.
        self._stamped = False
        # Held but for a moment by who wants the thread to rest no longer.
        self._rested = threading.Lock()
        self._rested.acquire()
        taken = hooks.take_socket(transport)
        if taken is not None:
            self._socket, self._back = taken
            _prepare(self._socket)
        self._thread = threading.Thread(target=self._run, name="media", daemon=True)
        self._thread.start()

    def _divert(self, data: bytes) -> None:
        """Keep a datagram that aiortc has read, but no more than can be decoded soon."""
        if self._diverted.qsize() < _QUEUED:
            self._diverted.put((data, time.monotonic()))
        else:
            self.dropped += 1

    @property
    def way(self) -> str:
        """How datagrams come here: ``"socket"``, or ``"loop"`` where aiortc reads them."""
        return "loop" if self._socket is None else "socket"

    def nudge(self) -> None:
        """Let the thread look at its streams at once, where it rests; from any thread."""
        with contextlib.suppress(RuntimeError):  # it was nudged already
            self._rested.release()

    @contextlib.contextmanager
    def haste(self) -> Iterator[None]:
        """Let each datagram be read as soon as it comes, for as long as this is entered."""
        self._haste += 1
        self.nudge()
        try:
            yield
        finally:
            self._haste -= 1

    def stop(self) -> None:
        """End the thread and wait for it; safe to call twice."""
        self._stopping = True
        self.nudge()
        if threading.current_thread() is not self._thread:
            self._thread.join()
        if self._socket is not None:
            self._socket.close()

    def _run(self) -> None:
        try:
            self._pump()
        except Exception:
            logger.exception("the media thread failed")
            self._post(self._failed)

    def _pump(self) -> None:
        each = self._each
        tick = 0.0
        while not self._stopping:
            leisure = self._rest()
            came = self._next()
            if came is not None:
                self._take(*came)
            if leisure:
                self._catch_up()
            self._take_diverted()
            now = time.monotonic()
            if now >= tick or came is None:
                for stream in each:
                    stream.tick(now)
                tick = now + TICK
            patience = TICK if any(stream.waiting for stream in each) else IDLE
            if patience != self._patience:
                self._patience = patience
                if self._socket is not None:
                    _set_patience(self._socket, patience)
        # What came before the end is part of the call.
        self._catch_up()
        self._take_diverted()

    def _rest(self) -> float:
        """Let packets gather while nobody misses them: being woken costs more than most of them.

        Returns:
            How long that could have been, in seconds.
        """
        if self._haste or not (self._stamped or self._socket is None):
            return 0.0
        leisure = min(stream.leisure for stream in self._each)
        if leisure > 0:
            self._rested.acquire(timeout=leisure)
        return leisure

    def _catch_up(self) -> None:
        """Take what has gathered in the socket."""
        if self._socket is None:
            return
        for _ in range(_QUEUED):  # who sends faster than can be decoded must not keep it here
            came = self._read(self._socket, _AT_ONCE)
            if came is None:
                return
            self._take(*came)

    def _take_diverted(self) -> None:
        """Take what aiortc has read until now."""
        for _ in range(self._diverted.qsize()):
            self._take(*self._diverted.get_nowait())

    def _next(self) -> tuple[bytes, float] | None:
        """Wait for the next datagram, but not long; return it and when it came."""
        if self._socket is not None:
            return self._read(self._socket)
        try:
            return self._diverted.get(timeout=self._patience)
        except queue.Empty:
            return None

    def _read(self, own: socket.socket, flags: int = 0) -> tuple[bytes, float] | None:
        """Return a datagram of media, or an empty one in place of what is for aiortc."""
        try:
            data, about, _, address = own.recvmsg(_DATAGRAM, _ABOUT, flags)
        except (BlockingIOError, InterruptedError, ConnectionError):
            return None
        now = time.monotonic()
        if data and 127 < data[0] < 192:
            age = _age(about)
            self._stamped = age is not None
            return data, now - (age or 0.0)
        if data and self._back is not None:
            self._post(self._back, data, address)
        return b"", now

    def _post(self, call: Callable[..., object], *values: object) -> None:
        try:
            self._loop.call_soon_threadsafe(call, *values)
        except RuntimeError:  # the loop has closed
            self._stopping = True

    def _take(self, data: bytes, now: float) -> None:
        if not data:
            return
        self.bytes += len(data)
        try:
            if is_rtcp(data):
                self._rtcp(self._session.unprotect_rtcp(data), now)
                return
            packet = parse(self._session.unprotect(data))
        except hooks.SrtpError as error:
            if hooks.is_repeated(error):
                self.repeated += 1
            else:
                self.undecryptable += 1
            return
        if packet is None:
            self.malformed += 1
            return
        stream = self._streams.get(packet.payload_type)
        if stream is None:
            self.unknown += 1
        else:
            stream.packet(packet, now)

    def _rtcp(self, data: bytes, now: float) -> None:
        self._post(hooks.rtcp_arrived, self._transport, data, now)
        try:
            packets = RtcpPacket.parse(data)
        except ValueError:
            self.malformed += 1
            return
        for packet in packets:
            if isinstance(packet, RtcpSrPacket):
                info = packet.sender_info
                ntp = info.ntp_timestamp / 2**32 - _1900
                for stream in self._each:
                    stream.report(packet.ssrc, ntp, info.rtp_timestamp)


def _prepare(own: socket.socket) -> None:
    force = getattr(socket, "SO_RCVBUFFORCE", None)  # beyond the limit, where one may
    try:
        own.setsockopt(socket.SOL_SOCKET, force or socket.SO_RCVBUF, RECEIVE_BUFFER)
    except OSError:
        with contextlib.suppress(OSError):
            own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # as where another system plays Linux
            own.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
    _set_patience(own, TICK)


def _age(about: Sequence[tuple[int, int, bytes]]) -> float | None:
    """Return how many seconds ago a datagram came; None where the system does not say."""
    for _, kind, stamp in about:
        if kind == _SO_TIMESTAMPNS and len(stamp) == _STAMP.size:
            seconds, nanoseconds = _STAMP.unpack(stamp)
            age: float = time.time() - seconds - nanoseconds / 1e9
            # The wall clock may have been set meanwhile.
            return age if 0 < age < _LONGEST_REST else 0.0
    return None


def _set_patience(own: socket.socket, seconds: float) -> None:
    wait = struct.pack("ll", 0, int(seconds * 1e6))
    own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, wait)
