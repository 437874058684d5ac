"""What the kernels and their versions need so that calls work while cells run."""

from __future__ import annotations

import asyncio
import contextvars
import sys
import threading
from collections.abc import Callable
from typing import Any

from .exceptions import CannotWaitError

__all__ = ["counts_only_heard_time", "pin_routing", "refuse_wait", "spawn", "timer"]

SLICE = 0.5
"""Seconds after which ipykernel 6 is asked whether it has heard all that was said."""

_CELLS = {"InteractiveShell.run_cell_async", "Evaluator.evaluate"}
"""The coroutines in which ipykernel and marimo run a cell that awaits."""


def pin_routing(comm: Any) -> None:
    """Let the page's messages be handled beside the running cell, also on ipykernel 7.4.

    7.4 sends a message to the loop that last wrote to its comm: after a cell has written, the
    page's answers wait for the end of that cell.  This restores what 7.0 to 7.3 do.  The name
    is private, so nothing happens where it is missing (measured with ipykernel 7.4.0).
    """
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = lambda _data, default: default


def spawn(work: Callable[[], None], name: str) -> threading.Thread:
    """Run ``work`` in a daemon thread that may use widgets.

    ipykernel 7.0 keeps the parent of a message in a context variable and raises in a thread
    that lacks it.
    """
    context = contextvars.copy_context()
    thread = threading.Thread(target=lambda: context.run(work), name=name, daemon=True)
    thread.start()
    return thread


def timer(seconds: float, work: Callable[[], None]) -> threading.Timer:
    """Run ``work`` once the page had so many seconds to be heard.

    It runs in a daemon thread that may use widgets.  On ipykernel 6 the time in which a cell
    keeps the page's messages waiting does not count.
    """
    context = contextvars.copy_context()
    kernel = _ipykernel_6()
    waiting = (
        threading.Timer(seconds, lambda: context.run(work))
        if kernel is None
        else _HearingTimer(kernel, seconds, lambda: context.run(work))
    )
    waiting.daemon = True
    waiting.start()
    return waiting


class _HearingTimer(threading.Timer):
    """A timer that counts only what ipykernel 6 has heard to the end."""

    def __init__(self, kernel: Any, seconds: float, work: Callable[[], None]) -> None:
        super().__init__(seconds, work)
        self._kernel = kernel

    def run(self) -> None:
        left = self.interval
        while left > 0:
            part = min(left, SLICE)
            if self.finished.wait(part):
                return
            if self._heard_all():
                left -= part
        if not self.finished.is_set():
            self.finished.set()
            self.function()

    def _heard_all(self) -> bool:
        """Wait for the kernel's turn; whether no message was left to handle then."""
        kernel = self._kernel
        turn = threading.Event()
        waiting = 0

        async def look() -> None:
            nonlocal waiting
            kernel.shell_stream.flush()  # what the socket still holds joins the queue
            waiting = kernel.msg_queue.qsize()
            turn.set()

        # behind all that waits; the queue is not thread-safe, add_callback() is
        kernel.io_loop.add_callback(kernel.schedule_dispatch, look)
        turn.wait()
        return waiting == 0


def refuse_wait(status: str) -> None:
    """Raise where a cell that awaits keeps out the very messages that it waits for.

    Only the cell's own coroutine is refused: one that it left in the background is heard as
    soon as the cell has ended.

    Raises:
        CannotWaitError: this kernel takes no message of a page while a cell runs.
    """
    task = asyncio.current_task()
    if getattr(task and task.get_coro(), "__qualname__", "") not in _CELLS:
        return
    if _ipykernel_6() is not None:
        raise CannotWaitError(status, f"ipykernel {sys.modules['ipykernel'].__version__}")
    marimo = sys.modules.get("marimo")
    if marimo is not None and marimo.running_in_notebook():
        raise CannotWaitError(status, "marimo")


def counts_only_heard_time() -> bool:
    """Whether :func:`timer` leaves out the time in which a cell keeps messages waiting."""
    return _ipykernel_6() is not None


def _ipykernel_6() -> Any:
    """Return the kernel that this process is, if it is one of ipykernel before 7, else None."""
    version = getattr(sys.modules.get("ipykernel"), "version_info", (7,))
    if version >= (7,):
        return None
    shell = sys.modules["IPython"].get_ipython()
    kernel = getattr(shell, "kernel", None)
    return kernel if hasattr(kernel, "schedule_dispatch") else None
