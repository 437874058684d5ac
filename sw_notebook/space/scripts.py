"""What a SWML script does, where it is as simple as this space can take it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

__all__ = ["Script"]

_SILENCE = re.compile(r"silence:\s*(\d{1,4}(?:\.\d{1,3})?)")
_CAN = "this space can answer, play silence:<seconds>, and join_room as the last step"


@dataclass(frozen=True, slots=True)
class Script:
    """A SWML script: seconds of silence and then the end of the call, or a room.

    Args:
        room: the name of the room that it leads to, if it does.
        seconds: of silence, where it leads to none.
    """

    room: str | None
    seconds: float

    @classmethod
    def read(cls, contents: object) -> Script:
        """Read one, as JSON or as what that becomes.

        Raises:
            ValueError: it is none, or has what this space cannot do; the words say which.

        >>> Script.read('{"sections": {"main": ["answer", {"join_room": "standup"}]}}')
        Script(room='standup', seconds=0.0)
        """
        steps = [_step(step) for step in _main(contents)]
        seconds = 0.0
        for index, (method, value) in enumerate(steps):
            if method == "answer":
                continue
            if method == "play":
                seconds += _seconds(value)
            elif method == "join_room":
                if index + 1 < len(steps) or seconds:
                    raise ValueError(f"has steps beside join_room; {_CAN}")
                return cls(_room(value), 0.0)
            else:
                raise ValueError(f"has the step {method[:40]!r}; {_CAN}")
        if not seconds:
            raise ValueError(f"does nothing that could be heard; {_CAN}")
        return cls(None, seconds)


def _main(contents: object) -> list[Any]:
    if isinstance(contents, str):
        try:
            contents = json.loads(contents)
        except (ValueError, RecursionError):
            raise ValueError("is not JSON; send the script as JSON, not as YAML") from None
    sections = contents.get("sections") if isinstance(contents, dict) else None
    main = sections.get("main") if isinstance(sections, dict) else None
    if not isinstance(main, list) or not main:
        raise ValueError("has no steps; send an object with sections, and in them main")
    return main


def _step(step: object) -> tuple[str, Any]:
    if isinstance(step, str):
        return step, {}
    if isinstance(step, dict) and len(step) == 1:
        ((method, value),) = step.items()
        return method, value
    raise ValueError(f"has a step that is no method with its parameters; {_CAN}")


def _seconds(value: object) -> float:
    """Return how long a ``play`` is silent."""
    if isinstance(value, dict):
        value = value.get("urls", value.get("url"))
    total = 0.0
    for url in value if isinstance(value, list) else [value]:
        found = _SILENCE.fullmatch(url) if isinstance(url, str) else None
        if found is None:
            raise ValueError(f"plays something else than silence; {_CAN}")
        total += float(found[1])
    return total


def _room(value: object) -> str:
    name = value.get("name") if isinstance(value, dict) else value
    if isinstance(name, str):
        return name
    raise ValueError("joins a room without a name; give it as text")
