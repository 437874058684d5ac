"""Asking for keyframes."""

from __future__ import annotations

import asyncio

from sw_notebook.space.media.prompter import Prompter


class Source:
    """Counts what it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.again = asyncio.Event()

    async def request(self) -> None:
        """Take a request."""
        self.asked += 1
        self.again.set()

    async def next(self) -> None:
        """Wait for one."""
        await self.again.wait()
        self.again.clear()


async def test_the_first_goes_at_once() -> None:
    """And all that come before the next may go are one, which is not lost."""
    source = Source()
    prompter = Prompter(source.request, interval=0.05)
    prompter.ask()
    await source.next()
    for _ in range(20):
        prompter.ask()
        await asyncio.sleep(0)
    assert source.asked == 1
    await source.next()
    assert source.asked == 2
    await prompter.close()


async def test_it_rests_until_it_is_asked_again() -> None:
    """Nothing runs in between."""
    source = Source()
    prompter = Prompter(source.request, interval=0)
    before = asyncio.all_tasks()
    for _ in range(3):
        prompter.ask()
        (task,) = asyncio.all_tasks() - before
        await source.next()
        await asyncio.wait([task])
    assert source.asked == 3
    assert asyncio.all_tasks() == before
    await prompter.close()


async def test_a_closed_one_asks_no_more() -> None:
    """Not even what was deferred."""
    source = Source()
    prompter = Prompter(source.request, interval=60)
    prompter.ask()
    await source.next()
    prompter.ask()
    await prompter.close()
    prompter.ask()
    await prompter.close()
    assert source.asked == 1
    assert asyncio.all_tasks() == {asyncio.current_task()}
