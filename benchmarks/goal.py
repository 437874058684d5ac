"""One line of the table: a goal, what was measured, and whether that meets it."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Sequence

__all__ = ["Result", "ratio", "spread"]


@dataclasses.dataclass(frozen=True)
class Result:
    """What one goal came to.

    Attributes:
        number: the goal's number in the design.
        goal: what has to hold, in words with the limit.
        measured: what was found, with the spread.
        met: whether it holds; None where the line only informs.
    """

    number: str
    goal: str
    measured: str
    met: bool | None

    @property
    def verdict(self) -> str:
        """The last column."""
        return {True: "met", False: "MISSED", None: "–"}[self.met]


def ratio(ours: Sequence[float], peer: Sequence[float]) -> float:
    """Return the ratio of the minima: what the machine's other work has disturbed least."""
    return min(ours) / min(peer)


def spread(values: Sequence[float], scale: float = 1.0, unit: str = "") -> str:
    """Return minimum, median and maximum as text.

    >>> spread([1.3, 0.01, 0.25], 1e3, " ms")
    '10 / 250 / 1300 ms'
    """
    found = (min(values), statistics.median(values), max(values))
    return " / ".join(_short(scale * value) for value in found) + unit


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
