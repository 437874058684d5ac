"""Builds the page's half of the package, ``js/`` to ``sw_notebook/static/``, where it is stale."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from .node import NodeMissingError, ensure

__all__ = ["FILES", "BundleError", "build", "install", "is_fresh", "main"]

FILES = ("loader.js", "application.js", "licenses.txt", "manifest.json")
_ROOT = Path(__file__).parent.parent
_GENERATED = {"node_modules", "coverage", "dist"}


class BundleError(RuntimeError):
    """The bundle could not be built."""


def is_fresh(root: Path = _ROOT) -> bool:
    """Tell whether every built file is there and none of its sources is newer.

    A source distribution brings the built files with its sources' own times, so it is fresh.
    """
    built = [root / "sw_notebook" / "static" / name for name in FILES]
    if not all(file.is_file() for file in built):
        return False
    oldest = min(file.stat().st_mtime for file in built)
    return all(source.stat().st_mtime <= oldest for source in _sources(root / "js"))


def install(root: Path = _ROOT) -> None:
    """Install the npm packages of ``package-lock.json`` unless they are there.

    Raises:
        BundleError: npm failed.
        NodeMissingError: there is no Node.js and it could not be installed.
    """
    lock = root / "js" / "package-lock.json"
    if not lock.is_file():
        raise BundleError(f"{lock} is missing: take the whole repository, or a built wheel")
    # npm writes this file last
    installed = root / "js" / "node_modules" / ".package-lock.json"
    if installed.is_file() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return
    _npm(root, "ci", "--no-audit", "--no-fund")
    installed.touch()


def build(root: Path = _ROOT) -> None:
    """Build the bundle unless it is fresh.

    Raises:
        BundleError: npm failed, or left a file out.
        NodeMissingError: there is no Node.js and it could not be installed.
    """
    if is_fresh(root):
        return
    install(root)
    _npm(root, "run", "build")
    static = root / "sw_notebook" / "static"
    if missing := [name for name in FILES if not (static / name).is_file()]:
        raise BundleError(f"npm run build left out {', '.join(missing)}: see js/build.mjs")


def _sources(js: Path) -> Iterator[Path]:
    for entry in js.iterdir() if js.is_dir() else ():
        if entry.name in _GENERATED:
            continue
        if entry.is_file():
            yield entry
        else:
            yield from (file for file in entry.rglob("*") if file.is_file())


def _npm(root: Path, *args: str) -> None:
    status = ensure().run_npm(*args, cwd=root / "js")
    if status:
        raise BundleError(
            f"npm {' '.join(args)} failed with exit status {status} in {root / 'js'}: "
            "its own message is above"
        )


def main() -> int:
    """Install the npm packages and build what is stale."""
    try:
        install()
        build()
    except (BundleError, NodeMissingError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
