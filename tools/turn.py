"""Finds the TURN server that the tests relay media through, or installs one.

Usage: ``python -m tools.turn`` prints its path.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from . import debian

__all__ = ["TurnMissingError", "ensure", "find", "main"]


class TurnMissingError(RuntimeError):
    """No TURN server that starts, and none could be installed."""


def find() -> Path | None:
    """Return coturn's ``turnserver`` where one is on the PATH and starts."""
    found = shutil.which("turnserver")
    return Path(found) if found and _starts(found) else None


def ensure() -> Path:
    """Return a ``turnserver``, installing one where none is there.

    Raises:
        TurnMissingError: none could be had.
    """
    if found := find():
        return found
    # the tests start their own: the package's is of no use, and listens on every address
    if debian.install("coturn", "turnserver", service=True) and (found := find()):
        return found
    raise TurnMissingError(
        "no turnserver starts here and none could be installed: "
        "install coturn, so that turnserver is on the PATH, then run this again"
    )


def _starts(path: str) -> bool:
    """Ask for its help: not every version tells its version."""
    try:
        said = subprocess.run([path, "-h"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.SubprocessError):
        return False
    return "--lt-cred-mech" in said.stdout + said.stderr


def main() -> int:
    """Print the path of a ``turnserver``, installing one where none is there."""
    try:
        print(ensure())
    except TurnMissingError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
