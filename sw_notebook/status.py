"""The status of a call, in the browser SDK's words, and what "reached" means for a wait."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, get_args

__all__ = ["FINAL", "Status", "Waitable", "is_active", "reached"]

AttemptStatus = Literal[
    "new",
    "listening",
    "trying",
    "ringing",
    "connecting",
    "connected",
    "recovering",
    "disconnecting",
    "disconnected",
    "destroyed",
    "failed",
]
"""The SDK's ``CallStatus``, as one attempt goes through it.

Source: SDK 4.0.0-beta.12, ``CallStatus``.  Its ``recovering`` is declared and never emitted; here
it stands for what the SDK calls ``disconnected`` while nobody has hung up: the media path is lost
and may come back.  ``listening`` is ours: the page can be rung, and nobody does yet.
"""

Status = Literal["idle", AttemptStatus]
"""``idle`` is ours, for a call that was never dialled."""

Waitable = Literal[AttemptStatus, "ended"]
"""What ``wait_for`` takes: a status of an attempt, or ``ended`` for ``destroyed`` or ``failed``."""

FINAL: Final[frozenset[str]] = frozenset({"destroyed", "failed"})
"""The statuses that end an attempt."""

_RISING: Final = ("new", "trying", "ringing", "connecting", "connected")
_FALLING: Final = ("disconnecting", "disconnected")

STATUSES: Final[frozenset[str]] = frozenset(get_args(Status))


def is_active(status: str) -> bool:
    """Whether an attempt with this status is still under way.

    >>> is_active("trying"), is_active("idle"), is_active("failed")
    (True, False, False)
    """
    return status != "idle" and status not in FINAL


def reached(wanted: str, seen: Iterable[str]) -> bool:
    """Whether the statuses ``seen`` in one attempt include ``wanted`` or what lies beyond it.

    A call may skip a status: one that is connected without ever having rung has passed
    ``ringing``.  An end is not beyond ``connected``.

    >>> reached("ringing", ["new", "trying", "connected"])
    True
    >>> reached("connected", ["new", "trying", "destroyed"])
    False
    >>> reached("ended", ["new", "failed"])
    True
    """
    seen = list(seen)
    if wanted == "ended":
        return any(status in FINAL for status in seen)
    if wanted in seen:
        return True
    if wanted in _RISING:
        beyond = _RISING[_RISING.index(wanted) :]
        return any(status in beyond for status in seen)
    return wanted in _FALLING and any(status in FINAL for status in seen)
