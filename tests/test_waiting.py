"""Waiters wake in any loop, from any thread, and never too early."""

from __future__ import annotations

import asyncio
import os
import signal
import threading

import pytest

from sw_notebook._waiting import Changes


async def test_what_is_there_is_returned_at_once() -> None:
    """No change is waited for where none is needed."""
    assert await Changes().until(lambda: 7) == 7


async def test_a_change_in_another_thread_wakes() -> None:
    """The state is set first, then the waiters look again."""
    changes = Changes()
    state: list[int] = []

    def change() -> None:
        state.append(1)
        changes.notify()

    waiting = asyncio.ensure_future(changes.until(lambda: state[0] if state else None))
    await asyncio.sleep(0)
    threading.Thread(target=change).start()
    assert await waiting == 1


async def test_a_change_that_is_not_the_one_goes_on_waiting() -> None:
    """A waiter looks after each change until it finds."""
    changes = Changes()
    looks = iter([None, None, "found"])
    looked = asyncio.Event()

    def look() -> str | None:
        looked.set()
        return next(looks)

    waiting = asyncio.ensure_future(changes.until(look))
    for _ in range(2):
        await looked.wait()
        looked.clear()
        changes.notify()
    assert await waiting == "found"


async def test_errors_of_the_look_are_raised() -> None:
    """What the look raises ends the wait."""

    def look() -> int | None:
        raise LookupError("gone")

    with pytest.raises(LookupError):
        await Changes().until(look)


async def test_a_cancelled_waiter_is_forgotten() -> None:
    """Nothing of it stays behind."""
    changes = Changes()

    def nothing() -> int | None:
        return None

    waiting = asyncio.ensure_future(changes.until(nothing))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert changes._waiters == []


@pytest.mark.timeout(20)
async def test_what_a_signal_asks_for_is_done_though_nothing_else_happens() -> None:
    """A signal handler that does not wake the loop, as ipykernel's, can end the wait."""
    loop = asyncio.get_running_loop()

    def nothing() -> int | None:
        return None

    waiting = asyncio.ensure_future(Changes().until(nothing))
    before = signal.signal(signal.SIGUSR1, lambda *_: loop.call_soon(waiting.cancel) and None)
    try:
        # later, when the loop sleeps
        threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGUSR1)).start()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_a_loop_that_closed_is_skipped() -> None:
    """A waiter whose loop is gone does not stop the others."""
    changes = Changes()
    loop = asyncio.new_event_loop()
    changes._waiters.append((loop, loop.create_future()))
    loop.close()
    changes.notify()


async def test_waiters_of_two_loops_wake() -> None:
    """A second event loop in another thread waits for the same."""
    changes = Changes()
    done = threading.Event()
    waiting = threading.Event()

    def look() -> bool | None:
        waiting.set()
        return True if done.is_set() else None

    thread = threading.Thread(target=lambda: asyncio.run(changes.until(look)))
    thread.start()
    await asyncio.to_thread(waiting.wait)
    own = asyncio.ensure_future(changes.until(look))
    await asyncio.sleep(0)
    done.set()
    changes.notify()
    assert await own is True
    await asyncio.to_thread(thread.join)


def test_a_thread_finds_at_once_what_is_there() -> None:
    """No change is waited for where none is needed."""
    assert Changes().block(lambda: 7) == 7


def test_a_thread_wakes_with_each_change() -> None:
    """A blocked thread looks after each change until it finds, and leaves nothing behind."""
    changes = Changes()
    state: list[int] = []
    looked = threading.Semaphore(0)

    def look() -> list[int] | None:
        looked.release()
        return state if len(state) == 2 else None

    def change() -> None:
        for number in range(2):
            looked.acquire()
            state.append(number)
            changes.notify()

    other = threading.Thread(target=change)
    other.start()
    assert changes.block(look) == [0, 1]
    other.join()
    assert changes._waiters == []


def test_a_thread_waits_no_longer_than_it_was_told() -> None:
    """Time out is an error, and the waiter is forgotten."""
    changes = Changes()
    for timeout in (0.0, 0.01):
        with pytest.raises(TimeoutError):
            changes.block(lambda: None, timeout)
    assert changes._waiters == []


def test_errors_of_the_look_are_raised_in_the_thread() -> None:
    """What the look raises ends the wait."""
    changes = Changes()

    def look() -> int | None:
        raise LookupError("gone")

    with pytest.raises(LookupError):
        changes.block(look)
    assert changes._waiters == []


@pytest.mark.timeout(20)
def test_an_interrupt_ends_the_wait_of_the_main_thread() -> None:
    """Like that of any Python code, and the waiter is forgotten."""
    changes = Changes()
    looked = threading.Event()

    def nothing() -> int | None:
        looked.set()
        return None

    def interrupt() -> None:
        looked.wait()
        # later, when the thread sleeps
        threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGINT)).start()

    other = threading.Thread(target=interrupt)
    other.start()
    with pytest.raises(KeyboardInterrupt):
        changes.block(nothing)
    other.join()
    assert changes._waiters == []


@pytest.mark.timeout(20)
def test_an_interrupt_that_wakes_nobody_ends_the_wait() -> None:
    """As where it comes just before the main thread falls asleep."""
    # The signal is handled by the thread that raises it, and the main thread sleeps on.
    threading.Timer(0.1, signal.raise_signal, (signal.SIGINT,)).start()
    with pytest.raises(KeyboardInterrupt):
        Changes().block(lambda: None)


async def test_a_thread_and_a_loop_wake_together() -> None:
    """Both are waiters of one list."""
    changes = Changes()
    done = threading.Event()
    waiting = threading.Event()

    def look() -> bool | None:
        waiting.set()
        return True if done.is_set() else None

    blocked = asyncio.ensure_future(asyncio.to_thread(changes.block, look))
    await asyncio.to_thread(waiting.wait)
    own = asyncio.ensure_future(changes.until(look))
    await asyncio.sleep(0)
    done.set()
    changes.notify()
    assert await own is True
    assert await blocked is True
