"""The steps of a check, and how each of them went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["NAMES", "Outcome", "Step", "StepFailed"]

NAMES = (
    "credentials",
    "token",
    "subscriber",
    "connect",
    "dial",
    "answer",
    "media",
    "hang up",
)
"""In the order in which they are done."""

Outcome = Literal["ok", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Step:
    """How a step went.

    Args:
        name: one of :data:`NAMES`.
        outcome: how it went.
        milliseconds: how long it took, None where it was skipped.
        facts: what is worth telling.
        problem: why it failed and what to do next, "" where it did not.
    """

    name: str
    outcome: Outcome
    milliseconds: int | None = None
    facts: tuple[str, ...] = ()
    problem: str = ""


class StepFailed(Exception):
    """A step failed.

    Attributes:
        cause: why, in words.
        next_step: what to do.
    """

    def __init__(self, cause: str, next_step: str) -> None:
        self.cause = cause
        self.next_step = next_step
        super().__init__(cause, next_step)

    def __str__(self) -> str:
        # Advice from elsewhere begins a sentence; here it ends one.
        return f"{self.cause}; {self.next_step[:1].lower()}{self.next_step[1:]}"
