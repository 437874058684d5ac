"""Asks by the client of either kind, so that one test serves both."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from sw_notebook.credentials import Credentials
from sw_notebook.rest import AsyncTokenClient, Grant, TokenClient

__all__ = ["KINDS", "asking"]

KINDS = ("sync", "async")


def asking(kind: str) -> Callable[..., Grant]:
    """A function that asks by the name of a method: ``ask(credentials, "subscriber", "alice")``."""

    def sync(credentials: Credentials, method: str, *args: Any, **options: Any) -> Grant:
        with TokenClient(credentials) as client:
            found: Grant = getattr(client, method)(*args, **options)
            return found

    async def coroutine(credentials: Credentials, method: str, *args: Any, **options: Any) -> Grant:
        async with AsyncTokenClient(credentials) as client:
            found: Grant = await getattr(client, method)(*args, **options)
            return found

    if kind == "sync":
        return sync
    return lambda *args, **options: asyncio.run(coroutine(*args, **options))
