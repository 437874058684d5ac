"""Which names of others a module reaches that those do not promise."""

from __future__ import annotations

import ast
from pathlib import Path

__all__ = ["private_names"]

_TUPLES = frozenset({"_asdict", "_make", "_replace"})
"""What ``NamedTuple`` promises all the same."""


def private_names(path: Path) -> set[str]:
    """Return the private attributes in a module of what is not its own ``self`` or ``cls``."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            own = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
            if not own and not node.attr.endswith("__"):
                found.add(node.attr)
    return found - _TUPLES
