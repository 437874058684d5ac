"""Reading parameters by name and type, so that a wrong one is named in the refusal."""

from __future__ import annotations

from typing import Any, TypeVar

from sw_notebook.exceptions import FrameError

from .jsonrpc import INVALID_PARAMS, MAX_ID

__all__ = ["Fields"]

T = TypeVar("T")


class Fields:
    """The parameters of one method.

    Args:
        values: the parameters as they came.
        where: the method, for the words of a refusal.

    >>> Fields({"callID": "c1"}, "verto.bye").text("callID")
    'c1'
    >>> Fields({"callID": 1}, "verto.bye").text("callID")
    Traceback (most recent call last):
    ...
    sw_notebook.exceptions.FrameError: verto.bye needs callID as a string
    """

    __slots__ = ("_values", "_where")

    def __init__(self, values: dict[str, Any], where: str) -> None:
        self._values = values
        self._where = where

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) is not None

    def text(self, name: str, default: str | None = None) -> str:
        """Return a string, or ``default`` where there is none and a default was given."""
        return self._get(name, str, "a string", default)

    def short(self, name: str, default: str | None = None) -> str:
        """Return a string as :meth:`text`, of at most ``MAX_ID`` characters: an id or a word."""
        value = self.text(name, default)
        if len(value) > MAX_ID:
            words = f"{self._where} takes at most {MAX_ID} characters of {name}"
            raise FrameError(words, code=INVALID_PARAMS)
        return value

    def object(self, name: str, default: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return an object, or ``default`` where there is none and a default was given."""
        return self._get(name, dict, "an object", default)

    def list(self, name: str, default: list[Any] | None = None) -> list[Any]:
        """Return an array, or ``default`` where there is none and a default was given."""
        return self._get(name, list, "an array", default)

    def flag(self, name: str) -> bool:
        """Return a boolean; a missing one is False."""
        return self._get(name, bool, "a boolean", False)

    def number(self, name: str) -> int:
        """Return a whole number."""
        value = self._get(name, int, "a whole number", None)
        if isinstance(value, bool):
            raise FrameError(f"{self._where} needs {name} as a whole number", code=INVALID_PARAMS)
        return value

    def fields(self, name: str, *, optional: bool = False) -> Fields:
        """Return the parameters nested under ``name``."""
        return Fields(self.object(name, {} if optional else None), self._where)

    def _get(self, name: str, kind: type[T], words: str, default: T | None) -> T:
        value = self._values.get(name)
        if isinstance(value, kind):
            return value
        if value is None and default is not None:
            return default
        raise FrameError(f"{self._where} needs {name} as {words}", code=INVALID_PARAMS)
