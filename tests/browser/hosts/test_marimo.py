"""marimo: a call as an element of an app that ``marimo run`` serves."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from sw_notebook import LoopbackSpace

from ..server import Server, free_port
from ..view import View
from ..waiting import expect_no_leg
from .seen import CLOSED_PAGE, FULL_CALL, WATCH, expect_seen

APP = """
import marimo

app = marimo.App()


@app.cell
def _():
    import marimo as mo
    from sw_notebook import Call, CannotWaitError

    call = Call("/public/echo", video=True, space="loopback")
{watch}
    return Call, CannotWaitError, call, mo


@app.cell
def _(call, mo):
    mo.ui.anywidget(call)
    return


@app.cell
def _(call, mo):
    mo.ui.button(label="Dial from Python", on_click=lambda _: call.dial() and None)
    return


@app.cell
def _(call, mo):
    mo.ui.button(label="Hang up from Python", on_click=lambda _: call.hangup())
    return


@app.cell
async def _(Call, CannotWaitError, mo):
    try:
        await Call("/public/echo", space="loopback").dial()
    except CannotWaitError as error:
        said = str(error)
    mo.md(said)
    return


if __name__ == "__main__":
    app.run()
"""


@pytest.fixture(scope="module")
def marimo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A marimo that serves the app above."""
    home = tmp_path_factory.mktemp("marimo")
    (home / "notebooks").mkdir()
    watch = "\n".join(f"    {line}" for line in WATCH.splitlines())
    (home / "notebooks" / "app.py").write_text(APP.format(watch=watch))
    port = free_port()
    command = [
        *(sys.executable, "-m", "marimo", "run", "app.py", "--headless", "--no-token"),
        *("--host", "127.0.0.1", "--port", str(port), "--session-ttl", "1"),
    ]
    server = Server(home, command, url=f"http://127.0.0.1:{port}", probe="/health")
    yield server
    server.stop()


@pytest.fixture
def seen(marimo: Server) -> Iterator[Path]:
    """The file into which the kernel writes each status that it hears of."""
    seen = marimo.root / "seen.txt"
    yield seen
    seen.unlink(missing_ok=True)


@pytest.fixture
def call(marimo: Server, page: Page) -> View:
    """The call as the app shows it."""
    page.goto(marimo.url)
    call = View(page)
    expect(call.dial).to_be_enabled(timeout=30_000)
    return call


def test_a_call_and_its_end(call: View, space: LoopbackSpace, seen: Path) -> None:
    """Frames go both ways, the button hangs up, and the kernel hears every status."""
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


def test_python_dials_and_hangs_up(call: View, space: LoopbackSpace, seen: Path) -> None:
    """A handler of another element dials and hangs up."""
    call.page.get_by_role("button", name="Dial from Python").click()
    call.expect_status("connected")
    call.page.get_by_role("button", name="Hang up from Python").click()
    call.expect_idle()
    call.expect_no_live_track()
    expect_no_leg(space)
    expect_seen(seen, FULL_CALL)


def test_a_cell_that_awaits_is_told_not_to(call: View) -> None:
    """A cell of marimo keeps the page waiting, so it cannot wait for the page."""
    told = call.page.get_by_text("marimo takes no message from the page while a cell runs")
    expect(told).to_be_visible()


def test_closing_the_page(call: View, space: LoopbackSpace, seen: Path) -> None:
    """The call ends with its page."""
    call.dial.click()
    call.expect_status("connected")
    assert len(space.legs()) == 1
    call.page.close(run_before_unload=True)
    expect_no_leg(space)
    expect_seen(seen, CLOSED_PAGE)


def test_loading_the_page_again(call: View, space: LoopbackSpace) -> None:
    """The old call ends, and what is shown then dials."""
    call.dial.click()
    call.expect_status("connected")
    call.page.reload()
    expect_no_leg(space)
    expect(call.dial).to_be_enabled(timeout=30_000)
    assert call.live_tracks == []
    call.dial.click()
    call.expect_status("connected")
    call.hang_up.click()
    call.expect_idle()
    expect_no_leg(space)
