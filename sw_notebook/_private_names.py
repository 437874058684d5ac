"""Whether a library still has the names that it does not promise, and that we use all the same."""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType

__all__ = ["lacking"]


def lacking(
    names: Iterable[tuple[type[object] | ModuleType, str]],
    attributes: Iterable[tuple[type[object], str, str]] = (),
) -> list[str]:
    """Return the names that are gone; empty is as it should be.

    Args:
        names: classes or modules, and what they have.
        attributes: classes, one of their methods, and what of their instances it uses.

    >>> lacking([(str, "strip"), (str, "peel")])
    ['str.peel']
    """
    found = [f"{owner.__name__}.{name}" for owner, name in names if not hasattr(owner, name)]
    for owner, method, name in attributes:
        code = getattr(getattr(owner, method, None), "__code__", None)
        if code is None or name not in code.co_names:
            found.append(f"{owner.__name__}.{name}")
    return found
