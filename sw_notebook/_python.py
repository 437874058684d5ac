"""How processes of this package are started from this one."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from .credentials import VARIABLES

__all__ = ["environment", "module"]


def module(name: str, *arguments: str) -> list[str]:
    """Return the command that runs a module.

    ``-P``: a notebook's folder may hold a file that is named like a module.

    >>> module("sw_notebook.space", "--help")[1:]
    ['-P', '-m', 'sw_notebook.space', '--help']
    """
    return [sys.executable, "-P", "-m", name, *arguments]


def environment() -> dict[str, str]:
    """Return this environment, and where this process finds its modules, installed or not.

    The project's API token is left out: no process of ours needs it.
    """
    folders = [folder for folder in sys.path if folder]
    path = os.pathsep.join([*folders, str(Path(__file__).parents[1])])
    kept = {name: value for name, value in os.environ.items() if name != VARIABLES[2]}
    return {**kept, "PYTHONPATH": path}
