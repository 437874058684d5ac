"""Clients of both kinds, whose pauses take no time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sw_notebook.credentials import Credentials
from sw_notebook.rest import Grant

from .asking import KINDS, asking

API_TOKEN = "PT0123456789abcdef0123456789abcdef0123456789abcdef"

Asks = Callable[..., Grant]


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the clients have waited, in seconds; they do not really."""
    pauses: list[float] = []

    async def wait(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr("sw_notebook.rest.sending.time.sleep", pauses.append)
    monkeypatch.setattr("sw_notebook.rest.sending.asyncio.sleep", wait)
    return pauses


@pytest.fixture(params=KINDS)
def ask(request: pytest.FixtureRequest) -> Asks:
    """Ask a space by the name of a method: ``ask(url, "subscriber", "alice")``."""
    asks = asking(request.param)
    return lambda url, *args, **options: asks(Credentials(url, "9f1c", API_TOKEN), *args, **options)
