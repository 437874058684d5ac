"""The cell that runs: which one it is, what is typed into it, and what its runs have made."""

from __future__ import annotations

import dataclasses
import sys
import weakref
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["Execution", "Superseded", "current", "source"]


@dataclasses.dataclass(frozen=True)
class Execution:
    """One run of one cell."""

    cell: str
    """The cell's id in its document."""
    run: str
    """The id of the message that asked for this run."""


class Superseded:
    """Remembers what each cell has made, and hands out what an earlier run of it has left.

    >>> made = Superseded()
    >>> class Thing: ...
    >>> first, second, third = Thing(), Thing(), Thing()
    >>> made.add(Execution("a", "1"), first), made.add(Execution("a", "1"), second)
    ([], [])
    >>> made.add(Execution("a", "2"), third) == [first, second]
    True
    """

    def __init__(self) -> None:
        self._runs: dict[str, tuple[str, list[weakref.ref[Any]]]] = {}
        self._past: dict[str, set[str]] = {}

    def add(self, execution: Execution, made: object) -> list[Any]:
        """Remember what this run has made; return what earlier runs of its cell have left."""
        run, left = self._runs.get(execution.cell, ("", []))
        past = self._past.setdefault(execution.cell, set())
        if execution.run in past:
            return []  # by a task that an earlier run has left in the background
        older = []
        if run != execution.run:
            past.add(run)
            older = [thing for reference in left if (thing := reference()) is not None]
            left = []
        left.append(weakref.ref(made))
        self._runs[execution.cell] = (execution.run, left)
        return older


def current(find: Callable[[], Any] | None = None) -> Execution | None:
    """Return the run in which this code is, or None where the front end names no cell.

    JupyterLab, Notebook 7 and VS Code send the cell's id with each request to execute.
    """
    parent = _request(find)
    if parent is None:
        return None
    header, metadata = parent.get("header"), parent.get("metadata")
    if not isinstance(header, Mapping) or not isinstance(metadata, Mapping):
        return None
    cell, run = metadata.get("cellId"), header.get("msg_id")
    if header.get("msg_type") != "execute_request" or not cell or not run:
        return None
    return Execution(str(cell), str(run))


def source(find: Callable[[], Any] | None = None) -> str:
    """Return the text of the cell in which this code is, or "" where it is in none."""
    content = (_request(find) or {}).get("content")
    code = content.get("code") if isinstance(content, Mapping) else None
    return code if isinstance(code, str) else ""


def _request(find: Callable[[], Any] | None) -> Mapping[Any, Any] | None:
    """The message that the kernel is at work on."""
    # Not imported: where IPython is not there, neither is a cell.
    find = find or getattr(sys.modules.get("IPython"), "get_ipython", None)
    shell = find() if find is not None else None
    parent: object = getattr(shell, "get_parent", dict)()
    return parent if isinstance(parent, Mapping) else None
