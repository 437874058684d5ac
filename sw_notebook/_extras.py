"""Whether the packages of an extra are installed, looked at without loading any."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec

from .exceptions import MissingExtraError

__all__ = ["need"]


def need(what: str, extra: str, modules: Iterable[str]) -> None:
    """Refuse to go on where a module cannot be found.

    Args:
        what: needs them, for the words.
        extra: brings them.
        modules: the names to import them by.

    Raises:
        MissingExtraError: the first that is missing.

    >>> need("The example", "media", ["json", "wave"])
    """
    for module in modules:
        if find_spec(module) is None:
            raise MissingExtraError(what, extra, module)
