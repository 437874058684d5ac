"""What the tests of the space share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest

from sw_notebook.space import LoopbackSpace


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
