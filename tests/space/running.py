"""A space in the test's own process, where its parts can be reached."""

from __future__ import annotations

import asyncio

from sw_notebook.space.credentials import Keys


class Running:
    """A space that runs here."""

    def __init__(self) -> None:
        self.ready = asyncio.Event()
        self.url = ""
        self.keys: Keys | None = None

    def on_ready(self, url: str, keys: Keys) -> None:
        """Remember how to reach it."""
        self.url, self.keys = url, keys
        self.ready.set()

    def token(self) -> str:
        """Return a token of it."""
        assert self.keys is not None
        return self.keys.mint("ada", expires_at=2_000_000_000)[1]
