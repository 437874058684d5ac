"""Which hosts a token's ``ch`` names, as the browser SDK reads it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Hosts"]

_PLATFORM = "puc.signalwire.com"
_LOOPBACK = ".loopback.invalid"


@dataclass(frozen=True, slots=True)
class Hosts:
    """Where REST and WebSocket of a token are.

    Args:
        rest: the base of the REST API for subscribers.
        socket: the URL of the WebSocket.
    """

    rest: str
    socket: str

    @classmethod
    def of(cls, ch: str | None, space: str) -> Hosts | None:
        """Tell where a token belongs; None where it says nothing and nothing can be assumed.

        Args:
            ch: the claim of the token's header.
            space: the URL of the space that gave the token.  A loopback space's tokens name a
                reserved domain and mean that URL; a token without ``ch`` means the platform,
                and goes there only if its space is the platform's.

        >>> Hosts.of("puc.example.com", "https://example.signalwire.com")
        Hosts(rest='https://fabric.example.com', socket='wss://puc.example.com')
        >>> Hosts.of("relay.x1.loopback.invalid", "http://127.0.0.1:4321").socket
        'ws://127.0.0.1:4321/'
        """
        if ch is None or "." not in ch:
            if not space.endswith(".signalwire.com"):
                return None
            ch = _PLATFORM
        if ch.endswith(_LOOPBACK):
            return cls(space, f"ws{space.removeprefix('http')}/")
        return cls(f"https://fabric.{ch.partition('.')[2]}", f"wss://{ch}")
