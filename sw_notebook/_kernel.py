"""What ipykernel's versions need so that calls work while cells run."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from typing import Any

__all__ = ["pin_routing", "spawn", "timer"]


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
    """Run ``work`` once after ``seconds``, in a daemon thread that may use widgets."""
    context = contextvars.copy_context()
    waiting = threading.Timer(seconds, lambda: context.run(work))
    waiting.daemon = True
    waiting.start()
    return waiting
