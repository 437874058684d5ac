"""Keeps out of a report what must not be in it."""

from __future__ import annotations

import ipaddress
import re

from sw_notebook.signaling.masking import MASK, TOKEN

__all__ = ["Secrets"]

LONGEST = 400
"""Characters of one fact or problem; the words of a server may have any number."""

_SHORTEST = 4
_ADDRESS = re.compile(r"(?<![\w.])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:.]+)(?![\w])")


class Secrets:
    """What a report must not say; what servers say may repeat it.

    >>> secrets = Secrets()
    >>> secrets.add("hunter2")
    >>> secrets.mask("0000-9f1c")
    '…9f1c'
    >>> secrets.hide("hunter2 of 0000-9f1c came from 203.0.113.7")
    '… of …9f1c came from (address)'
    """

    __slots__ = ("_masks",)

    def __init__(self) -> None:
        self._masks: dict[str, str] = {}

    def add(self, *secrets: object) -> None:
        """Hide these from now on; what is no text, or too short to be one, is no secret."""
        for secret in secrets:
            if isinstance(secret, str) and len(secret) >= _SHORTEST:
                self._masks.setdefault(secret, "…")

    def mask(self, name: str) -> str:
        """Show only the last four characters of a name from now on, and return it like that."""
        masked = f"…{name[-4:]}" if len(name) > 2 * _SHORTEST else "…"
        self._masks[name] = masked
        return masked

    def hide(self, text: str) -> str:
        """Return a text on one line, of bounded length, and without secrets and addresses."""
        # The longest first: one secret may be a part of another.
        for secret in sorted(self._masks, key=len, reverse=True):
            text = text.replace(secret, self._masks[secret])
        text = TOKEN.sub(MASK, text)
        text = _ADDRESS.sub(_hidden, text)
        clean = "".join(character if character.isprintable() else " " for character in text)
        return " ".join(clean.split())[:LONGEST]


def _hidden(found: re.Match[str]) -> str:
    text = found[0]
    try:
        address = ipaddress.ip_address(text.rstrip(".:") if text != "::" else text)
    except ValueError:
        return text
    return text if address.is_loopback else "(address)"
