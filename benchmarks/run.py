"""Measures the goals of the design and prints a table: goal, what was found, met or missed.

Usage: ``python -m benchmarks.run [--repeats N] [--only N1 ...] [--json FILE]``
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from . import crowding, dialing, events, hearing, holding, imports, losing, receiving, showing
from .desk import Desk
from .goal import Result

__all__ = ["main"]

_IN_A_PAGE: dict[str, Callable[[Desk, int], list[Result]]] = {
    "N1": showing.measure,
    "N2": events.measure,
    "N3": dialing.measure,
}
# G1 measures G2 and G9 in the same runs.
_ALONE: dict[str, Callable[[int], Iterable[Result]]] = {
    "G1": receiving.measure,
    "G6": hearing.measure,
    "G7": holding.handover,
    "N5": imports.measure,
}
_COUNTED: dict[str, Callable[[], Iterable[Result]]] = {
    "G3": holding.busy,
    "G4": holding.growth,
    "G5": losing.measure,
    "S1": crowding.rooms,
    "S2": crowding.bars,
}


def main(args: list[str] | None = None) -> int:
    """Measure, print, and return 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="runs of each side, at least 5")
    known = sorted({*_IN_A_PAGE, *_ALONE, *_COUNTED})
    parser.add_argument("--only", nargs="+", choices=known, default=known, help="these goals")
    parser.add_argument("--json", type=Path, help="write the table there, too")
    options = parser.parse_args(args)
    repeats = max(5, options.repeats)

    machine = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before"
    print(f"{repeats} runs of each side, in turn; spreads are minimum / median / maximum.")
    print(f"{machine}. Judged by the minima, and by counts.\n")
    print("| # | goal | measured | |\n|---|---|---|---|")
    found: list[Result] = []
    for result in _measure(options.only, repeats):
        row = (result.number, result.goal, result.measured, result.verdict)
        print(f"| {' | '.join(row)} |", flush=True)
        found.append(result)
    if options.json is not None:
        rows = [dataclasses.asdict(result) for result in found]
        text = json.dumps({"machine": machine, "repeats": repeats, "goals": rows}, indent=1)
        options.json.write_text(text + "\n")
    missed = sum(result.met is False for result in found)
    print(f"\n{missed} missed" if missed else "\nall met")
    return 1 if missed else 0


def _measure(wanted: Iterable[str], repeats: int) -> Iterator[Result]:
    for number in wanted:
        if number in _ALONE:
            yield from _ALONE[number](repeats)
        elif number in _COUNTED:
            yield from _COUNTED[number]()
    in_a_page = [number for number in wanted if number in _IN_A_PAGE]
    if in_a_page:
        with Desk.open() as desk:
            for number in in_a_page:
                yield from _IN_A_PAGE[number](desk, repeats)


if __name__ == "__main__":
    sys.exit(main())
