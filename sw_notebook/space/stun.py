"""A STUN responder for the browser SDK, which makes no call without a candidate that is not host.

It tells everyone another port than theirs: were it the true one, a browser would have no new
candidate to show.  Nobody is there, so media takes the host candidates.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import struct
from collections.abc import AsyncIterator, Collection
from typing import cast

from aioice import stun
from aioice.ice import get_host_addresses

__all__ = ["Responder", "answer", "responding"]

logger = logging.getLogger("sw_notebook.space")

MAX_REQUEST = 548
"""Bytes of a request; a longer one would not be STUN over UDP (RFC 8489, 6.1)."""


def answer(data: bytes, source: tuple[str, int]) -> bytes | None:
    """Return what to answer to a datagram; None where it is no binding request.

    The answer has 32 bytes whatever was asked, and names the port beside the true one.

    >>> request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    >>> answered = answer(bytes(request), ("192.0.2.7", 4000))
    >>> stun.parse_message(answered).attributes["XOR-MAPPED-ADDRESS"]
    ('192.0.2.7', 4001)
    """
    if len(data) > MAX_REQUEST:
        return None
    try:
        asked = stun.parse_message(data)
    except (ValueError, KeyError, IndexError, struct.error):
        return None
    if (asked.message_method, asked.message_class) != (stun.Method.BINDING, stun.Class.REQUEST):
        return None
    told = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, asked.transaction_id)
    told.attributes["XOR-MAPPED-ADDRESS"] = (source[0], source[1] ^ 1)
    return bytes(told)


class Responder(asyncio.DatagramProtocol):
    """Answers binding requests of this machine, and counts all else.

    Who sends from elsewhere is not answered: else a forged source would get what it never asked
    for.

    Args:
        addresses: those of this machine.
    """

    def __init__(self, addresses: Collection[str]) -> None:
        self.answered = 0
        self.ignored = 0
        self._addresses = frozenset(addresses)
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what to answer through."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer, or count."""
        told = answer(data, addr) if addr[0] in self._addresses else None
        if told is None or self._transport is None:
            self.ignored += 1
            return
        self.answered += 1
        self._transport.sendto(told, addr)


@contextlib.asynccontextmanager
async def responding(wanted: bool) -> AsyncIterator[tuple[str | None, Responder]]:
    """Run a responder at an address of this machine; its URL is None where it has none.

    It cannot be at 127.0.0.1, from where browsers ask nobody, nor at all addresses at once: the
    answer would come from another than the one that was asked.
    """
    addresses = get_host_addresses(use_ipv4=True, use_ipv6=False) if wanted else []
    responder = Responder(addresses)
    if not addresses:
        if wanted:
            logger.warning("STUN is not answered: this machine has no network interface")
        yield None, responder
        return
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: responder, local_addr=(addresses[0], 0)
    )
    try:
        host, port = transport.get_extra_info("sockname")[:2]
        logger.info("STUN is answered at %s:%d", host, port)
        yield f"stun:{host}:{port}", responder
    finally:
        transport.close()
