"""Measures the goals of the design and prints a table: goal, what was found, met or missed.

Usage: ``python -m benchmarks.run [--repeats N] [--only N1 ...]``
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Iterator

from . import dialing, events, imports, showing
from .desk import Desk
from .goal import Result

__all__ = ["main"]

_IN_A_PAGE: dict[str, Callable[[Desk, int], list[Result]]] = {
    "N1": showing.measure,
    "N2": events.measure,
    "N3": dialing.measure,
}
_ALONE: dict[str, Callable[[int], list[Result]]] = {"N5": imports.measure}


def main(args: list[str] | None = None) -> int:
    """Measure, print, and return 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="runs of each side, at least 5")
    known = sorted(_IN_A_PAGE | _ALONE)
    parser.add_argument("--only", nargs="+", choices=known, default=known, help="these goals")
    options = parser.parse_args(args)
    repeats = max(5, options.repeats)

    load = os.getloadavg()[0]
    print(f"{repeats} runs of each side, in turn; spreads are minimum / median / maximum.")
    print(f"{os.cpu_count()} cores, load {load:.1f} before. Judged by the minima, and by counts.\n")
    print("| # | goal | measured | |\n|---|---|---|---|")
    missed = 0
    for result in _measure(options.only, repeats):
        print(
            f"| {result.number} | {result.goal} | {result.measured} | {result.verdict} |",
            flush=True,
        )
        missed += result.met is False
    print(f"\n{missed} missed" if missed else "\nall met")
    return 1 if missed else 0


def _measure(wanted: Iterable[str], repeats: int) -> Iterator[Result]:
    for number in wanted:
        if number in _ALONE:
            yield from _ALONE[number](repeats)
    in_a_page = [number for number in wanted if number in _IN_A_PAGE]
    if in_a_page:
        with Desk.open() as desk:
            for number in in_a_page:
                yield from _IN_A_PAGE[number](desk, repeats)


if __name__ == "__main__":
    sys.exit(main())
