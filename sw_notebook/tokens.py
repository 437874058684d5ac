"""Subscriber access tokens, held so that they do not leak."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import re
import types
from collections.abc import Mapping
from typing import Any, NoReturn

from ._typed import warn_if_typed
from .exceptions import TokenError

__all__ = ["Token"]

LARGEST = 2**16
"""Characters; the platform's tokens have some two thousand."""

_PASS = "pass the string that the subscriber token request returned"  # noqa: S105 - words

_PROJECT_KEY = re.compile(r"PT[0-9a-f]{16,}", re.IGNORECASE)


class Token:
    """A subscriber access token (SAT) whose value never shows by accident.

    ``repr``, ``str``, formatting and logging show the last four characters and the
    expiry; pickling and copying to disk are refused.  :meth:`reveal` returns the
    value for the one who has to send it.

    Args:
        value: the token, a JWT as the platform issues it.  Space around it is cut.

    Raises:
        TokenError: the value is empty, not text, too long, or a project's API token, which
            must not get into a page.  It is not quoted.

    >>> Token("not.really.atoken")
    <Token …oken>

    Source: the platform's tokens are JWTs whose header carries ``ch``, the host that
    the browser SDK connects to (``reference``: SDK 4.0.0-beta.12, ``SignalWire.ts``).
    """

    __slots__ = ("__value", "_claims", "_expires_at", "_host", "_kind")

    def __init__(self, value: str) -> None:
        if not isinstance(value, str):
            raise TokenError(f"a token is text, not {type(value).__name__}: {_PASS}")
        value = value.strip()
        if refusal := _refusal(value):
            del value, self  # a traceback may show variables
            raise TokenError(refusal)
        warn_if_typed(value, "a token")
        self.__value = value
        header, payload = _decode(value)
        self._claims = types.MappingProxyType(payload)
        kind = header.get("typ")
        self._kind = kind if isinstance(kind, str) else None
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
    def kind(self) -> str | None:
        """What its header calls it (``typ``), ``"SAT"`` for a subscriber's; None where nothing."""
        return self._kind

    @property
    def claims(self) -> Mapping[str, Any]:
        """What it says, unverified and read-only; empty where it cannot be read."""
        return self._claims

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


def _refusal(value: str) -> str:
    """What is wrong with a token, "" where nothing is that can be seen here."""
    if not value:
        return f"Need a token and a destination: the token is empty; {_PASS}"
    if len(value) > LARGEST:
        return f"the token has {len(value)} characters, which none has: {_PASS}"
    if _PROJECT_KEY.fullmatch(value):
        return (
            "this is a project's API token (PT…), which must not get into a page: pass "
            "space=Credentials(space, project_id, api_token), and dial with the tokens it gives"
        )
    return ""


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
