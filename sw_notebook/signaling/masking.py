"""Frames as they may be shown: with what is secret in them masked."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["MASK", "TOKEN", "masked"]

MASK = "…"
TOKEN = re.compile(r"\beyJ[\w-]+(?:\.[\w-]+)*|\bPT[0-9a-fA-F]{16,}")
"""What looks like a signed token or an API token, wherever it stands."""

_MEMBERS = frozenset(
    {
        "authorization_state",
        "credential",
        "dpop_token",
        "dtmf",  # digits are pressed for card numbers, too
        "jwt_token",
        "password",
        "refresh_token",
        "text",  # what people write to one another
        "token",
    }
)
_LINES = re.compile(r"^(a=(?:ice-pwd|crypto):)[^\r\n]*", re.MULTILINE)


def masked(value: Any) -> Any:
    r"""Return a copy of what JSON holds, without tokens, proofs, passwords, digits and texts.

    >>> masked({"authentication": {"jwt_token": "x"}, "sdp": "a=ice-pwd:x\r\na=mid:0\r\n"})
    {'authentication': {'jwt_token': '…'}, 'sdp': 'a=ice-pwd:…\r\na=mid:0\r\n'}
    """
    match value:
        case dict():
            return {
                _text(name): MASK if name in _MEMBERS else masked(inner)
                for name, inner in value.items()
            }
        case list():
            return [masked(inner) for inner in value]
        case str():
            return _text(value)
    return value


def _text(text: str) -> str:
    return TOKEN.sub(MASK, _LINES.sub(rf"\g<1>{MASK}", text))
