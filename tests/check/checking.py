"""The command ``sw-notebook check`` as the tests run it, and its report read back."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from sw_notebook.check.steps import NAMES
from sw_notebook.cli import main
from sw_notebook.credentials import VARIABLES

__all__ = ["Checked", "Checking", "jwt", "read"]


class Printed(Protocol):
    """What was printed."""

    @property
    def out(self) -> str:
        """On standard output."""

    @property
    def err(self) -> str:
        """On standard error."""


@dataclass
class Checked:
    """A report.

    Attributes:
        status: of the command.
        text: all that it printed.
        outcomes: by step.
        details: by step, what is told of it.
    """

    status: int
    text: str
    outcomes: dict[str, str]
    details: dict[str, str]

    @property
    def failed(self) -> str:
        """The step that failed; the test fails where it is not one."""
        (name,) = [name for name, outcome in self.outcomes.items() if outcome == "failed"]
        return name

    def only(self, name: str) -> str:
        """Return why a step failed, after all before it went well and with none after it."""
        assert self.status == 1, self.text
        at = NAMES.index(name)
        expected = ["ok"] * at + ["failed"] + ["skipped"] * (len(NAMES) - at - 1)
        assert [self.outcomes[name] for name in NAMES] == expected, self.text
        return self.details[name]


def read(status: int, text: str) -> Checked:
    """Take a report apart."""
    outcomes, details = {}, {}
    for line in text.splitlines():
        for name in NAMES:
            if line.startswith(f"{name:<11}  "):
                outcome, _, rest = line[13:].partition(" ")
                outcomes[name] = outcome
                details[name] = rest.partition(" ms  ")[2] or rest.strip()
    return Checked(status, text, outcomes, details)


def jwt(header: dict[str, Any]) -> str:
    """A token that says this in its header."""
    encoded = base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")
    return f"{encoded}.e30.c2lnbmF0dXJl"


class Checking:
    """Runs the command in this process."""

    def __init__(
        self,
        setenv: Callable[[str, str], None],
        printed: Callable[[], Printed],
    ) -> None:
        self._setenv = setenv
        self._printed = printed

    def use(self, *values: str) -> None:
        """Set the variables of the environment."""
        for name, value in zip(VARIABLES, values, strict=True):
            self._setenv(name, value)

    def __call__(self, *args: str) -> Checked:
        """Run it; it says nothing but its report."""
        # No step may fail for being slow here.
        status = main(["check", "--timeout", "600", *args])
        printed = self._printed()
        assert printed.err == ""
        return read(status, printed.out)
