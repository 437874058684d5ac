"""One notebook in two tabs: exactly one page owns the call, the others watch and can take over."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from sw_notebook import LoopbackSpace

from .notebook import Notebook
from .view import View
from .waiting import the_leg, wait_until
from .widget import Widget


@pytest.fixture
def call(notebook: Notebook, space: LoopbackSpace) -> Widget:
    """A video call that is up in the first tab."""
    call = Widget(notebook, "'/public/echo', video=True, space='loopback'")
    call.connect()
    return call


@pytest.fixture
def other(call: Widget, notebook: Notebook) -> Iterator[Notebook]:
    """The same document in a second tab."""
    other = notebook.second_tab()
    other.draw_lost()
    expect(other.views()).to_have_count(1)
    yield other
    if not other.page.is_closed():
        other.page.close()


def live(notebook: Notebook) -> list[str]:
    """What a page captures."""
    return sorted(notebook.page.evaluate("() => window.swProbe.live()"))


def test_the_second_tab_watches(
    call: Widget, notebook: Notebook, other: Notebook, space: LoopbackSpace
) -> None:
    """It shows the status and no picture, captures nothing, and its *Hang up* works."""
    watcher = View(other.page)
    expect(watcher.view).to_contain_text("This call is on another page")
    watcher.expect_status("connected")
    expect(watcher.view.locator("video").first).to_be_hidden()
    assert live(other) == []
    assert live(notebook) == ["audio", "video"]
    watcher.hang_up.click()
    call.expect_no_live_track()
    watcher.expect_idle()
    wait_until(lambda: space.legs() == [])


def test_the_second_tab_takes_over(
    call: Widget, notebook: Notebook, other: Notebook, space: LoopbackSpace
) -> None:
    """The first page lets go and says so, then the second one dials the same destination."""
    first = the_leg(space)["call_id"]
    watcher = View(other.page)
    watcher.button("Take it over").click()
    watcher.expect_status("connected")
    watcher.frames("remote")
    assert live(other) == ["audio", "video"]
    wait_until(lambda: live(notebook) == [])
    assert the_leg(space)["call_id"] != first
    expect(call.view).to_contain_text("This call is on another page")
    other.run("await call.wait_for('connected', timeout=10)")
    expect(call.log).to_contain_text("another page took it over")
    # and back again
    call.button("Take it over").click()
    call.frames("remote")
    wait_until(lambda: live(other) == [])
    assert len(space.legs()) == 1
    call.hang_up.click()
    wait_until(lambda: space.legs() == [])


def test_taking_over_from_a_page_that_is_gone(
    call: Widget, notebook: Notebook, other: Notebook, space: LoopbackSpace
) -> None:
    """A page that does not answer any more is not waited for long."""
    # Its renderer stands still, as after a laptop was closed.
    cdp = notebook.page.context.new_cdp_session(notebook.page)
    cdp.send("Debugger.enable")
    cdp.send("Debugger.pause")
    watcher = View(other.page)
    watcher.button("Take it over").click()
    watcher.expect_status("connected", timeout=20)
    watcher.frames("remote")
    cdp.send("Debugger.resume")
    cdp.detach()
    # It goes on, learns that its call is over, and lets go.
    wait_until(lambda: live(notebook) == [])
    wait_until(lambda: len(space.legs()) == 1)
    watcher.hang_up.click()
    wait_until(lambda: space.legs() == [])


def test_closing_the_tab_that_watches(call: Widget, other: Notebook, space: LoopbackSpace) -> None:
    """The call of the first tab does not care."""
    other.page.close()
    call.frames("remote", 10)
    assert len(space.legs()) == 1
    call.hang_up.click()
    call.expect_ended()
