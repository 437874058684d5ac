"""Where on the picture of a room each member is: names, positions, and percent of the canvas."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

__all__ = ["LAYOUTS", "Layer", "arrange", "is_position"]

LAYOUTS = ("grid-responsive", "highlight-1-responsive", "1x1", "2x1", "2x2")
"""What a room can look like."""

OFF, FULL, AUTO = "off-canvas", "full-screen", "auto"
_POSITION = re.compile(r"(standard|reserved)-\d{1,2}")


@dataclass(frozen=True, slots=True)
class Layer:
    """One place on the canvas; sizes are percent of it.

    Args:
        position: its name, as ``standard-1``.
        x: of its left side.
        y: of its upper side.
        width: 0 where it is off the canvas.
        height: likewise.
        member_id: whose it is; empty where nobody's.
        z_index: higher ones cover lower ones.
    """

    position: str
    x: float = 0.0
    y: float = 0.0
    width: float = 0.0
    height: float = 0.0
    member_id: str = ""
    z_index: int = 0

    def wire(self, index: int) -> dict[str, Any]:
        """Return it as JSON, as the layer of this number."""
        return {
            "member_id": self.member_id,
            "layer_index": index,
            "z_index": self.z_index,
            "position": self.position,
            "reservation": self.position,
            "playing_file": False,
            "visible": self.width > 0,
            "x": round(self.x, 3),
            "y": round(self.y, 3),
            "width": round(self.width, 3),
            "height": round(self.height, 3),
        }


def is_position(text: object) -> bool:
    """Whether a member can be told to go there.

    >>> is_position("reserved-1"), is_position("auto"), is_position("standard-x")
    (True, True, False)
    """
    return isinstance(text, str) and (
        text in (AUTO, OFF, FULL) or _POSITION.fullmatch(text) is not None
    )


def arrange(layout: str, members: Sequence[str], positions: Mapping[str, str]) -> list[Layer]:
    """Give each member its layer, those off the canvas last.

    Args:
        layout: one of :data:`LAYOUTS`.
        members: their ids; the first come first.
        positions: where a member is to be, where somebody said so.  A position that the layout
            lacks, or that another member has, is as good as ``auto``.

    >>> [(layer.member_id, layer.x, layer.width) for layer in arrange("2x1", ["a", "b"], {})]
    [('a', 0.0, 50.0), ('b', 50.0, 50.0)]
    >>> arrange("1x1", ["a", "b"], {"b": "standard-1"})[0].member_id
    'b'
    """
    shown = [one for one in members if positions.get(one) not in (OFF, FULL)]
    slots = {slot.position: slot for slot in _slots(layout, len(shown))}
    placed: dict[str, Layer] = {}
    for one in shown:
        slot = slots.pop(positions.get(one, AUTO), None)
        if slot is not None:
            placed[one] = replace(slot, member_id=one)
    free = iter(slots.values())
    for one in shown:
        if one not in placed and (slot := next(free, None)) is not None:
            placed[one] = replace(slot, member_id=one)
    full = [one for one in members if positions.get(one) == FULL]
    placed |= {one: Layer(FULL, 0, 0, 100, 100, one, z_index=1) for one in full}
    off = [Layer(OFF, member_id=one) for one in members if one not in placed]
    return [*sorted(placed.values(), key=lambda layer: layer.z_index), *off]


def _slots(layout: str, members: int) -> list[Layer]:
    match layout:
        case "highlight-1-responsive":
            return _highlight(members)
        case "1x1" | "2x1" | "2x2":
            columns, rows = map(int, layout.split("x"))
            return _grid(columns, rows)
    columns = math.ceil(math.sqrt(max(1, members)))
    return _grid(columns, math.ceil(max(1, members) / columns))


def _grid(columns: int, rows: int) -> list[Layer]:
    width, height = 100 / columns, 100 / rows
    places = [(column, row) for row in range(rows) for column in range(columns)]
    return [
        Layer(f"standard-{number}", column * width, row * height, width, height)
        for number, (column, row) in enumerate(places, 1)
    ]


def _highlight(members: int) -> list[Layer]:
    """One in the large, the others in a row below."""
    others = members - 1
    if others < 1:
        return [Layer("reserved-1", 0, 0, 100, 100)]
    width = min(25.0, 100 / others)
    left = max(0.0, (100 - others * width) / 2)
    row = [
        Layer(f"standard-{number}", left + (number - 1) * width, 75, width, 25)
        for number in range(1, others + 1)
    ]
    return [Layer("reserved-1", 12.5, 0, 75, 75), *row]
