"""Text that a traceback with the values of variables does not show."""

from __future__ import annotations

__all__ = ["Hidden"]


class Hidden(str):
    """A secret on its way into a request: it is sent as it is, and its ``repr`` is masked.

    >>> {"password": Hidden("hunter2")}
    {'password': …}
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "…"
