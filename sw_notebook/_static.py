"""The built page: a small loader for each model, and the application that is sent once a page."""

from __future__ import annotations

import functools
import hashlib
import os
from pathlib import Path

__all__ = ["application", "application_hash", "loader"]

# the variable is for a page that was built otherwise, as `make coverage` does
_STATIC = Path(os.environ.get("SW_NOTEBOOK_STATIC") or Path(__file__).parent / "static")


def _read(name: str) -> bytes:
    try:
        return (_STATIC / name).read_bytes()
    except FileNotFoundError:
        raise RuntimeError(
            f"sw_notebook was installed without {name}: in a checkout run  make build , "
            "else install the wheel again"
        ) from None


@functools.cache
def loader() -> str:
    """Return the ES module that anywidget gets."""
    return _read("loader.js").decode()


@functools.cache
def application() -> bytes:
    """Return the ES module with views, session and SDK."""
    return _read("application.js")


@functools.cache
def application_hash() -> str:
    """Return the key under which a page keeps the application."""
    return hashlib.sha256(application()).hexdigest()[:16]
