"""Finds the Chromium that the tests drive, or installs one.

Usage: ``python -m tools.browser`` prints its path.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from . import debian

__all__ = ["BrowserMissingError", "ensure", "find", "main"]

_VARIABLE = "SW_NOTEBOOK_BROWSER"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


class BrowserMissingError(RuntimeError):
    """No browser that starts, and none could be installed."""


def find() -> Path | None:
    """Return a browser that starts: the one asked for, the machine's, else Playwright's.

    Raises:
        BrowserMissingError: the one that ``SW_NOTEBOOK_BROWSER`` names does not start.
    """
    if wanted := os.environ.get(_VARIABLE):
        if _starts(wanted):
            return Path(wanted)
        raise BrowserMissingError(
            f"{_VARIABLE}={wanted} does not start: set it to a Chromium or Chrome, or unset it"
        )
    return next((Path(path) for path in _candidates() if _starts(path)), None)


def ensure() -> Path:
    """Return a browser, installing one where none is there.

    Raises:
        BrowserMissingError: none could be had.
    """
    if found := find():
        return found
    for install in (_from_debian, _from_playwright):
        if install() and (found := find()):
            return found
    raise BrowserMissingError(
        "no Chromium or Chrome starts here and none could be installed: "
        f"install one, or set {_VARIABLE} to its path, then run this again"
    )


def _candidates() -> Iterator[str]:
    yield from (path for name in _NAMES if (path := shutil.which(name)))
    yield from (path for path in _APPLICATIONS if Path(path).is_file())
    if path := _of_playwright():
        yield path


def _starts(path: str) -> bool:
    """Start it once: what is called chromium may be a stub that asks for another package."""
    try:
        said = subprocess.run(
            [path, "--version"], capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return said.returncode == 0 and "chrom" in said.stdout.lower()


def _from_debian() -> bool:
    return debian.install("chromium", "browser")


def _from_playwright() -> bool:
    if importlib.util.find_spec("playwright") is None:
        return False
    print("no browser: installing Playwright's chromium", file=sys.stderr)
    return debian.runs(sys.executable, "-m", "playwright", "install", "chromium")


def _of_playwright() -> str | None:
    """Ask Playwright, in a process of its own, where it keeps its browser."""
    if importlib.util.find_spec("playwright") is None:
        return None
    program = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as playwright: print(playwright.chromium.executable_path)"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    return said.stdout.strip() or None


def main() -> int:
    """Print the path of a browser, installing one where none is there."""
    try:
        print(ensure())
    except BrowserMissingError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
