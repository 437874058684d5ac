"""A server that answers as it was told, byte for byte, and keeps what it was asked."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["OddServer", "reply", "serving"]


def reply(status: int, body: object = None, *headers: str) -> bytes:
    """An answer with this body: bytes as they are, anything else as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Said So", f"Content-Length: {len(content)}", *headers]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + content


@dataclass
class OddServer:
    """What it was asked, one after the other.

    Attributes:
        url: where it is.
        asked: the requests, each as its head and its body.
    """

    url: str
    asked: list[tuple[str, bytes]] = field(default_factory=list)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """The bodies of the requests."""
        return [json.loads(body) for _, body in self.asked]


@contextlib.contextmanager
def serving(
    answers: Sequence[bytes | None], context: ssl.SSLContext | None = None
) -> Iterator[OddServer]:
    """Give these answers in turn, the last one again and again; None is silence."""
    listener = socket.create_server(("127.0.0.1", 0))
    scheme = "https" if context else "http"
    server = OddServer(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}")
    done = threading.Event()

    def serve() -> None:
        for number in range(1000):
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                taken = context.wrap_socket(connection, server_side=True) if context else connection
                with taken:
                    server.asked.append(_request(taken))
                    answer = answers[min(number, len(answers) - 1)]
                    if answer is None:
                        done.wait(60)
                    else:
                        taken.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        done.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)


def _request(connection: socket.socket) -> tuple[str, bytes]:
    head, body = b"", b""
    while b"\r\n\r\n" not in head:
        part = connection.recv(65536)
        if not part:
            return head.decode(), b""
        head += part
    head, _, body = head.partition(b"\r\n\r\n")
    lines = head.decode().lower().split("\r\n")
    lengths = [int(line.partition(":")[2]) for line in lines if line.startswith("content-length")]
    while len(body) < sum(lengths):  # a GET has none
        body += connection.recv(65536)
    return head.decode(), body
