"""Says once that a secret is typed into a cell, where the notebook saves it."""

from __future__ import annotations

import warnings

from . import _cells
from .exceptions import SecretInCellWarning

__all__ = ["warn_if_typed"]

SHORTEST = 8
"""Characters; less is in a cell by chance."""

_warned: set[str] = set()


def warn_if_typed(secret: str, what: str) -> None:
    """Warn where the cell that runs has this secret in its text; once for each ``what``."""
    if what in _warned or len(secret) < SHORTEST or secret not in _cells.source():
        return
    _warned.add(what)
    # Without the place: a warning that has one quotes the line, and the secret with it.
    warnings.warn_explicit(
        f"{what} is typed into this cell, and whoever gets the notebook has it: take it out, and "
        "set SIGNALWIRE_SPACE, SIGNALWIRE_PROJECT_ID and SIGNALWIRE_API_TOKEN in the environment, "
        "or read it with getpass.getpass() or keyring.get_password()",
        SecretInCellWarning,
        filename="sw_notebook",
        lineno=1,
    )
