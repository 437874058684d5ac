"""Wakes coroutines of any event loop, and threads, after something has changed."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from typing import TypeVar

__all__ = ["Changes"]

Value = TypeVar("Value")

WAKE_SECONDS = 0.2
"""How often a wait wakes its loop, and how late it notices an interrupt.

ipykernel 7.4 hands SIGINT to its loop without waking it (``_cancel_on_sigint``; tornado's
``add_callback`` takes its own thread for awake, ipykernel issue 881): a cell that awaits while
nothing else happens would be interrupted when something does, if ever.  A thread that is just
falling asleep in a lock is not woken by a signal either: Python runs handlers between bytecodes.
"""


class Changes:
    """A condition that coroutines of several loops, and threads, wait for.

    ipykernel handles the page's messages on a thread of its own while a cell waits on the main
    loop, so a future alone is not enough.  Change the state first, then :meth:`notify`: a waiter
    that woke before would read the old state.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # Of a thread, a lock that it waits for: an Event takes three times as long.
        self._waiters: list[
            tuple[asyncio.AbstractEventLoop, asyncio.Future[None]] | threading.Lock
        ] = []

    def notify(self) -> None:
        """Let every waiter look again; callable from any thread."""
        with self._lock:
            waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not isinstance(waiter, tuple):
                waiter.release()
                continue
            loop, future = waiter
            # A loop that closed meanwhile has nobody left to wake.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_wake, future)

    async def until(self, look: Callable[[], Value | None]) -> Value:
        """Return the first result of ``look()`` that is not None.

        ``look`` is called at once and after every change, and may raise.
        """
        loop = asyncio.get_running_loop()
        while True:
            future: asyncio.Future[None] = loop.create_future()
            with self._lock:
                self._waiters.append((loop, future))
            # Looked at after the waiter is in the list, or a change in between would be missed.
            try:
                found = look()
                if found is not None:
                    return found
                while not future.done():
                    await asyncio.wait([future], timeout=WAKE_SECONDS)
            finally:
                with self._lock:
                    if (loop, future) in self._waiters:
                        self._waiters.remove((loop, future))

    def block(self, look: Callable[[], Value | None], timeout: float | None = None) -> Value:
        """Return the first result of ``look()`` that is not None; the thread sleeps meanwhile.

        An interrupt ends it, at once or within 0.2 seconds.  The loop of this thread stands still,
        so what is waited for has to come from another thread.

        Args:
            look: called at once and after every change; it may raise.
            timeout: in seconds; None waits for as long as it takes.

        Raises:
            TimeoutError: nothing was found in time.
        """
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            waiter = threading.Lock()
            waiter.acquire()
            try:
                with self._lock:
                    self._waiters.append(waiter)
                found = look()
                if found is not None:
                    return found
                while not waiter.acquire(timeout=_slice(until)):
                    if until is not None and time.monotonic() >= until:
                        raise TimeoutError
            finally:
                with self._lock:
                    if waiter in self._waiters:
                        self._waiters.remove(waiter)


def _slice(until: float | None) -> float:
    left = WAKE_SECONDS if until is None else until - time.monotonic()
    return min(WAKE_SECONDS, max(0.0, left))


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
