"""N5: ``import sw_notebook`` against ``import anywidget``, each in a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys
import time

__all__ = ["GOAL", "measure"]

GOAL = 1.15


def measure(repeats: int) -> tuple[list[float], list[float]]:
    """Return seconds for ours and for the peer, taken in turn so that both see the same load."""
    ours: list[float] = []
    peers: list[float] = []
    for module in ("sw_notebook", "anywidget"):
        _seconds(module)  # the first run reads the disk
    for _ in range(repeats):
        ours.append(_seconds("sw_notebook"))
        peers.append(_seconds("anywidget"))
    return ours, peers


def _seconds(module: str) -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
    return time.perf_counter() - begun
