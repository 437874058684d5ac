"""Notebook 7: the whole life of a call, from the cell that shows it to each of its ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from sw_notebook import LoopbackSpace

from ..lab import Lab
from ..notebook import Notebook, load, text
from ..waiting import expect_no_leg
from ..widget import Widget


@pytest.fixture(scope="module")
def notebook7(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A Notebook 7 for these tests."""
    lab = Lab(tmp_path_factory.mktemp("notebook7"), application="notebook")
    yield lab
    lab.stop()


@pytest.fixture
def notebook(notebook7: Lab, page: Page, request: pytest.FixtureRequest) -> Notebook:
    """An empty notebook with a kernel of its own."""
    name = f"{request.node.name}.ipynb"
    notebook7.write(name)
    load(notebook7, page, name)
    return Notebook(notebook7, page, name)


@pytest.fixture
def call(notebook: Notebook, space: LoopbackSpace) -> Widget:
    """A video call that a cell has dialled and awaited."""
    call = Widget(notebook, "'/public/echo', video=True, space='loopback'")
    call.connect()
    assert set(call.live_tracks) == {"audio", "video"}
    assert len(space.legs()) == 1
    return call


def test_a_call_and_its_end(call: Widget, space: LoopbackSpace) -> None:
    """Frames go both ways, the button hangs up, and the next dial is by click."""
    assert call.frames("local")["width"] > 0
    assert call.frames("remote")["width"] > 0
    call.hang_up.click()
    call.expect_ended()
    expect_no_leg(space)
    call.dial.click()
    call.expect_status("connected")
    call.notebook.run("call.hangup(); await call.wait_for('ended')")
    call.expect_ended()
    expect_no_leg(space)
    assert call.statuses == [
        *("new", "trying", "connecting", "connected"),
        *("disconnecting", "destroyed"),
    ]


def test_closing_the_call(call: Widget, space: LoopbackSpace) -> None:
    """close() hangs up in the page too."""
    call.notebook.run("call.close()")
    call.expect_no_live_track()
    expect_no_leg(space)


def test_restarting_the_kernel(call: Widget, space: LoopbackSpace) -> None:
    """A kernel that restarts takes the call with it."""
    call.notebook.restart()
    call.expect_no_live_track()
    expect_no_leg(space)


def test_shutting_the_kernel_down(call: Widget, space: LoopbackSpace) -> None:
    """A kernel that is shut down takes the call with it, and the view says so."""
    call.notebook.shutdown()
    call.expect_no_live_track()
    expect_no_leg(space)
    expect(call.dial).to_be_disabled()


def test_reloading_the_page(call: Widget, space: LoopbackSpace) -> None:
    """The page that goes says goodbye, and the same object dials from the one that comes."""
    notebook = call.notebook
    notebook.save()
    notebook.reload()
    expect_no_leg(space)
    assert call.live_tracks == []
    assert call.ask("call.end_reason") == "its page was closed or reloaded"
    notebook.run("call")
    notebook.run("await call.dial(); call.hangup(); await call.wait_for('ended')")


def test_closing_the_document(call: Widget, notebook7: Lab, space: LoopbackSpace) -> None:
    """The document is the page: closed, the call ends; opened again, the same object dials."""
    notebook = call.notebook
    notebook.save()
    page = notebook.page.context.new_page()
    notebook.page.close(run_before_unload=False)
    expect_no_leg(space)
    load(notebook7, page, notebook.name)
    again = Notebook(notebook7, page, notebook.name)
    assert text(again.run("call.end_reason")) == "'its page was closed or reloaded'\n"
    again.run("call")
    again.run("await call.dial(); call.hangup(); await call.wait_for('ended')")
