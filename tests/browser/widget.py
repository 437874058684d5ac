"""A call that a cell of a notebook shows: its view, and what Python says of it."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Locator, expect

from .notebook import Notebook, text
from .view import Side, View
from .waiting import expect_equal

__all__ = ["Side", "Widget"]


class Widget(View):
    """The call that a cell shows.

    Attributes:
        notebook: the document it is in.
        name: the variable that holds the call.
    """

    def __init__(self, notebook: Notebook, arguments: str, *, name: str = "call") -> None:
        super().__init__(notebook.page, notebook.views().count(), frame=notebook.frame)
        self.notebook = notebook
        self.name = name
        notebook.run(f"from sw_notebook import Call\n{name} = Call({arguments})\n{name}")
        expect(self.dial).to_be_visible()

    @property
    def view(self) -> Locator:
        """The view, in its own document."""
        return self.notebook.views().nth(self._view)

    def post(self, **content: Any) -> None:
        """Send a message of a page to the kernel, as this page's own session would."""
        self.notebook.ask("post", {"page": self.ask(f"{self.name}.owner"), **content})

    def expect_ended(self) -> None:
        """Wait until the call is over for the page and for Python, and nothing captures."""
        self.expect_idle()
        self.notebook.run(f"await {self.name}.wait_for('ended', timeout=10)")
        self.expect_no_live_track()

    def ask(self, expression: str) -> Any:
        """Evaluate an expression of plain data in the kernel."""
        source = f"import json; print(json.dumps({expression}))"
        return json.loads(text(self.notebook.run(source)))

    def expect_python(self, expression: str, expected: object) -> None:
        """Wait until an expression has this value in the kernel.

        A kernel with subshells hears of the page's events beside its cells: one may run before.
        """
        expect_equal(lambda: self.ask(expression), expected)

    def connect(self) -> None:
        """Dial from a cell and wait for ``connected``."""
        self.notebook.run(f"await {self.name}.dial()")

    @property
    def statuses(self) -> list[str]:
        """Every status of the current attempt, as the history has them."""
        found: list[str] = self.ask(
            f"[row.status for row in {self.name}.history if row.attempt == {self.name}.attempt]"
        )
        return found
