"""Tells the pages what to paint: at once, but no more often than anybody can see."""

from __future__ import annotations

import contextlib
import contextvars
import threading
import time
from collections.abc import Callable, Iterator, Sequence

from .records import Message

__all__ = ["FLOOD", "FLOOD_INTERVAL", "INTERVAL", "Pace"]

INTERVAL = 0.05
"""Seconds from one paint to the next.

What goes to the pages costs JupyterLab more than what comes from them: at 100 statuses a second,
each with its own traits and its own line of the log, the page fell behind by 70 to 300 ms, and by
10 to 15 ms where nothing was sent back (``make bench ARGS="--only N2"`` measures the former).
"""

FLOOD = 6
"""After so many paints in a row that had to wait for their time, nobody reads them one by one."""

FLOOD_INTERVAL = 0.25
"""Seconds from one paint to the next in such a flood."""


class Pace:
    """Gathers what changed, traits by name and lines of the log, and sends it together.

    The first change goes at once, or when :meth:`together` is left; those of the next 50 ms go
    together when these are over, and in a flood those of the next 250 ms.  Any thread may use it.

    Args:
        send: takes the names and the lines; called by one thread at a time.
    """

    def __init__(self, send: Callable[[Sequence[str], Sequence[Message]], None]) -> None:
        self._send = send
        self._lock = threading.Lock()
        self._sending = threading.RLock()  # asking for a trait may make another one
        self._names: dict[str, None] = {}
        self._lines: list[Message] = []
        self._held = 0
        self._next = 0.0
        self._row = 0  # paints that had to wait for their time
        self._late = False
        self._timer: threading.Timer | None = None

    def state(self, name: str) -> None:
        """Send this trait; its value is that of the moment in which it is sent."""
        with self._lock:
            self._names[name] = None
        self._go()

    def line(self, message: Message) -> None:
        """Send this line of the log."""
        with self._lock:
            self._lines.append(message)
        self._go()

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Hold back what changes in the block, but no longer than any change waits."""
        with self._lock:
            self._held += 1
        try:
            yield
        finally:
            with self._lock:
                self._held -= 1
            self._go()

    def flush(self) -> None:
        """Send what is to be sent, now."""
        with self._sending:
            with self._lock:
                names, lines = list(self._names), self._lines
                self._names, self._lines = {}, []
                if self._timer is not None:
                    self._timer.cancel()
                    self._timer = None
                if not names and not lines:
                    return
                self._row = self._row + 1 if self._late else 0
                self._late = False
                interval = FLOOD_INTERVAL if self._row >= FLOOD else INTERVAL
                self._next = time.monotonic() + interval
            self._send(names, lines)

    def _go(self) -> None:
        with self._lock:
            if not self._names and not self._lines:
                return
            wait = self._next - time.monotonic()
            self._late = self._late or wait > 0
            if self._held or wait > 0:
                if self._timer is None:
                    self._timer = _after(wait if wait > 0 else INTERVAL, self.flush)
                return
        self.flush()


def _after(seconds: float, work: Callable[[], None]) -> threading.Timer:
    # Not _kernel.timer(): on ipykernel 6 that one waits for the end of the cell.
    context = contextvars.copy_context()
    waiting = threading.Timer(seconds, lambda: context.run(work))
    waiting.daemon = True
    waiting.start()
    return waiting
