"""What the measurements in a page need: JupyterLab, Chromium, the loopback space."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from sw_notebook import LoopbackSpace
from tests.browser.bare import bundle
from tests.browser.chromium import launch
from tests.browser.lab import Lab
from tests.browser.notebook import Notebook, open_page, text

__all__ = ["Desk", "printed"]

_LIBRARY = Path(__file__).with_name("page.js")


class Desk:
    """A place to measure at.

    Attributes:
        browser: Chromium with a camera and a microphone that need no hardware.
        space: the loopback space that the notebooks find, too.
    """

    def __init__(self, lab: Lab, browser: Browser, space: LoopbackSpace) -> None:
        self._lab = lab
        self.browser = browser
        self.space = space
        self._names = count()

    @classmethod
    @contextlib.contextmanager
    def open(cls) -> Iterator[Desk]:
        """Start everything, and stop it again."""
        with (
            tempfile.TemporaryDirectory() as home,
            LoopbackSpace() as space,
            sync_playwright() as playwright,
        ):
            lab = Lab(Path(home))
            try:
                browser = launch(playwright)
                yield cls(lab, browser, space)
                browser.close()
            finally:
                lab.stop()

    @contextlib.contextmanager
    def page(self) -> Iterator[Page]:
        """A JupyterLab that was loaded just now, in a browser context of its own."""
        page = open_page(self._lab, self.browser)
        page.add_script_tag(content=bundle("outbox.ts"), type="module")
        page.add_script_tag(path=_LIBRARY)
        try:
            yield page
        finally:
            page.context.close()

    @contextlib.contextmanager
    def notebook(self, page: Page, *sources: str) -> Iterator[Notebook]:
        """A new document with a new kernel, in which these cells have run."""
        name = f"bench_{next(self._names)}.ipynb"
        self._lab.write(name)
        notebook = Notebook(self._lab, page, name)
        try:
            for source in sources:
                notebook.run(source)
            yield notebook
        finally:
            notebook.dispose()


def printed(notebook: Notebook, source: str, *, timeout: float = 60) -> Any:
    """Run a cell that prints one JSON value, and return that."""
    return json.loads(text(notebook.run(source, timeout=timeout)))
