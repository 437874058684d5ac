"""Voila: a notebook as a page; its cells have run before anybody looks at it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from sw_notebook import LoopbackSpace

from ..lab import write_notebook
from ..server import Server, free_port
from ..view import View
from ..waiting import expect_no_leg
from .seen import FULL_CALL, WATCH, expect_seen

SHOW = (
    "from sw_notebook import Call\n"
    "call = Call('/public/echo', video=True, space='loopback')\n"
    f"{WATCH}\n"
    "call"
)
AWAIT = (
    "from sw_notebook import NoPageError\n"
    "try:\n"
    "    await call.dial()\n"
    "except NoPageError as error:\n"
    "    print(error)"
)


@pytest.fixture(scope="module")
def voila(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A Voila that shows a notebook with a call, one that dials, and one that waits too."""
    home = tmp_path_factory.mktemp("voila")
    (home / "notebooks").mkdir()
    write_notebook(home / "notebooks" / "call.ipynb", SHOW)
    write_notebook(home / "notebooks" / "dials.ipynb", SHOW, "call.dial()")
    write_notebook(home / "notebooks" / "awaits.ipynb", SHOW, AWAIT)
    port = free_port()
    command = [
        *(sys.executable, "-m", "voila", "--no-browser", f"--port={port}"),
        "--Voila.ip=127.0.0.1",
        *(["--Voila.allow_root=True"] if os.geteuid() == 0 else []),
    ]
    server = Server(home, command, url=f"http://127.0.0.1:{port}", probe="/voila/tree")
    yield server
    server.stop()


@pytest.fixture
def seen(voila: Server) -> Iterator[Path]:
    """The file into which the kernel writes each status that it hears of."""
    seen = voila.root / "seen.txt"
    yield seen
    seen.unlink(missing_ok=True)


def test_a_call_and_its_end(voila: Server, page: Page, space: LoopbackSpace, seen: Path) -> None:
    """Frames go both ways, the button hangs up, and the kernel hears every status."""
    page.goto(f"{voila.url}/voila/render/call.ipynb")
    call = View(page)
    call.dial.click()
    call.expect_status("connected")
    assert call.frames("local")["width"] > 0
    assert call.frames("remote")["width"] > 0
    assert set(call.live_tracks) == {"audio", "video"}
    assert len(space.legs()) == 1
    call.hang_up.click()
    call.expect_idle()
    call.expect_no_live_track()
    expect_no_leg(space)
    expect_seen(seen, FULL_CALL)


def test_a_cell_that_dials(voila: Server, page: Page, space: LoopbackSpace, seen: Path) -> None:
    """A dial that waits for its page is placed when the page is there."""
    page.goto(f"{voila.url}/voila/render/dials.ipynb")
    call = View(page)
    call.expect_status("connected")
    call.hang_up.click()
    call.expect_idle()
    expect_no_leg(space)
    expect_seen(seen, FULL_CALL)


def test_a_cell_that_awaits(voila: Server, page: Page) -> None:
    """No page is there while the cells run, so the wait ends after five seconds and says so."""
    page.goto(f"{voila.url}/voila/render/awaits.ipynb")
    expect(page.get_by_text("no page answered within 5 s").last).to_be_visible(timeout=30_000)
    call = View(page)
    call.dial.click()
    call.expect_status("connected")
    call.hang_up.click()
    call.expect_idle()


def test_closing_the_page(voila: Server, page: Page, space: LoopbackSpace) -> None:
    """The call ends with its page.

    The kernel does not hear of it: Voila 0.5.13 lets go of its kernel before the page goes, and
    its own request to shut it down is refused for want of a cookie, with any notebook.
    """
    page.goto(f"{voila.url}/voila/render/call.ipynb")
    call = View(page)
    call.dial.click()
    call.expect_status("connected")
    assert len(space.legs()) == 1
    page.close(run_before_unload=True)
    expect_no_leg(space)


def test_loading_the_page_again(voila: Server, page: Page, space: LoopbackSpace) -> None:
    """A page that is loaded again has a new kernel and a new call; the old one ends."""
    page.goto(f"{voila.url}/voila/render/call.ipynb")
    call = View(page)
    call.dial.click()
    call.expect_status("connected")
    page.reload()
    expect_no_leg(space)
    expect(call.dial).to_be_enabled()
    assert call.live_tracks == []
    call.dial.click()
    call.expect_status("connected")
    call.hang_up.click()
    call.expect_idle()
    expect_no_leg(space)
