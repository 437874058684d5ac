"""Takes the pictures that people look at before a release: every state, light, dark and narrow.

``python -m tools.screenshots FOLDER`` writes them there; ``--readme`` also writes the README's.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

from tests.browser.chromium import launch
from tests.browser.lab import Lab
from tests.browser.notebook import Notebook, open_page
from tests.browser.widget import Widget

__all__ = ["main"]

README = Path(__file__).parent.parent / "docs" / "first_call.png"
WIDE: ViewportSize = {"width": 1120, "height": 1100}
_AS = "token=LoopbackSpace().token({!r})"
NARROW: ViewportSize = {"width": 760, "height": 1400}


def main(arguments: list[str] | None = None) -> int:
    """Take them all."""
    parser = argparse.ArgumentParser(prog="python -m tools.screenshots", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--readme", action="store_true", help=f"also write {README.name}")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        lab = Lab(Path(home))
        browser = launch(playwright)
        try:
            page = open_page(lab, browser)
            page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
            for name, call in _states(lab, page):
                for theme in ("light", "dark"):
                    call.notebook.theme(theme)
                    for width, size in (("wide", WIDE), ("narrow", NARROW)):
                        page.set_viewport_size(size)
                        path = options.folder / f"{name}-{theme}-{width}.png"
                        call.view.scroll_into_view_if_needed()
                        call.view.screenshot(path=path)
                        print(path)
                        if options.readme and (name, theme, width) == ("call", "light", "wide"):
                            _cell(call, README)
                            print(README)
                page.set_viewport_size(WIDE)
                if call.ask("call.status") == "connected":
                    call.notebook.run("call.hangup(); await call.wait_for('ended')")
                call.notebook.theme("light")
                call.notebook.dispose()
        finally:
            browser.close()
            lab.stop()
    return 0


def _states(lab: Lab, page: Page) -> Iterator[tuple[str, Widget]]:
    """Bring a call into each state, in a notebook of its own."""
    for name, arguments, connects in (
        ("idle", "'/public/echo', video=True", False),
        ("call", "'/public/bars', audio=True, video=True, space='loopback'", True),
        ("audio-only", "'/public/bars', audio=True, space='loopback'", True),
        ("failed", "'/public/forbidden', video=True, space='loopback'", False),
    ):
        call = _widget(lab, page, name, arguments)
        if connects:
            call.connect()
            if "video" in arguments:
                call.frames("remote", 50)
        elif name == "failed":
            call.dial.click()
            call.expect_idle()
        yield name, call
    ringing = _widget(lab, page, "ringing", f"'', {_AS.format('bob')}")
    ringing.notebook.run("call.listen(); await call.wait_for('listening')")
    _join(ringing, "/private/bob")
    ringing.button("Answer").wait_for()
    yield "ringing", ringing
    room = _widget(lab, page, "room", f"'/public/staff', video=True, {_AS.format('bob')}")
    _join(room, "/public/staff")
    room.connect()
    room.frames("remote", 50)
    yield "room", room


def _widget(lab: Lab, page: Page, name: str, arguments: str) -> Widget:
    lab.write(f"{name}.ipynb")
    notebook = Notebook(lab, page, f"{name}.ipynb")
    if "LoopbackSpace" in arguments:
        notebook.run("from sw_notebook import LoopbackSpace, Receiver")
    return Widget(notebook, arguments)


def _join(call: Widget, destination: str) -> None:
    """Let somebody else, without a page, call."""
    own = _AS.format("ada")
    call.notebook.run(f"rx = Receiver({destination!r}, {own}, allow_ringing=True); rx.dial()")


def _cell(call: Widget, path: Path) -> None:
    """The cell with its source, as the README shows it."""
    cell = call.view.locator("xpath=ancestor::*[contains(@class, 'jp-CodeCell')][1]")
    cell.evaluate("(cell) => cell.scrollIntoView({ block: 'start' })")
    box = cell.bounding_box()
    assert box is not None
    call.notebook.page.screenshot(path=path, clip=box)


if __name__ == "__main__":
    sys.exit(main())
