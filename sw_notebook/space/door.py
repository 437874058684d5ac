"""The one door from a call to the loopback space: the default space, and where a named one is."""

from __future__ import annotations

import functools

from .loopback import LoopbackSpace, _spaces
from .runtime import Record, runtime_folder

__all__ = ["default", "find"]


@functools.cache
def default() -> LoopbackSpace:
    """Return this kernel's hold on the user's shared space, not started yet.

    One for the whole process: it has to live as long as any call may, for the space ends
    when its owners have gone.
    """
    return LoopbackSpace()


def find(domain: str) -> str | None:
    """Return the address of the space of this domain, or None where this user runs none.

    Looks at the spaces that this process holds and at the shared one.
    """
    for space in list(_spaces):
        if space.running and space.domain == domain:
            return space.url
    shared = Record.read(runtime_folder() / "space.json")
    if shared is not None and shared.domain == domain:
        return shared.url
    return None
