"""N5: importing sw_notebook against ``import anywidget``, each in a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys

__all__ = ["GOAL", "PEER", "STATEMENT", "measure"]

GOAL = 1.15
PEER = "import anywidget"
STATEMENT = "import sw_notebook"
# Names load on first use: what the first cell pays is shown beside the goal, not judged by it.
WITH_CALL = "from sw_notebook import Call"


def measure(repeats: int) -> dict[str, list[float]]:
    """Return seconds for each statement, taken in turn so that all see the same load."""
    statements = (STATEMENT, WITH_CALL, PEER)
    for statement in statements:
        _seconds(statement)  # the first run reads the disk
    found: dict[str, list[float]] = {statement: [] for statement in statements}
    for _ in range(repeats):
        for statement in statements:
            found[statement].append(_seconds(statement))
    return found


def _seconds(statement: str) -> float:
    """Time the statement where a kernel runs it: asyncio is loaded long before any cell."""
    program = (
        "import asyncio, time\n"
        "begun = time.perf_counter()\n"
        f"{statement}\n"
        "print(time.perf_counter() - begun)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return float(done.stdout)
