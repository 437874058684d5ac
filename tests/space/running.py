"""A space in the test's own process, where its parts can be reached."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx

from sw_notebook.space.credentials import Grant, Keys
from sw_notebook.space.server import serve
from sw_notebook.space.settings import Settings


class Running:
    """A space that runs here."""

    def __init__(self) -> None:
        self.ready = asyncio.Event()
        self.url = ""
        self.keys: Keys | None = None

    @contextlib.asynccontextmanager
    async def serving(self, settings: Settings) -> AsyncIterator[Running]:
        """Run it for a while, and see that no task of it is left."""
        task = asyncio.create_task(serve(settings, self.on_ready))
        await self.ready.wait()
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.wait([task])
        assert not [task for task in asyncio.all_tasks() if "/sw_notebook/space/" in repr(task)]

    def on_ready(self, url: str, keys: Keys) -> None:
        """Remember how to reach it."""
        self.url, self.keys = url, keys
        self.ready.set()

    def token(self, reference: str = "ada") -> str:
        """Return a token of it."""
        return self.token_of(reference)

    def token_of(self, reference: str, **more: Any) -> str:
        """Return a token for somebody."""
        assert self.keys is not None
        return self.keys.mint(Grant(reference, **more), expires_at=2_000_000_000)

    def legs(self) -> list[dict[str, Any]]:
        """Return its calls; ask in another thread than it runs in."""
        legs: list[dict[str, Any]] = self.ask("GET", "/api/loopback/legs").json()["legs"]
        return legs

    def ask(self, method: str, path: str, body: object = None) -> httpx.Response:
        """Ask its REST API; in another thread than it runs in."""
        assert self.keys is not None
        auth = (self.keys.project_id, self.keys.api_token)
        return httpx.request(
            method, self.url + path, json=body, auth=auth, trust_env=False, timeout=10
        )
