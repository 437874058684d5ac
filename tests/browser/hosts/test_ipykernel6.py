"""ipykernel 6 in JupyterLab: it hears no page while a cell runs, says so, and nothing hangs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from sw_notebook import LoopbackSpace

from ..lab import Lab
from ..notebook import Notebook, load, new_page, text
from ..view import View
from ..waiting import expect_no_leg, expect_none
from ..widget import Widget
from .ipykernel6 import environment


@pytest.fixture(scope="module")
def lab6(lab: Lab) -> Lab:
    """The JupyterLab of the session, which offers ipykernel 6 too."""
    lab.add_kernel("ipykernel6", environment())
    return lab


@pytest.fixture(scope="module")
def shared_page(lab6: Lab, browser: Browser) -> Iterator[Page]:
    """One page for these tests, as loading JupyterLab is what takes time."""
    page = new_page(browser)
    load(lab6, page)
    yield page
    page.context.close()


@pytest.fixture
def notebook(lab6: Lab, shared_page: Page, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    """An empty notebook with a kernel of ipykernel 6."""
    name = f"six_{request.node.name}.ipynb"
    lab6.write(name, kernel="ipykernel6")
    notebook = Notebook(lab6, shared_page, name)
    assert text(notebook.run("import ipykernel; ipykernel.__version__")).startswith("'6.31")
    yield notebook
    notebook.dispose()


@pytest.fixture
def call(notebook: Notebook) -> Widget:
    """A video call that a cell shows."""
    return Widget(notebook, "'/public/echo', video=True, space='loopback'")


def expect_python(call: Widget, status: str) -> None:
    """Wait, cell after cell, until Python has heard of this status."""
    call.expect_status(status)
    assert call.ask("call.status") == status


def test_a_click_and_its_end(call: Widget, space: LoopbackSpace) -> None:
    """Dialled and hung up by button; every status is there when the kernel is idle."""
    call.dial.click()
    expect_python(call, "connected")
    assert call.frames("remote")["width"] > 0
    assert set(call.live_tracks) == {"audio", "video"}
    call.hang_up.click()
    call.expect_idle()
    call.expect_no_live_track()
    expect_no_leg(space)
    assert call.statuses == [
        *("new", "trying", "connecting", "connected"),
        *("disconnecting", "destroyed"),
    ]


def test_dial_in_one_cell_and_look_in_the_next(call: Widget, space: LoopbackSpace) -> None:
    """What the error asks for works: dial without await, look later, hang up."""
    call.notebook.run("call.dial()")
    expect_python(call, "connected")
    call.notebook.run("call.hangup()")
    call.expect_idle()
    call.expect_no_live_track()
    assert call.ask("call.status") == "destroyed"
    expect_no_leg(space)


def test_awaiting_in_a_cell_says_what_to_do(call: Widget, space: LoopbackSpace) -> None:
    """The cell ends at once with the way out, and the call goes on and connects."""
    outputs = call.notebook.run("await call.dial()", check=False)
    said = text(outputs)
    assert "CannotWaitError: ipykernel 6.31" in said
    assert "no cell can wait for 'connected', though the call itself goes on" in said
    assert "call.dial() without await" in said
    assert "ipykernel 7.1 or newer" in said
    expect_python(call, "connected")
    # what was reached already needs no wait
    assert text(call.notebook.run("await call.wait_for('connected')")) == "'connected'\n"
    said = text(call.notebook.run("call.hangup(); await call.wait_for('ended')", check=False))
    assert "no cell can wait for 'ended'" in said
    call.expect_idle()
    assert text(call.notebook.run("await call.wait_for('ended')")) == "'destroyed'\n"
    expect_no_leg(space)


def test_a_task_in_the_background_waits(call: Widget) -> None:
    """A coroutine that outlives its cell is heard once the kernel is idle."""
    call.notebook.run("import asyncio; waiting = asyncio.ensure_future(call.wait_for('connected'))")
    call.dial.click()
    call.expect_status("connected")
    assert text(call.notebook.run("await waiting")) == "'connected'\n"
    call.hang_up.click()
    call.expect_idle()


@pytest.mark.parametrize("wait", ["time.sleep(7)", "await asyncio.sleep(7)"])
def test_a_busy_cell_is_not_a_missing_page(call: Widget, space: LoopbackSpace, wait: str) -> None:
    """A cell that is busy for longer than a page has time leaves the call alone."""
    cell = call.notebook.start(f"import asyncio, time; call.dial(); {wait}; print(call.status)")
    assert text(cell.wait()) == "new\n"
    expect_python(call, "connected")
    assert call.ask("len(call.errors)") == 0
    call.hang_up.click()
    call.expect_idle()
    expect_no_leg(space)


def test_queued_cells_are_not_a_missing_page(
    lab6: Lab, shared_page: Page, space: LoopbackSpace
) -> None:
    """The page's messages come behind the cells of a *Run All*, and none of these counts."""
    lab6.write(
        "six_run_all.ipynb",
        "from sw_notebook import Call\nimport time",
        "call = Call('/public/echo', video=True, space='loopback')\ncall",
        "call.dial()",
        *["time.sleep(0.7)"] * 10,
        kernel="ipykernel6",
    )
    notebook = Notebook(lab6, shared_page, "six_run_all.ipynb")
    notebook.run_all()
    call = View(shared_page)
    call.expect_status("connected")
    assert text(notebook.run("len(call.errors)")) == "0\n"
    call.hang_up.click()
    call.expect_idle()
    expect_no_leg(space)
    notebook.dispose()


def test_a_call_that_nothing_shows_says_so(notebook: Notebook) -> None:
    """Where the kernel is idle and no page answers, that is said, as elsewhere."""
    notebook.run(
        "from sw_notebook import Call\n"
        "hidden = Call('/public/echo', space='loopback')\n"
        "dialling = hidden.dial()"
    )
    # each look is a cell, and the time between them is what counts
    expect_none(lambda: text(notebook.run("hidden.status")) != "'failed'\n")
    assert "NoPageError" in text(notebook.run("await dialling", check=False))


@pytest.mark.parametrize("end", ["restart", "shutdown", "close"])
def test_what_ends_a_call(call: Widget, space: LoopbackSpace, end: str) -> None:
    """A kernel that goes, or a document that closes, takes the call with it."""
    call.dial.click()
    call.expect_status("connected")
    assert len(space.legs()) == 1
    getattr(call.notebook, end)()
    call.expect_no_live_track()
    expect_no_leg(space)
    if end == "shutdown":
        expect(call.dial).to_be_disabled()
