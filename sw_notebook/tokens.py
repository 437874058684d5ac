"""Subscriber access tokens, held so that they do not leak."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from typing import Any, NoReturn

from .exceptions import TokenError

__all__ = ["Token"]


class Token:
    """A subscriber access token (SAT) whose value never shows by accident.

    ``repr``, ``str``, formatting and logging show the last four characters and the
    expiry; pickling and copying to disk are refused.  :meth:`reveal` returns the
    value for the one who has to send it.

    Args:
        value: the token, a JWT as the platform issues it.  Space around it is cut.

    Raises:
        TokenError: the value is empty or not text.

    >>> Token("not.really.atoken")
    <Token …oken>

    Source: the platform's tokens are JWTs whose header carries ``ch``, the host that
    the browser SDK connects to (``reference``: SDK 4.0.0-beta.12, ``SignalWire.ts``).
    """

    __slots__ = ("__value", "_expires_at", "_host")

    def __init__(self, value: str) -> None:
        if not isinstance(value, str):
            raise TokenError(
                f"a token is text, not {type(value).__name__}: "
                "pass the string that the subscriber token request returned"
            )
        value = value.strip()
        if not value:
            raise TokenError(
                "Need a token and a destination: the token is empty; "
                "pass the string that the subscriber token request returned"
            )
        self.__value = value
        header, payload = _decode(value)
        expires = payload.get("exp")
        # Whatever is no date that can be shown says nothing.
        self._expires_at: float | None = None
        if isinstance(expires, int | float) and 0 <= expires < 1e11:
            self._expires_at = float(expires)
        host = header.get("ch")
        self._host = host if isinstance(host, str) and "." in host else None

    def reveal(self) -> str:
        """Return the value itself, to be sent and not to be shown."""
        return self.__value

    @property
    def host(self) -> str | None:
        """The host that the token is for (its ``ch`` claim), or None where it names none."""
        return self._host

    @property
    def expires_at(self) -> dt.datetime | None:
        """When the token runs out (UTC), or None where it does not say."""
        if self._expires_at is None:
            return None
        return dt.datetime.fromtimestamp(self._expires_at, dt.UTC)

    @property
    def expires_in(self) -> float | None:
        """Seconds until the token runs out (negative: it has), or None where it does not say."""
        if self._expires_at is None:
            return None
        return self._expires_at - dt.datetime.now(dt.UTC).timestamp()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Token):
            return NotImplemented
        return self.__value == other.__value

    def __hash__(self) -> int:
        return hash((Token, self.__value))

    def __repr__(self) -> str:
        tail = self.__value[-4:] if len(self.__value) > 12 else ""
        left = self.expires_in
        if left is None:
            when = ""
        elif left < 0:
            when = " expired"
        elif left < 3600:
            when = f" expires in {int(left // 60)} min {int(left % 60)} s"
        else:
            when = f" expires in {int(left // 3600)} h {int(left % 3600 // 60)} min"
        return f"<Token …{tail}{when}>"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Token is not pickled, so that it cannot be saved: ask for a fresh one")

    def __copy__(self) -> Token:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Token:
        return self


def _decode(value: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and payload of a JWT, unverified, and empty where it is none."""
    parts = value.split(".")
    if len(parts) != 3:
        return {}, {}
    decoded: list[dict[str, Any]] = []
    for part in parts[:2]:
        try:
            found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        except (ValueError, binascii.Error, RecursionError):
            return {}, {}
        decoded.append(found if isinstance(found, dict) else {})
    return decoded[0], decoded[1]
