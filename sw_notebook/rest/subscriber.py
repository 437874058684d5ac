"""Asks a space who the subscriber of a token is."""

from __future__ import annotations

from typing import Any

import httpx

from sw_notebook.exceptions import RestError
from sw_notebook.tokens import Token

from .hidden import Hidden
from .patience import Ask
from .sending import failure, options, send_async
from .tokens import SUBSCRIBER, accepted, json_object

__all__ = ["subscriber_info"]


async def subscriber_info(rest: str, token: Token) -> dict[str, Any]:
    """Ask who a token's subscriber is (``GET /api/fabric/subscriber/info``).

    Args:
        rest: where the token's REST API is, as ``https://fabric.signalwire.com``.
        token: the token.

    Returns:
        What the space says, among it ``fabric_addresses``.

    Raises:
        RestError: the space refuses, does not answer, or names no subscriber.
    """
    ask = Ask("/api/fabric/subscriber/info", None, Hidden(token.reveal()))
    host = rest.partition("://")[2]
    try:
        async with httpx.AsyncClient(**options(rest)) as http:
            outcome = await send_async(http, ask)
    except httpx.InvalidURL as error:  # the token names no host
        outcome = failure(error)
    answer = accepted(outcome, host, ask.secrets, SUBSCRIBER)
    found = json_object(answer.content)
    if not isinstance(found.get("id"), str):
        reason = "its answer names none"
        raise RestError(host, answer.status, reason, "check the name of the space", SUBSCRIBER)
    return found
