"""Opening a WebSocket to a space as a client that is no browser."""

from __future__ import annotations

import logging
import ssl
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException

from .credentials import on_this_machine
from .signaling.jsonrpc import MAX_FRAME

__all__ = ["NoWebSocketError", "open_websocket"]

CLOSE_SECONDS = 1.0

# websockets logs each frame at debug level, tokens included, so its words go nowhere.
_silent = logging.Logger("sw_notebook.frames", logging.CRITICAL + 1)  # noqa: LOG001


class NoWebSocketError(Exception):
    """A WebSocket does not open; the message says where and why, and holds no secret.

    Attributes:
        redirected: whether the server sends its visitors elsewhere.
    """

    def __init__(self, url: str, words: str, *, redirected: bool = False) -> None:
        self.redirected = redirected
        super().__init__(f"no WebSocket at {url}: {words}")


async def open_websocket(url: str) -> ClientConnection:
    """Open a WebSocket; how long it may take is the caller's business.

    Raises:
        NoWebSocketError: it does not open.
    """
    try:
        socket = await connect(
            url,
            open_timeout=None,
            ping_interval=None,  # FreeSWITCH answers no ping, and would be taken for dead
            close_timeout=CLOSE_SECONDS,
            max_size=MAX_FRAME,
            proxy=None if on_this_machine(url) else True,
            logger=_silent,
        )
    except (OSError, WebSocketException, ValueError, ImportError) as error:
        raise NoWebSocketError(url, _words(error)) from None
    # Redirects are followed before anybody is asked; no browser does that.
    if socket.request is not None and socket.request.headers["Host"] != _host(url):
        await socket.close()
        words = "it sends its visitors elsewhere, where tokens must not go"
        raise NoWebSocketError(url, words, redirected=True)
    return socket


def _host(url: str) -> str:
    """The header Host of a request to this address."""
    parts = urlsplit(url)
    name = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    usual = {"ws": 80, "wss": 443}[parts.scheme]
    return f"{name}" if parts.port in {None, usual} else f"{name}:{parts.port}"


def _words(error: Exception) -> str:
    """Say what happened; the words of most errors may quote what was sent."""
    match error:
        case InvalidStatus(response=response):
            return f"HTTP {response.status_code}"
        case ssl.SSLCertVerificationError(verify_message=message):
            return f"its certificate is not valid ({message})"
        case OSError():
            return "no connection"
        case ImportError():
            return "the environment names a SOCKS proxy, which takes the package python-socks"
    return f"no answer that can be read ({type(error).__name__})"
