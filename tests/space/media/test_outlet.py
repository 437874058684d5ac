"""Where packets leave."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from sw_notebook.space.media import hooks
from sw_notebook.space.media.outlet import _Late


class Wire:
    """A network that can be gone."""

    def __init__(self) -> None:
        self.gone = False
        self.sent: asyncio.Queue[bytes] = asyncio.Queue()
        self.tried = asyncio.Event()

    async def send(self, datagram: bytes) -> None:
        """Take one."""
        self.tried.set()
        if self.gone:
            raise ConnectionError
        self.sent.put_nowait(datagram)


def late(wire: Wire) -> _Late:
    """Return a queue to it."""
    return _Late(cast(hooks.Wire, wire), asyncio.get_running_loop().time)


async def test_what_is_due_first_leaves_first() -> None:
    """In the order that it came in, where that is the same."""
    wire = Wire()
    queue = late(wire)
    queue.put([(60, b"never"), (0.02, b"third")])
    await asyncio.sleep(0)
    queue.put([(0, b"first"), (0, b"second")])
    found = [await wire.sent.get() for _ in range(3)]
    assert found == [b"first", b"second", b"third"]
    await queue.close()
    queue.put([(0, b"too late")])
    await queue.close()
    assert wire.sent.empty()


async def test_what_cannot_be_sent_is_forgotten() -> None:
    """The connection is gone; nothing waits on."""
    wire = Wire()
    wire.gone = True
    queue = late(wire)
    queue.put([(0, b"one"), (60, b"other")])
    await wire.tried.wait()
    tasks: set[asyncio.Task[Any]] = asyncio.all_tasks() - {cast(Any, asyncio.current_task())}
    if tasks:
        await asyncio.wait(tasks)
    wire.gone = False
    queue.put([(0, b"again")])
    assert await wire.sent.get() == b"again"
    await queue.close()
