"""Runs the checks one after the other, a line for each, up to the first that fails.

Usage: ``python -m tools.check [all|lint|types|test] [-- pytest arguments]``
"""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass

__all__ = ["Stage", "main"]


@dataclass(frozen=True)
class Stage:
    """One check: its name, the target it belongs to and the module it runs."""

    name: str
    target: str
    command: tuple[str, ...]

    def run(self) -> int:
        """Run quietly; show what it said where it failed."""
        begun = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", *self.command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            print(done.stdout, end="")
        outcome = "failed" if done.returncode else "ok"
        print(f"{self.name:<8} {outcome:<6} {time.monotonic() - begun:6.1f} s", flush=True)
        return done.returncode


# Two workers, a file to each at a time: a test of the browser waits more than it computes.  In
# their order, as what needs a browser has to come last in each worker.
WORKERS = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")

STAGES = (
    Stage("ruff", "lint", ("ruff", "check", ".")),
    Stage("format", "lint", ("ruff", "format", "--check", ".")),
    Stage("mypy", "types", ("mypy",)),
    Stage("tsc", "types", ("tools.node", "run", "types")),
    Stage("eslint", "lint", ("tools.node", "run", "lint")),
    Stage("vitest", "test", ("tools.node", "test")),
)


def main(args: list[str] | None = None) -> int:
    """Run the checks of one target, and pytest last so that its summary is what is left."""
    args = sys.argv[1:] if args is None else args
    target, extra = (args[0] if args else "all"), args[1:]
    for stage in STAGES:
        if target in {"all", stage.target} and (status := stage.run()):
            return status
    if target not in {"all", "test"}:
        return 0
    print("pytest   …", flush=True)
    extra = extra[1:] if extra[:1] == ["--"] else extra
    return subprocess.run(
        [sys.executable, "-m", "pytest", *WORKERS, *extra], check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
