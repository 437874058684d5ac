"""N5: importing sw_notebook against ``import anywidget``, each in a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys

from .goal import Result, ratio, spread

__all__ = ["measure"]

RATIO_GOAL = 1.15
PEER = "import anywidget"
STATEMENT = "import sw_notebook"
# Names load on first use: what the first cell pays is shown beside the goal, not judged by it.
WITH_CALL = "from sw_notebook import Call"


def measure(repeats: int) -> list[Result]:
    """Time each statement, in turn so that all see the same load."""
    statements = (STATEMENT, WITH_CALL, PEER)
    for statement in statements:
        _seconds(statement)  # the first run reads the disk
    seconds: dict[str, list[float]] = {statement: [] for statement in statements}
    for _ in range(2 * repeats):  # they are short
        for statement in statements:
            seconds[statement].append(_seconds(statement))
    peer = seconds[PEER]
    found = ratio(seconds[STATEMENT], peer)
    return [
        Result(
            "N5",
            f"`{STATEMENT}` ≤ {RATIO_GOAL} × `{PEER}`",
            f"{found:.2f} × ({spread(seconds[STATEMENT], 1e3, ' ms')}; "
            f"peer {spread(peer, 1e3, ' ms')})",
            found <= RATIO_GOAL,
        ),
        Result(
            "N5",
            f"`{WITH_CALL}`",
            f"{ratio(seconds[WITH_CALL], peer):.2f} × ({spread(seconds[WITH_CALL], 1e3, ' ms')})",
            None,
        ),
    ]


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
