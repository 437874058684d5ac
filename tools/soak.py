"""Runs what takes long: the soak tests, then each ending and failure many times in a row.

The arguments are pytest's, for all parts; paths among them take the place of the files below.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

__all__ = ["ENDINGS", "REPEATS", "main"]

_ROOT = Path(__file__).parent.parent

REPEATS = 20

# Three workers, as such tests wait more than they compute; whoever has nothing left takes of the
# others' share, as one file has half of all.
WORKERS = ("-n", "3", "--dist", "worksteal")

ENDINGS = (
    "tests/browser/test_endings.py",
    "tests/browser/test_failures.py",
    "tests/browser/test_in_call.py",
    "tests/browser/test_tabs.py",
    "tests/browser/test_application.py",
    "tests/browser/test_messages.py",
    "tests/browser/test_origins.py",
    "tests/browser/test_reload.py",
    "tests/browser/test_restart.py",
    "tests/browser/test_credentials.py",
    "tests/browser/hosts",
    *(
        f"tests/browser/test_first_call.py::test_hang_up_{how}"
        for how in ("from_python", "from_the_button", "from_the_far_side", "while_dialling")
    ),
    "tests/browser/test_turn.py::test_a_wrong_credential_is_explained",
    "tests/browser/test_turn.py::test_relay_only_without_a_relay",
    "tests/browser/test_turn.py::test_a_browser_that_may_only_relay",
)
"""The browser tests of everything that ends a call, lets one fail, or that it outlives."""

SHOWN = "-raP"
"""What pytest shows beside dots: of those that passed what they printed, as what they measured."""

_NOTHING_CHOSEN = 5
"""pytest's exit status where no test was left; ARGS may choose tests of one part only."""


def main(args: list[str] | None = None) -> int:
    """Run all parts, each also where one before has failed; 0 where none has."""
    args = sys.argv[1:] if args is None else args
    named = any((_ROOT / arg.partition("::")[0]).exists() for arg in args)
    repeated = ["--repeat", str(REPEATS), *([] if named else ENDINGS)]
    statuses = [
        _pytest("-m", "soak", SHOWN, *args),
        _pytest("-m", "not soak", *WORKERS, *repeated, *args),
    ]
    failed = [status for status in statuses if status not in {0, _NOTHING_CHOSEN}]
    if failed:
        return failed[0]
    return _NOTHING_CHOSEN if set(statuses) == {_NOTHING_CHOSEN} else 0


def _pytest(*args: str) -> int:
    command = [sys.executable, "-m", "pytest", *args]
    return subprocess.run(command, cwd=_ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
