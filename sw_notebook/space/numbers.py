"""Telephone numbers and SIP addresses: simulated far ends, which no network leads to."""

from __future__ import annotations

import re

from .resources import Resource

__all__ = ["is_number", "phone"]

_NUMBER = re.compile(r"\+\d+")
# The range that is kept free for examples and films.
_SIMULATED = re.compile(r"\+1555\d{7}")
# A lone surrogate has no UTF-8, from which the id of an address is made.
_SIP = re.compile(r"sips?:[^\s@/?\ud800-\udfff]{1,100}@[^\s@/?\ud800-\udfff]{1,200}", re.IGNORECASE)


def is_number(name: str) -> bool:
    """Whether a destination has the shape of a telephone number."""
    return _NUMBER.fullmatch(name) is not None


def phone(name: str) -> Resource | None:
    """Return the simulated telephone of that number or SIP address, whatever its host; or None.

    >>> phone("+15551234567").display_name
    'simulated phone +15551234567'
    >>> phone("+441234567") is None
    True
    """
    if _SIMULATED.fullmatch(name) is None and _SIP.fullmatch(name) is None:
        return None
    return Resource(
        name,
        "a simulated phone: it rings, answers with a menu of tones and plays each digit back; "
        "9 leads on to /public/bars, 0 hangs up",
        "phone",
        kinds=("audio",),
        display_name=f"simulated phone {name}",
    )
