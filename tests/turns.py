"""Turns: a test that fills the machine by itself has it for itself, whatever other workers do."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

__all__ = ["Turns"]


class Turns:
    """What runs beside others, and what runs alone, in all processes that share a folder.

    Who wants to be alone waits at the gate, behind which nobody else begins meanwhile.
    """

    def __init__(self, folder: Path) -> None:
        self._gate, self._room = folder / "gate", folder / "room"

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until nobody else is at it, and let nobody begin until this ends."""
        with _locked(self._gate, fcntl.LOCK_EX), _locked(self._room, fcntl.LOCK_EX):
            yield

    @contextlib.contextmanager
    def beside(self) -> Iterator[None]:
        """Wait while somebody is alone, or waits to be."""
        with contextlib.ExitStack() as stack:
            with _locked(self._gate, fcntl.LOCK_EX):
                stack.enter_context(_locked(self._room, fcntl.LOCK_SH))
            yield


@contextlib.contextmanager
def _locked(path: Path, how: int) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, how)
        yield  # closing it lets go
