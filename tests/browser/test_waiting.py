"""Waiting for a call in cells: the one that dials, and beside one that is busy."""

from __future__ import annotations

from playwright.sync_api import expect

from .notebook import Notebook, text
from .widget import Widget


def test_show_dial_and_wait_in_one_cell(notebook: Notebook) -> None:
    """One cell displays the call, dials it and waits for it."""
    outputs = notebook.run(
        "from sw_notebook import Call\n"
        "from IPython.display import display\n"
        "call = Call('/public/silence', space='loopback')\n"
        "display(call)\n"
        "print(await call.dial(), call.status)\n"
        "call.hangup()\n"
        "print(await call.wait_for('ended'))"
    )
    assert "connected connected" in text(outputs)
    assert "destroyed" in text(outputs)


def test_wait_for_a_click(notebook: Notebook) -> None:
    """A cell can wait for a call that a person dials."""
    call = Widget(notebook, "'/public/silence', space='loopback'")
    cell = notebook.start("print(await call.wait_for('connected', timeout=20))")
    call.dial.click()
    assert text(cell.wait()) == "connected\n"
    notebook.run("call.hangup(); await call.wait_for('ended')")


def test_dial_beside_a_cell_that_awaits(notebook: Notebook) -> None:
    """Another cell's coroutine goes on while the call connects, and the call is not held up."""
    call = Widget(notebook, "'/public/silence', space='loopback'")
    notebook.run(
        "import asyncio\n"
        "stop = asyncio.Event()\n"
        "ticks = 0\n"
        "async def other():\n"
        "    global ticks\n"
        "    while not stop.is_set():\n"
        "        ticks += 1\n"
        "        await asyncio.sleep(0.01)\n"
        "task = asyncio.ensure_future(other())"
    )
    assert text(notebook.run("await call.dial()")) == "'connected'\n"
    assert call.ask("ticks") > 5
    notebook.run("stop.set(); await task; call.hangup(); await call.wait_for('ended')")


def test_statuses_arrive_while_a_cell_is_busy(notebook: Notebook) -> None:
    """A cell that blocks the main thread holds up neither the call nor its statuses."""
    call = Widget(notebook, "'/public/silence', space='loopback'")
    busy = notebook.start(
        "import threading\n"
        "reached = threading.Event()\n"
        "call.observe(lambda c: c['new'] == 'connected' and reached.set(), 'status')\n"
        "print('busy', flush=True)\n"
        "print(reached.wait(20))"
    )
    expect(notebook.panel.get_by_text("busy", exact=True)).to_be_visible()
    call.dial.click()
    assert text(busy.wait()) == "busy\nTrue\n"
    assert call.statuses == ["new", "trying", "connecting", "connected"]
    notebook.run("call.hangup(); await call.wait_for('ended')")


def test_a_call_that_nothing_shows_says_so(notebook: Notebook) -> None:
    """Without a view no camera opens, and the error says to show the call."""
    outputs = notebook.run(
        "from sw_notebook import Call, NoPageError\n"
        "hidden = Call('/public/echo', video=True, space='loopback')\n"
        "try:\n"
        "    await hidden.dial()\n"
        "except NoPageError as error:\n"
        "    print(error)"
    )
    assert "show the call in a cell" in text(outputs)
    assert notebook.page.evaluate("() => window.swProbe.live()") == []


def test_a_busy_cell_beside_the_dial(notebook: Notebook) -> None:
    """A thread that computes slows the call down and stops nothing."""
    Widget(notebook, "'/public/silence', space='loopback'")
    outputs = notebook.run(
        "import threading\n"
        "done = threading.Event()\n"
        "def compute():\n"
        "    while not done.is_set():\n"
        "        sum(range(10_000))\n"
        "thread = threading.Thread(target=compute)\n"
        "thread.start()\n"
        "try:\n"
        "    print(await call.dial().within(20))\n"
        "finally:\n"
        "    done.set()\n"
        "    thread.join()\n"
        "call.hangup()\n"
        "await call.wait_for('ended')"
    )
    assert "connected" in text(outputs)
