"""Faults on purpose, in a whole space at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

from sw_notebook.signaling.causes import CAUSES

from .media.impairment import Impairments

__all__ = ["Faults", "Injection"]

MAX_REPLY_DELAY = 10.0
MIN_DROP, MAX_DROP = 0.1, 3600.0
MAX_REFUSALS = 1000

_CAUSES = frozenset(cause.name for cause in CAUSES)


@dataclass(frozen=True, slots=True)
class Faults:
    """What is to go wrong.

    Args:
        media: what happens to the media that every call gets.
        reply_delay: seconds that whatever the space says over a WebSocket is late, in order, 0
            to 10.
        drop_after: seconds after which each WebSocket is cut without a word, 0.1 to 3600, counted
            from its opening, or from now where it is open; None for never.
        refuse: how many of the next calls are refused, 0 to 1000.
        refuse_with: how: a Q.850 name such as ``"USER_BUSY"`` hangs up on a call that was created,
            a JSON-RPC error code below 0 such as -32603 answers it.

    Raises:
        ValueError: one of them is out of its range.

    >>> Faults(reply_delay=60)
    Traceback (most recent call last):
        ...
    ValueError: reply_delay is 60; give seconds from 0 to 10
    """

    media: Impairments = field(default_factory=Impairments)
    reply_delay: float = 0.0
    drop_after: float | None = None
    refuse: int = 0
    refuse_with: str | int = "CALL_REJECTED"

    def __post_init__(self) -> None:
        if not _within(self.reply_delay, 0, MAX_REPLY_DELAY):
            raise ValueError(
                f"reply_delay is {self.reply_delay!r:.80}; give seconds from 0 to "
                f"{MAX_REPLY_DELAY:g}"
            )
        if self.drop_after is not None and not _within(self.drop_after, MIN_DROP, MAX_DROP):
            raise ValueError(
                f"drop_after is {self.drop_after!r:.80}; give seconds from {MIN_DROP:g} to "
                f"{MAX_DROP:g}, or None"
            )
        if not _within(self.refuse, 0, MAX_REFUSALS) or not isinstance(self.refuse, int):
            raise ValueError(
                f"refuse is {self.refuse!r:.80}; give how many calls, 0 to {MAX_REFUSALS}"
            )
        if not _is_cause(self.refuse_with) and not _is_code(self.refuse_with):
            raise ValueError(
                f"refuse_with is {self.refuse_with!r:.80}; give a Q.850 name such as 'USER_BUSY', "
                "or a JSON-RPC error code from -32768 to -1"
            )

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> Self:
        """Return what a flat JSON object asks for; the names of impairments are among its own.

        Raises:
            ValueError: it has a field that is none, or one that is out of its range.
        """
        own = {one.name for one in fields(cls)} - {"media"}
        media = {one.name for one in fields(Impairments)}
        for name in found:
            if name not in own | media:
                raise ValueError(f"there is no fault {name!r:.80}; use {sorted(own | media)}")
        return cls(
            Impairments.read({name: found[name] for name in found if name in media}),
            **{name: found[name] for name in found if name in own},
        )

    def dump(self) -> dict[str, Any]:
        """Return it as the JSON object that :meth:`read` takes."""
        values = asdict(self)
        return {**values.pop("media"), **values}


class Injection:
    """The faults of a space, which its parts ask for, or are told of.

    Args:
        changed: called whenever others are asked for.
    """

    def __init__(self, changed: Callable[[Faults], None]) -> None:
        self.faults = Faults()
        self._changed = changed
        self._refusals = 0

    def begin(self, faults: Faults) -> None:
        """Let these faults take the place of those before."""
        self.faults, self._refusals = faults, faults.refuse
        self._changed(faults)

    def refusal(self) -> str | int | None:
        """Return how the call that comes now is to be refused; None where it is not."""
        if not self._refusals:
            return None
        self._refusals -= 1
        return self.faults.refuse_with

    def describe(self) -> dict[str, Any]:
        """Return the faults, and in ``refuse`` how many refusals are left."""
        return {**self.faults.dump(), "refuse": self._refusals}


def _within(value: object, low: float, high: float) -> bool:
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return known and low <= value <= high  # type: ignore[operator]


def _is_cause(value: object) -> bool:
    return isinstance(value, str) and value in _CAUSES


def _is_code(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -32768 <= value < 0
