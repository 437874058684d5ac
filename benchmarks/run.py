"""Runs every benchmark and prints a table: goal, ratio of the minima, spread.

Usage: ``python -m benchmarks.run [--repeats N]``
"""

from __future__ import annotations

import argparse
import sys

from . import imports

__all__ = ["main"]


def main(args: list[str] | None = None) -> int:
    """Measure, print, and return 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--repeats", type=int, default=9, help="runs of each side, at least 5")
    repeats = max(5, parser.parse_args(args).repeats)

    seconds = imports.measure(repeats)
    limit = min(seconds[imports.PEER])
    print(f"N5 import time, {repeats} runs each, taken in turn; goal: ratio ≤ {imports.GOAL}")
    met = True
    for statement, runs in seconds.items():
        ratio = min(runs) / limit
        met = met and (ratio <= imports.GOAL or statement != imports.STATEMENT)
        print(
            f"   {statement:<30} min {1e3 * min(runs):6.1f} ms"
            f"   max {1e3 * max(runs):6.1f} ms   ratio of minima {ratio:.2f}"
        )
    print(f"   {'met' if met else 'missed'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
