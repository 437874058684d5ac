"""What a cell loops over while media comes, plainly or with ``async``."""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from collections.abc import Iterator
from typing import Any, Generic, Literal, Self, TypeVar

from sw_notebook._waiting import Changes

from .wanted import Wanted

__all__ = ["Looping"]

Item = TypeVar("Item")


class Looping(Generic[Item]):
    """Items, one after the other, that are wanted for as long as somebody loops.

    Plain ``for`` blocks the thread, ``async for`` waits in the event loop.  It wants its items from
    the beginning.  Leaving the loop, an error in it, :meth:`close`, the end of the call and letting
    go of the object end that; after an interrupt or a time out it can be asked for the next item.

    Args:
        changes: told of when there may be an item.
        wanted: told of who wants some.
    """

    def __init__(self, changes: Changes, wanted: Wanted) -> None:
        self._changes = changes
        self._wanted = wanted
        self._closed = False
        self._holding: weakref.finalize[[], Any] | None = None
        self._hold()

    def _look(self) -> Item | Literal[False] | None:
        """Return the next item, False at the end, None while it has not come."""
        raise NotImplementedError

    def _hold(self) -> None:
        """Want items."""
        if self._holding is None:
            self._holding = weakref.finalize(self, self._wanted.hold())
            self._holding.atexit = False

    def _rest(self) -> None:
        """Want none for now."""
        holding, self._holding = self._holding, None
        if holding is not None:
            holding()

    @contextlib.contextmanager
    def _waiting(self) -> Iterator[None]:
        # An interrupt keeps the traceback, and so this object, for as long as the notebook likes:
        # nothing shall be decoded for it meanwhile.
        if not self._closed:
            self._hold()
        try:
            yield
        except BaseException:
            self._rest()
            raise

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Item:
        with self._waiting():
            found: Item | Literal[False] = self._changes.block(self._look)
        if found is False:
            self.close()
            raise StopIteration
        return found

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Item:
        with self._waiting():
            # Where items are ahead of the loop nothing is waited for, and without this nothing
            # else would run, not even an interrupt.
            await asyncio.sleep(0)
            found: Item | Literal[False] = await self._changes.until(self._look)
        if found is False:
            self.close()
            raise StopAsyncIteration
        return found

    def close(self) -> None:
        """End the loop, also for whoever waits in it; safe to call twice."""
        self._closed = True
        self._rest()
        self._changes.notify()

    async def aclose(self) -> None:
        """End the loop, as :meth:`close`."""
        self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()
