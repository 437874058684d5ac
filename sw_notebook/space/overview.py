"""What is in a space at one moment, as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sw_notebook._table import as_html, as_text

from .faults import Faults

__all__ = ["Overview"]

_LEGS = ("member", "destination", "state", "media", "seconds", "call_id")

Table = tuple[str, Sequence[str], list[list[str]]]


class Overview:
    """Address, people, calls and resources of a space; it shows no secret.

    Args:
        url: the address.
        about: what the space says of itself.
        legs: its calls.
        faults: what goes wrong on purpose.
    """

    def __init__(
        self,
        url: str,
        about: Mapping[str, Any],
        legs: Sequence[Mapping[str, Any]],
        faults: Mapping[str, Any],
    ) -> None:
        self._url = url
        self._about = about
        self._legs = legs
        usual = Faults().dump()
        self._faults = {name: value for name, value in faults.items() if value != usual[name]}

    def _tables(self) -> Iterator[Table]:
        facts = [
            ["address", self._url],
            ["project", str(self._about.get("project_id", ""))],
            ["clients", str(self._about.get("sessions", 0))],
        ]
        if self._faults:
            said = ", ".join(f"{name} {value}" for name, value in self._faults.items())
            facts.append(["faults", said])
        yield "loopback space", (), facts
        people = [
            [str(one["reference"]), _yes(one["connected"]), _yes(one["online"])]
            for one in self._about.get("people", ())
        ]
        yield "people", ("name", "connected", "can be called"), people
        legs = [[_cell(leg.get(name)) for name in _LEGS] for leg in self._legs]
        yield "legs", _LEGS, legs
        resources = [[str(one["name"]), str(one["about"])] for one in self._about["resources"]]
        yield "resources", ("address", "what it does"), resources

    def text(self) -> str:
        """Return the tables for a terminal; those that are empty are left out."""
        return "\n\n".join(
            f"{title}\n{as_text(rows, head)}" for title, head, rows in self._tables() if rows
        )

    def html(self) -> str:
        """Return the tables for a cell; those that are empty are left out."""
        return "".join(as_html(rows, head, title) for title, head, rows in self._tables() if rows)


def _yes(value: object) -> str:
    return "yes" if value else "no"


def _cell(value: object) -> str:
    return f"{value:.1f}" if isinstance(value, float) else str(value)
