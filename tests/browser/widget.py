"""One view of a call in a notebook, as its user sees it, and what the page knows of its media."""

from __future__ import annotations

import json
from typing import Any, Literal

from playwright.sync_api import Locator, expect

from sw_notebook.strip import Strip

from .notebook import Notebook, text

__all__ = ["Side", "Widget"]

Side = Literal["local", "remote"]


class Widget:
    """The call that a cell shows.

    Attributes:
        notebook: the document it is in.
        name: the variable that holds the call.
    """

    def __init__(self, notebook: Notebook, arguments: str, *, name: str = "call") -> None:
        self.notebook = notebook
        self.name = name
        self._view = notebook.views().count()
        notebook.run(f"from sw_notebook import Call\n{name} = Call({arguments})\n{name}")
        expect(self.dial).to_be_visible()

    # what a person sees

    @property
    def view(self) -> Locator:
        """The view."""
        return self.notebook.views().nth(self._view)

    def button(self, name: str) -> Locator:
        """A button by what a screen reader calls it."""
        return self.notebook.button(name, view=self._view)

    @property
    def dial(self) -> Locator:
        """The button *Dial*."""
        return self.button("Dial")

    @property
    def hang_up(self) -> Locator:
        """The button *Hang up*."""
        return self.button("Hang up")

    @property
    def destination(self) -> Locator:
        """The destination box."""
        return self.view.get_by_label("Destination")

    @property
    def token(self) -> Locator:
        """The password box for a token."""
        return self.view.locator("input[type=password]")

    @property
    def status(self) -> Locator:
        """The status line."""
        return self.view.get_by_role("status").first

    @property
    def log(self) -> Locator:
        """The log."""
        return self.view.get_by_role("log")

    def expect_status(self, status: str, *, timeout: float = 20) -> None:
        """Wait until the view shows this status."""
        expect(self.status).to_contain_text(status, timeout=1e3 * timeout, ignore_case=True)

    def expect_idle(self) -> None:
        """Wait until *Dial* can be clicked again and *Hang up* cannot."""
        expect(self.dial).to_be_enabled()
        expect(self.hang_up).to_be_disabled()

    def expect_ended(self) -> None:
        """Wait until the call is over for the page and for Python, and nothing captures."""
        self.expect_idle()
        self.notebook.run(f"await {self.name}.wait_for('ended', timeout=10)")
        self.expect_no_live_track()

    # what Python says

    def ask(self, expression: str) -> Any:
        """Evaluate an expression of plain data in the kernel."""
        source = f"import json; print(json.dumps({expression}))"
        return json.loads(text(self.notebook.run(source)))

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

    # what the page knows

    def frames(self, side: Side, count: int = 5) -> dict[str, int]:
        """Wait until the element has shown so many more frames; the size of the last."""
        return dict(self._probe("frames", side, count))

    def element(self, side: Side) -> dict[str, Any]:
        """Attributes and properties of the video element."""
        return dict(self._probe("element", side))

    def strip(self) -> Strip | None:
        """Read the strip from the next frame of the far side."""
        return Strip.from_bits(self._probe("strip", "remote"))

    @property
    def live_tracks(self) -> list[str]:
        """The kinds of all captured tracks of the page that still run."""
        return list(self.notebook.page.evaluate("() => window.swProbe.live()"))

    def expect_no_live_track(self) -> None:
        """Wait until nothing in the page captures any more."""
        self.notebook.page.wait_for_function("() => window.swProbe.live().length === 0")

    @property
    def captures(self) -> list[dict[str, bool]]:
        """What the page has asked microphone and camera for so far."""
        return list(self.notebook.page.evaluate("() => window.swProbe.captures"))

    def _probe(self, question: str, *args: object) -> Any:
        return self.notebook.page.evaluate(
            "([question, args]) => window.swProbe[question](...args)",
            [question, [self._view, *args]],
        )
