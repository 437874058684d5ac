"""Runs the tests that need no browser on each newer Python that this machine has.

Each gets an environment of its own in ``.venvs/``; the arguments are pytest's.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = ["interpreters", "main"]

_MINORS = (12, 13, 14)
_ROOT = Path(__file__).parent.parent

_NOTHING_CHOSEN = 5
"""pytest's exit status where no test was left: the arguments choose tests with a browser only."""


def interpreters() -> Iterator[tuple[str, str]]:
    """Yield version and path of each newer Python that starts."""
    for minor in _MINORS:
        if minor == sys.version_info.minor:
            continue
        name = f"python3.{minor}"
        pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
        installed = sorted(pyenv.glob(f"3.{minor}.*/bin/{name}"), reverse=True)
        candidates = [*installed, *([Path(path)] if (path := shutil.which(name)) else [])]
        for candidate in candidates:
            if _runs(str(candidate), "-c", "import ensurepip, venv"):
                yield f"3.{minor}", str(candidate)
                break


def _runs(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _prepare(version: str, interpreter: str) -> Path:
    """Return the interpreter of an environment that has what the tests need."""
    home = _ROOT / ".venvs" / version
    python, stamp = home / "bin" / "python", home / "dev.stamp"
    project = _ROOT / "pyproject.toml"
    if not stamp.is_file() or stamp.stat().st_mtime < project.stat().st_mtime:
        subprocess.run([interpreter, "-m", "venv", str(home)], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--editable", f"{_ROOT}[dev]"]
        subprocess.run(pip, check=True)
        stamp.touch()
    return python


def main(args: list[str] | None = None) -> int:
    """Run the tests on each interpreter; the first that fails ends it."""
    args = sys.argv[1:] if args is None else args
    found = list(interpreters())
    if not found:
        print("no newer Python is installed here, so only this one was tested")
    for version, interpreter in found:
        python = _prepare(version, interpreter)
        print(f"Python {version} …", flush=True)
        command = [str(python), "-m", "pytest", "-m", "not soak and not browser", *args]
        status = subprocess.run(command, cwd=_ROOT, check=False).returncode
        if status not in {0, _NOTHING_CHOSEN}:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
