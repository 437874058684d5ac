"""What a call leaves behind: statuses, errors and log lines, as rows that print as tables."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, Generic, Literal, TypeVar, overload

from ._table import as_html, as_text

__all__ = ["ErrorRecord", "Message", "Participant", "Rows", "StatusChange"]


MAX_TEXT = 4096
"""Longest line that is kept, in characters; none of this package's own comes near."""


def shortened(text: str, limit: int = MAX_TEXT) -> str:
    """Return a text that is at most so long; what is cut shows.

    >>> shortened("abcdef", 4)
    'abc…'
    """
    return text if len(text) <= limit else text[: limit - 1] + "…"


@dataclasses.dataclass(frozen=True)
class StatusChange:
    """One status of one attempt.

    Attributes:
        attempt: counts dials from 1.
        status: the status as people see it.
        raw_status: the SDK's own, or None where the SDK was not yet asked.
        time: Unix time in seconds, by the clock of the page where the page said it.
        seconds: seconds since the dial.
    """

    attempt: int
    status: str
    raw_status: str | None
    time: float
    seconds: float


@dataclasses.dataclass(frozen=True)
class ErrorRecord:
    """One explained error.

    Attributes:
        kind: what failed: destination, token, media, network, page, kernel, space or call.
        name: the error's own name, such as ``NotAllowedError``.
        message: what happened.
        fatal: whether it ended the attempt.
        advice: what to do next.
        time: Unix time in seconds.
    """

    kind: str
    name: str
    message: str
    fatal: bool
    advice: str
    time: float

    def __str__(self) -> str:
        return f"{self.message}. {self.advice}"


@dataclasses.dataclass(frozen=True)
class Message:
    """One line of the log.

    Attributes:
        index: counts up from 1 in the life of the call object.
        time: Unix time in seconds.
        level: info, warning or error.
        text: the line.
    """

    index: int
    time: float
    level: Literal["info", "warning", "error"]
    text: str


@dataclasses.dataclass(frozen=True)
class Participant:
    """One member of a call, as it was when the space last said.

    Attributes:
        id: the member's id in this call.
        name: what the others see.
        type: ``member``, ``screen`` for a shared screen, ``device`` for a further device.
        audio_muted: the others do not hear it.
        video_muted: the others do not see it.
        deaf: it does not hear the others.
        hand_raised: it asks to speak.
        talking: it speaks at this moment.
        is_self: it is this side of the call.
    """

    id: str
    name: str
    type: str
    audio_muted: bool
    video_muted: bool
    deaf: bool
    hand_raised: bool
    talking: bool
    is_self: bool


Row = TypeVar("Row")


class Rows(Sequence[Row], Generic[Row]):
    """An immutable list of records that shows as a table in a cell.

    >>> rows = Rows(Message, [Message(1, 0.0, "info", "Dialing /public/echo...")])
    >>> rows[0].text
    'Dialing /public/echo...'
    >>> print(repr(rows).splitlines()[0])
    index  time          level  text
    """

    def __init__(self, kind: type[Row], rows: Iterable[Row]) -> None:
        self._kind = kind
        self._rows = tuple(rows)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Rows[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | Rows[Row]:
        if isinstance(index, slice):
            return Rows(self._kind, self._rows[index])
        return self._rows[index]

    def __len__(self) -> int:
        return len(self._rows)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Rows):
            return self._rows == other._rows
        return list(self._rows) == other if isinstance(other, list) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def _table(self) -> tuple[list[str], list[list[str]]]:
        names = [field.name for field in dataclasses.fields(self._kind)]  # type: ignore[arg-type]
        return names, [[_cell(name, getattr(row, name)) for name in names] for row in self]

    def __repr__(self) -> str:
        names, cells = self._table()
        return as_text(cells, names)

    def _repr_html_(self) -> str:
        names, cells = self._table()
        return as_html(cells, names)


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name == "time":
        moment = dt.datetime.fromtimestamp(value).astimezone()
        return moment.strftime("%H:%M:%S.") + f"{moment.microsecond // 1000:03d}"
    if isinstance(value, float):
        return f"{value:.3f}"
    return str(value)
