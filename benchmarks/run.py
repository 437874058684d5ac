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

    ours, peers = imports.measure(repeats)
    ratio = min(ours) / min(peers)
    met = ratio <= imports.GOAL
    print(f"N5 import sw_notebook / import anywidget, {repeats} runs each, taken in turn")
    for name, seconds in (("sw_notebook", ours), ("anywidget", peers)):
        print(f"   {name:<12} min {1e3 * min(seconds):7.1f} ms   max {1e3 * max(seconds):7.1f} ms")
    verdict = "met" if met else "missed"
    print(f"   ratio of the minima {ratio:.3f}, goal at most {imports.GOAL}: {verdict}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
