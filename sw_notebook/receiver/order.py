"""What a receiver's process is told to do: one call."""

from __future__ import annotations

import dataclasses
from typing import Any, Self

from sw_notebook.signaling.hosts import Hosts

__all__ = ["Order", "Wish"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Wish:
    """What is received, and how, whatever is called.

    Args:
        kinds: what to receive, of ``"audio"`` and ``"video"``.
        video_codecs: of ``"VP8"`` and ``"H264"``, the best first.
        ice_servers: instead of those that the space names; None for those.
        relay_only: use nothing but TURN servers.
        plain: receive with aiortc's own code.
    """

    kinds: tuple[str, ...] = ("audio", "video")
    video_codecs: tuple[str, ...] = ("VP8", "H264")
    ice_servers: tuple[dict[str, Any], ...] | None = dataclasses.field(default=None, repr=False)
    relay_only: bool = False
    plain: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class Order(Wish):
    """One call.

    Args:
        destination: the address, with its query.
        token: of a subscriber; nobody else sees it.
        rest: the base of the REST API for subscribers.
        socket: the URL of the WebSocket.
    """

    destination: str
    token: str = dataclasses.field(repr=False)
    rest: str
    socket: str

    @classmethod
    def to(cls, destination: str, token: str, hosts: Hosts, wish: Wish) -> Self:
        """Make the order to call a destination through these hosts."""
        return cls(
            destination=destination, token=token, rest=hosts.rest, socket=hosts.socket, **vars(wish)
        )

    def wire(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    @classmethod
    def of(cls, body: dict[str, Any]) -> Self:
        """Read what :meth:`wire` wrote, and other members beside it."""
        found = {field.name: body[field.name] for field in dataclasses.fields(cls)}
        return cls(**found)
