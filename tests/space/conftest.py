"""What the tests of the space share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest
import pytest_asyncio

from sw_notebook.space import LoopbackSpace

from .running import Running


@pytest.fixture(scope="session")
def space() -> Iterator[LoopbackSpace]:
    """Return a space of the tests' own."""
    with LoopbackSpace(private=True) as space:
        yield space


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], Awaitable[None]]:
    """Return a function that waits for what no event tells: the state of another process."""

    async def wait(condition: Callable[[], bool]) -> None:
        while not await asyncio.to_thread(condition):  # noqa: ASYNC110
            await asyncio.sleep(0.05)

    return wait


@pytest_asyncio.fixture
async def running() -> AsyncIterator[Running]:
    """Return a space that ends with the test."""
    running = Running()
    from sw_notebook.space.server import Settings, serve

    task = asyncio.create_task(serve(Settings(resume_seconds=0.2), running.on_ready))
    await running.ready.wait()
    yield running
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
