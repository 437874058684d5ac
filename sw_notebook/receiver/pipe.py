"""The line between a receiver and its process: messages, and memory that goes along with them."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
import threading
from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

__all__ = ["Message", "Pipe"]

_SEND_SECONDS = 5
_CHUNK = 65_536
_FDS = 4


class Message(NamedTuple):
    """What one side says to the other.

    Args:
        body: plain data.
        fd: a descriptor that came along, which the receiver of the message closes.
    """

    body: dict[str, Any]
    fd: int | None


class Pipe:
    """One end of the line; messages come in order, and each has a line of JSON.

    It may be used from any thread.

    Args:
        end: one of a pair of Unix sockets.

    >>> here, there = map(Pipe, socket.socketpair())
    >>> here.send({"do": "hangup"})
    True
    >>> there.receive()
    [Message(body={'do': 'hangup'}, fd=None)]
    >>> here.close(); there.receive(); there.close()
    """

    def __init__(self, end: socket.socket) -> None:
        # One that reads no more shall not hold up the other for good.
        seconds = struct.pack("ll", _SEND_SECONDS, 0)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, seconds)
        self._end = end
        self._sending = threading.Lock()
        self._read = b""
        self._fds: deque[int] = deque()

    def fileno(self) -> int:
        """The descriptor, for those who wait until there is something to read."""
        return self._end.fileno()

    def send(self, body: dict[str, Any], fd: int | None = None) -> bool:
        """Say something; False where the other side has gone."""
        line = json.dumps({**body, "fd": True} if fd is not None else body).encode() + b"\n"
        with self._sending:
            try:
                if fd is not None:
                    # The descriptor goes with the first byte.
                    socket.send_fds(self._end, [line[:1]], [fd])
                    line = line[1:]
                self._end.sendall(line)
            except OSError:
                # What follows half a message would not be understood.
                with contextlib.suppress(OSError):
                    self._end.shutdown(socket.SHUT_RDWR)
                return False
        return True

    def receive(self) -> list[Message] | None:
        """Wait for something and return what has come; None where the other side has gone."""
        try:
            data, fds, _, _ = socket.recv_fds(self._end, _CHUNK, _FDS)
        except OSError:
            return None
        for fd in fds:
            os.set_inheritable(fd, False)
        self._fds.extend(fds)
        if not data:
            return None
        *lines, self._read = (self._read + data).split(b"\n")
        return list(map(self._message, lines))

    def _message(self, line: bytes) -> Message:
        body = json.loads(line)
        return Message(body, self._fds.popleft() if body.pop("fd", False) else None)

    def __iter__(self) -> Iterator[Message]:
        while (messages := self.receive()) is not None:
            yield from messages

    def close(self) -> None:
        """Close this end; the other one hears of it.  Safe to call twice."""
        self._end.close()
