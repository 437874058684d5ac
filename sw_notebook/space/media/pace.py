"""Real time, in even steps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

__all__ = ["ticks"]

MAX_LAG = 0.5


async def ticks(rate: float, *, max_lag: float = MAX_LAG) -> AsyncIterator[float]:
    """Yield ``rate`` times a second, and say how many seconds each tick is after the first.

    Ticks that are late come in a burst, so that none is missing; after a pause of more than
    ``max_lag`` seconds the clock moves on instead, and the numbers jump.
    """
    loop = asyncio.get_running_loop()
    start = due = loop.time()
    while True:
        now = loop.time()
        if due > now:
            await asyncio.sleep(due - now)
        elif now - due > max_lag:
            due = now
        yield due - start
        due += 1 / rate
