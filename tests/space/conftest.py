"""What the tests of the space share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import httpx
import pytest
import pytest_asyncio

from sw_notebook.space import LoopbackSpace, connection
from sw_notebook.space.settings import Settings

from .running import Running


@pytest.fixture(scope="session")
def space() -> Iterator[LoopbackSpace]:
    """Return a space of the tests' own."""
    with LoopbackSpace(private=True) as space:
        yield space


@pytest.fixture
def http(space: LoopbackSpace) -> Iterator[httpx.Client]:
    """Return a client without credentials."""
    with httpx.Client(base_url=space.url, trust_env=False) as http:
        yield http


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], Awaitable[None]]:
    """Return a function that waits for what no event tells: the state of another process."""

    async def wait(condition: Callable[[], bool]) -> None:
        while not await asyncio.to_thread(condition):  # noqa: ASYNC110
            await asyncio.sleep(0.05)

    return wait


@pytest.fixture
def beats(monkeypatch: pytest.MonkeyPatch) -> asyncio.Semaphore:
    """Return what lets one interval between two pings pass with each release."""
    beats = asyncio.Semaphore(0)
    monkeypatch.setattr(connection, "interval", beats.acquire)
    return beats


@pytest_asyncio.fixture
async def running() -> AsyncIterator[Running]:
    """Return a space that ends with the test."""
    async with Running().serving(Settings(resume_seconds=0.2)) as running:
        yield running
