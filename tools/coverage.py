"""Runs every test with counters in the Python package and in the page, and says what none ran.

Counted are the statements of ``sw_notebook`` in pytest, in the kernels and in the spaces, and those
of ``js/src`` in vitest and in the browser.  ``docs/coverage.md`` says why what is left is left.

Usage: ``python -m tools.coverage [-- pytest arguments]``, or with ``--report`` for what the last
run has left.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .bundle import install
from .check import WORKERS
from .node import ensure

__all__ = ["LEAST", "Covered", "main", "of_page", "of_python", "ranges", "table"]

LEAST = 95.0
"""Per cent of the statements of either language; below it the run fails."""

_ROOT = Path(__file__).parent.parent
_FOLDER = _ROOT / "test-results" / "coverage"
# counting takes time, and this profile of hypothesis knows no deadline
_PATIENT = ("--timeout", "300", "--hypothesis-profile", "ci")


@dataclass(frozen=True)
class Covered:
    """What the tests ran of one file.

    Attributes:
        name: the file.
        statements: how many it has.
        missed: the line of each statement that nothing ran.
        branches: how many ways no test took, out of statements that some test ran.
    """

    name: str
    statements: int
    missed: tuple[int, ...]
    branches: int

    @property
    def percent(self) -> float:
        """How much of it was run."""
        return _percent([self])


def of_page(
    maps: Mapping[str, Any], counted: Iterable[Mapping[str, Any]], prefix: str = "js/"
) -> list[Covered]:
    """Return what is covered of each file of the page, out of the counters of many pages."""
    statements = {file: dict.fromkeys(kept["statementMap"], 0) for file, kept in maps.items()}
    branches = {
        file: {key: [0] * len(ways) for key, ways in kept["b"].items()}
        for file, kept in maps.items()
    }
    for counters in counted:
        for file, found in counters.items():
            for key, count in found["s"].items():
                statements[file][key] += count
            for key, ways in found["b"].items():
                before = branches[file][key]
                branches[file][key] = [sum(pair) for pair in zip(before, ways, strict=True)]
    return [
        Covered(
            prefix + file,
            len(statements[file]),
            tuple(
                sorted(
                    kept["statementMap"][key]["start"]["line"]
                    for key, count in statements[file].items()
                    if not count
                )
            ),
            sum(ways.count(0) for ways in branches[file].values() if any(ways)),
        )
        for file, kept in maps.items()
        if kept["statementMap"]
    ]


def of_python(report: Mapping[str, Any]) -> list[Covered]:
    """Return what is covered of each file in a JSON report of coverage.py."""
    return [
        Covered(
            name,
            found["summary"]["num_statements"],
            tuple(found["missing_lines"]),
            # a way out of a line that nothing ran is not told twice
            sum(
                1
                for line, _ in found["missing_branches"]
                if abs(line) not in found["missing_lines"]
            ),
        )
        for name, found in sorted(report["files"].items())
        if found["summary"]["num_statements"]
    ]


def ranges(lines: Iterable[int]) -> str:
    """Return numbers as a person writes them: ``3, 7-9``."""
    return ", ".join(
        str(first) if first == last else f"{first}-{last}" for first, last in _runs(lines)
    )


def table(title: str, files: list[Covered]) -> str:
    """Return a line for each file, and one for all of them."""
    width = max(len(file.name) for file in files)
    head = f"{title:<{width}}  statements  missed  branches missed  covered  lines not covered"
    rows = [head, "-" * len(head)]
    rows += [
        f"{file.name:<{width}}  {file.statements:>10}  {len(file.missed):>6}  {file.branches:>15}"
        f"  {file.percent:>6.1f}%  {ranges(file.missed)}".rstrip()
        for file in files
    ]
    rows.append(
        f"{'all':<{width}}  {sum(file.statements for file in files):>10}"
        f"  {sum(len(file.missed) for file in files):>6}"
        f"  {sum(file.branches for file in files):>15}  {_percent(files):>6.1f}%"
    )
    return "\n".join(rows)


def main(args: list[str] | None = None) -> int:
    """Run, and print the tables; fail where a test failed or too little is covered."""
    args = sys.argv[1:] if args is None else args
    status = 0 if args[:1] == ["--report"] else _run(args[1:] if args[:1] == ["--"] else args)
    page = of_page(json.loads((_FOLDER / "static" / "maps.json").read_text()), _counters())
    python = of_python(json.loads((_FOLDER / "python.json").read_text()))
    for title, files in (("TypeScript", page), ("Python", python)):
        print(f"\n{table(title, files)}")
        if _percent(files) < LEAST:
            print(f"{title}: less than {LEAST:g} % of the statements are covered")
            status = status or 1
    if status < 0 or status > 1:
        print("The tests did not come to their end: the tables show a part.")
    return status


def _run(extra: list[str]) -> int:
    """Build with counters, run vitest and pytest, and leave what they counted."""
    shutil.rmtree(_FOLDER, ignore_errors=True)
    static, data = _FOLDER / "static", _FOLDER / "python"
    for folder in (static, data, _FOLDER / "counters"):
        folder.mkdir(parents=True)
    os.environ |= {
        "COVERAGE_FILE": str(data / "coverage"),
        "SW_NOTEBOOK_COVERAGE": str(_FOLDER),
        "SW_NOTEBOOK_STATIC": str(static),
    }
    install()
    npm = ensure().run_npm
    if status := npm("run", "build", "--", f"--coverage={static}"):
        return status
    status = npm("run", "coverage")
    tests = _python("coverage", "run", "-m", "pytest", *WORKERS, *_PATIENT, *extra)
    _python("coverage", "combine", "--quiet")
    _python("coverage", "json", "--quiet", "-o", str(_FOLDER / "python.json"))
    return status or tests


def _python(*module: str) -> int:
    return subprocess.run([sys.executable, "-m", *module], cwd=_ROOT, check=False).returncode


def _counters() -> Iterator[dict[str, Any]]:
    for path in (_FOLDER / "counters").glob("*.json"):
        yield json.loads(path.read_text())


def _percent(files: list[Covered]) -> float:
    statements = sum(file.statements for file in files)
    return 100 * (1 - sum(len(file.missed) for file in files) / statements)


def _runs(lines: Iterable[int]) -> Iterator[tuple[int, int]]:
    first = last = 0
    for line in sorted(set(lines)):
        if first and line != last + 1:
            yield first, last
        if not first or line != last + 1:
            first = line
        last = line
    if first:
        yield first, last


if __name__ == "__main__":
    sys.exit(main())
