"""Whatever ends a call, nothing stays live: no track in the page, no leg in the space."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from sw_notebook import LoopbackSpace

from .notebook import Notebook, text
from .widget import Widget

ENDED_SECONDS = 15


@pytest.fixture
def call(notebook: Notebook, space: LoopbackSpace) -> Widget:
    """A video call that is up."""
    call = Widget(notebook, "'/public/echo', video=True, space='loopback'")
    call.connect()
    assert set(call.live_tracks) == {"audio", "video"}
    assert len(space.legs()) == 1
    return call


def expect_none(left: Callable[[], object], seconds: float = ENDED_SECONDS) -> None:
    """Wait until nothing is left; a bye is on its way without anyone who tells."""
    until = time.monotonic() + seconds
    while found := left():
        assert time.monotonic() < until, found
        time.sleep(0.05)


def expect_no_leg(space: LoopbackSpace) -> None:
    """Wait until the space holds no leg."""
    expect_none(space.legs)


def expect_no_session(space: LoopbackSpace) -> None:
    """Wait until no client is connected to the space."""
    expect_none(space.sessions, 2 * ENDED_SECONDS)


def test_closing_the_call(call: Widget, notebook: Notebook, space: LoopbackSpace) -> None:
    """close() hangs up, in the page and in the space, and says so in Python."""
    notebook.run("call.close()")
    call.expect_no_live_track()
    expect_no_leg(space)
    assert call.ask("[call.status, call.end_reason]") == ["destroyed", "the call was closed"]
    notebook.run("call.close()")


def test_reloading_the_page(call: Widget, notebook: Notebook, space: LoopbackSpace) -> None:
    """The page that goes says goodbye to the space and to the kernel."""
    notebook.save()
    notebook.reload()
    expect_no_leg(space)
    assert notebook.page.evaluate("() => window.swProbe.live()") == []
    assert call.ask("[call.status, call.end_reason]") == [
        "destroyed",
        "its page was closed or reloaded",
    ]
    # the same call object dials again from the page that is there now
    notebook.run("call")
    notebook.run("await call.dial(); call.hangup(); await call.wait_for('ended')")


def test_closing_the_tab(call: Widget, notebook: Notebook, space: LoopbackSpace) -> None:
    """A second tab on the same kernel sees the call of the first one end."""
    other = notebook.second_tab()
    notebook.page.close(run_before_unload=False)
    expect_no_leg(space)
    assert "destroyed" in text(other.run("await call.wait_for('ended', timeout=10)"))
    other.page.close()


def test_restarting_the_kernel(call: Widget, notebook: Notebook, space: LoopbackSpace) -> None:
    """A kernel that restarts takes the call with it."""
    notebook.restart()
    call.expect_no_live_track()
    expect_no_leg(space)


def test_shutting_the_kernel_down(call: Widget, notebook: Notebook, space: LoopbackSpace) -> None:
    """A kernel that is shut down takes the call with it, and the view says so."""
    notebook.shutdown()
    call.expect_no_live_track()
    expect_no_leg(space)
    expect(call.dial).to_be_disabled()


def test_the_kernel_is_killed(call: Widget, notebook: Notebook, space: LoopbackSpace) -> None:
    """A kernel that dies takes the call with it."""
    notebook.kill()
    call.expect_no_live_track()
    expect_no_leg(space)


def test_closing_the_document(call: Widget, notebook: Notebook, space: LoopbackSpace) -> None:
    """Closing the notebook's document hangs up; opened again, the same call object dials."""
    notebook.save()
    notebook.close()
    call.expect_no_live_track()
    expect_no_leg(space)
    again = Notebook(notebook.lab, notebook.page, notebook.name)
    assert text(again.run("call.end_reason")) == "'its notebook was closed'\n"
    again.run("call")
    again.run("await call.dial(); call.hangup(); await call.wait_for('ended')")
    again.dispose()


def test_clearing_the_output_keeps_the_call(
    call: Widget, notebook: Notebook, space: LoopbackSpace
) -> None:
    """A view is only a view: taken away and shown again it shows the same call."""
    notebook.clear_outputs()
    expect(notebook.views()).to_have_count(0)
    assert len(space.legs()) == 1
    notebook.run("call")
    call.expect_status("connected")
    call.frames("remote")
    call.hang_up.click()
    call.expect_ended()


def test_hanging_up_at_once(notebook: Notebook, space: LoopbackSpace) -> None:
    """Whatever the page was at, a call that was hung up leaves no session and no microphone."""
    call = Widget(notebook, "'/public/echo', video=True, space='loopback'")
    notebook.run(
        "import asyncio\n"
        "for number in range(12):\n"
        "    call.dial()\n"
        "    await asyncio.sleep(0.03 * number)\n"
        "    call.hangup()\n"
        "    await call.wait_for('ended')",
        timeout=60,
    )
    call.expect_ended()
    expect_no_leg(space)
    expect_no_session(space)
    call.connect()
    call.hang_up.click()
    call.expect_ended()


def test_twenty_calls_leave_nothing(notebook: Notebook, space: LoopbackSpace) -> None:
    """Dialling and hanging up again and again leaves no track, no leg and no session."""
    call = Widget(notebook, "'/public/silence', space='loopback'")
    notebook.run(
        "for _ in range(20):\n"
        "    await call.dial()\n"
        "    call.hangup()\n"
        "    await call.wait_for('ended')",
        timeout=90,
    )
    call.expect_no_live_track()
    expect_no_leg(space)
    assert call.ask("call.attempt") == 20
    expect_no_session(space)
    assert not [line for line in notebook.console if re.search("error|uncaught", line, re.I)]
