"""What the kernels need: who may wait in a cell, and which time counts for a page."""

from __future__ import annotations

import asyncio
import queue
import sys
import threading
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest

from sw_notebook import Call, CannotWaitError, _kernel
from sw_notebook._kernel import refuse_wait, timer


class InteractiveShell:
    """Stands for IPython's: a cell runs in a coroutine of this name."""

    async def run_cell_async(self, cell: Callable[[], Awaitable[Any]]) -> Any:
        """Run a cell."""
        return await cell()


async def run(cell: Callable[[], Awaitable[Any]]) -> Any:
    """Run a cell in a task of its own, as ipykernel does."""
    return await asyncio.ensure_future(InteractiveShell().run_cell_async(cell))


class PaperKernel:
    """An ipykernel 6 whose turns the test takes, with so many messages that wait."""

    def __init__(self) -> None:
        self.io_loop = self
        self.shell_stream = self
        self.msg_queue = self
        self.unread = 0
        self.read = 0
        self.turns: queue.Queue[Callable[[], Awaitable[None]]] = queue.Queue()

    def add_callback(self, schedule: Callable[..., None], *args: Any) -> None:
        """Be asked for a turn by another thread."""
        schedule(*args)

    def schedule_dispatch(self, dispatch: Callable[[], Awaitable[None]]) -> None:
        """Put work behind the messages."""
        self.turns.put(dispatch)

    def flush(self) -> None:
        """Read what the socket holds."""
        self.read, self.unread = self.read + self.unread, 0

    def qsize(self) -> int:
        """How many messages wait in the queue."""
        return self.read

    async def turn(self, *, waiting: int) -> None:
        """Come to the work, with so many messages in the socket behind it."""
        work = self.turns.get(timeout=10)
        self.unread = waiting
        await work()
        self.read = 0


@pytest.fixture
def ipykernel_6(monkeypatch: pytest.MonkeyPatch) -> PaperKernel:
    """Make this process look like a kernel of ipykernel 6.31."""
    kernel = PaperKernel()
    shell = SimpleNamespace(kernel=kernel)
    module = SimpleNamespace(version_info=(6, 31, 0), __version__="6.31.0")
    monkeypatch.setitem(sys.modules, "ipykernel", module)
    ipython = SimpleNamespace(get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setattr(_kernel, "SLICE", 0.01)
    return kernel


async def test_a_cell_of_ipykernel_6_cannot_wait(ipykernel_6: PaperKernel) -> None:
    """The error names the kernel, the status and what to do; the call is dialled all the same."""
    call = Call("/public/echo", token="secret")

    async def cell() -> None:
        await call.dial()

    with pytest.raises(CannotWaitError, match=r"ipykernel 6\.31\.0 .* 'connected'"):
        await run(cell)
    assert call.status == "new"
    call.hangup()


async def test_what_was_reached_needs_no_wait(ipykernel_6: PaperKernel) -> None:
    """A cell may await what is there already."""
    call = Call("/public/echo", token="secret")
    call.dial()
    call.hangup()

    async def cell() -> str:
        return await call.wait_for("ended")

    assert await run(cell) == "destroyed"


async def test_a_task_beside_the_cell_may_wait(ipykernel_6: PaperKernel) -> None:
    """What a cell leaves in the background is heard when the cell has ended."""
    refuse_wait("connected")


async def test_a_cell_of_ipykernel_7_waits(
    ipykernel_6: PaperKernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Newer kernels handle the page's messages beside the cell."""
    monkeypatch.setattr(sys.modules["ipykernel"], "version_info", (7, 0, 1))

    async def cell() -> None:
        refuse_wait("connected")

    await run(cell)


async def test_a_cell_of_marimo_cannot_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Marimo handles one message after the other, cells among them."""
    module = SimpleNamespace(running_in_notebook=lambda: True)
    monkeypatch.setitem(sys.modules, "marimo", module)

    async def cell() -> None:
        refuse_wait("connected")

    with pytest.raises(CannotWaitError, match="marimo takes no message"):
        await run(cell)


async def test_time_in_which_messages_wait_does_not_count(ipykernel_6: PaperKernel) -> None:
    """The timer ends after so many turns that found nothing left to handle."""
    done = threading.Event()
    waiting = timer(0.02, done.set)
    for _ in range(4):
        await ipykernel_6.turn(waiting=1)
    await ipykernel_6.turn(waiting=0)
    assert not done.is_set()
    await ipykernel_6.turn(waiting=0)
    assert done.wait(10)
    waiting.join(10)
    assert not waiting.is_alive()


async def test_a_cancelled_timer_does_nothing(ipykernel_6: PaperKernel) -> None:
    """Also where it was cancelled while the kernel was busy."""
    done = threading.Event()
    waiting = timer(0.01, done.set)
    work = ipykernel_6.turns.get(timeout=10)
    waiting.cancel()
    await work()
    waiting.join(10)
    assert not waiting.is_alive()
    assert not done.is_set()


def test_other_kernels_count_every_second() -> None:
    """Elsewhere it is a timer like any other."""
    done = threading.Event()
    timer(0.001, done.set)
    assert done.wait(10)
