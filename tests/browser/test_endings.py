"""Whatever ends a call, nothing is left of it, in the page and in the space."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Playwright, expect
from playwright.sync_api import Error as PlaywrightError

from sw_notebook import LoopbackSpace

from .chromium import launch
from .lab import Lab
from .notebook import Notebook, open_page, text
from .waiting import expect_no_leg, expect_nothing_left, wait_until
from .widget import Widget


@pytest.fixture
def call(notebook: Notebook, space: LoopbackSpace) -> Widget:
    """A video call that is up."""
    call = Widget(notebook, "'/public/echo', video=True, space='loopback'")
    call.connect()
    assert set(call.live_tracks) == {"audio", "video"}
    assert len(space.legs()) == 1
    return call


def test_closing_the_call(call: Widget, notebook: Notebook, space: LoopbackSpace) -> None:
    """close() hangs up, in the page and in the space, and says so in Python."""
    notebook.run("call.close()")
    expect_nothing_left(notebook.page, space)
    assert call.ask("[call.status, call.end_reason]") == ["destroyed", "the call was closed"]
    notebook.run("call.close()")


def test_reloading_the_page(call: Widget, notebook: Notebook, space: LoopbackSpace) -> None:
    """The page that goes says goodbye to the space and to the kernel."""
    notebook.save()
    notebook.reload()
    expect_nothing_left(notebook.page, space)
    assert call.ask("[call.status, call.end_reason]") == [
        "destroyed",
        "its page was closed or reloaded",
    ]
    # the same call object dials again from the page that is there now
    notebook.run("call")
    notebook.run("await call.dial(); call.hangup(); await call.wait_for('ended')")
    expect_nothing_left(notebook.page, space)


def test_closing_the_tab(call: Widget, notebook: Notebook, space: LoopbackSpace) -> None:
    """A second tab on the same kernel sees the call of the first one end."""
    # Its goodbye can get lost on a busy machine; then the kernel misses it.
    notebook.run("import sw_notebook._lease as lease; lease.PING_SECONDS = 0.3")
    other = notebook.second_tab()
    notebook.page.close(run_before_unload=False)
    expect_no_leg(space)
    # a browser may drop the goodbye to the kernel; then the page is missed after 40 s
    ended = other.run("await call.wait_for('ended', timeout=60)", timeout=70)
    assert "destroyed" in text(ended)
    expect_nothing_left(other.page, space)
    other.page.close()


def test_restarting_the_kernel(call: Widget, notebook: Notebook, space: LoopbackSpace) -> None:
    """A kernel that restarts takes the call with it."""
    notebook.restart()
    expect_nothing_left(notebook.page, space)


def test_shutting_the_kernel_down(call: Widget, notebook: Notebook, space: LoopbackSpace) -> None:
    """A kernel that is shut down takes the call with it, and the view says so."""
    notebook.shutdown()
    expect_nothing_left(notebook.page, space)
    expect(call.dial).to_be_disabled()


def test_the_kernel_is_killed(call: Widget, notebook: Notebook, space: LoopbackSpace) -> None:
    """A kernel that dies takes the call with it."""
    killed = notebook.lab.kernel(notebook.kernel_id).pid
    notebook.kill()
    expect_nothing_left(notebook.page, space)

    def is_back() -> bool:
        with contextlib.suppress(LookupError, psutil.Error):
            return notebook.lab.kernel(notebook.kernel_id).pid != killed
        return False

    # the server starts it again, and cannot shut it down before it is there
    wait_until(is_back)
    assert text(notebook.run("print('a new one')")) == "a new one\n"


def test_closing_the_document(call: Widget, notebook: Notebook, space: LoopbackSpace) -> None:
    """Closing the notebook's document hangs up; opened again, the same call object dials."""
    notebook.save()
    notebook.close()
    expect_nothing_left(notebook.page, space)
    again = Notebook(notebook.lab, notebook.page, notebook.name)
    assert text(again.run("call.end_reason")) == "'its notebook was closed'\n"
    again.run("call")
    again.run("await call.dial(); call.hangup(); await call.wait_for('ended')")
    expect_nothing_left(notebook.page, space)
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
    expect_nothing_left(notebook.page, space)


def test_a_call_that_nothing_shows_any_more(notebook: Notebook, space: LoopbackSpace) -> None:
    """Out of sight for longer than its patience, a call is hung up, and says why."""
    call = Widget(notebook, "'/public/echo', hidden_seconds=0.5, space='loopback'")
    call.connect()
    notebook.clear_outputs()
    expect_nothing_left(notebook.page, space)
    notebook.run("await call.wait_for('ended', timeout=10)")
    assert call.ask("[call.status, call.end_reason]") == [
        "destroyed",
        "nothing showed it any more",
    ]


def test_a_call_that_is_kept_out_of_sight(notebook: Notebook, space: LoopbackSpace) -> None:
    """With ``on_hidden="keep"`` it goes on; told otherwise, it ends."""
    call = Widget(notebook, "'/public/echo', on_hidden='keep', hidden_seconds=0, space='loopback'")
    call.connect()
    notebook.clear_outputs()
    expect(notebook.views()).to_have_count(0)
    # a round trip to the page and back: long enough for a timer of no seconds
    notebook.run("call.mute_audio()")
    wait_until(lambda: call.ask("call.audio_muted"))
    assert len(space.legs()) == 1
    notebook.run("call.on_hidden = 'hangup'; await call.wait_for('ended', timeout=10)")
    expect_nothing_left(notebook.page, space)


def test_running_the_cell_again(notebook: Notebook, space: LoopbackSpace) -> None:
    """The call of the last run ends and says so; that of this run dials."""
    source = (
        "from sw_notebook import Call\n"
        "older = globals().get('call')\n"
        "call = Call('/public/echo', video=True, space='loopback')\n"
        "call"
    )
    cell = notebook.start(source)
    cell.wait()
    notebook.run("await call.dial()")
    assert len(space.legs()) == 1
    cell.run_again()
    outputs = notebook.run("print(older.status, older.end_reason); older.dial()", check=False)
    assert "destroyed its cell was run again" in text(outputs)
    assert "when its cell was run again" in text(outputs)
    expect_nothing_left(notebook.page, space)
    expect(notebook.views()).to_have_count(1)
    notebook.run("await call.dial()")
    assert len(space.legs()) == 1
    notebook.run("call.hangup(); await call.wait_for('ended')")
    expect_nothing_left(notebook.page, space)


def test_interrupting_the_kernel(notebook: Notebook, space: LoopbackSpace) -> None:
    """An interrupt ends the cell that waits, and not the call."""
    call = Widget(notebook, "'/public/slow', space='loopback'")
    cell = notebook.start("print('dialling', flush=True)\nawait call.dial()")
    expect(notebook.panel.get_by_text("dialling", exact=True)).to_be_visible()
    call.expect_status("dialing")
    notebook.interrupt()
    assert (
        text(cell.wait(check=False))
        .splitlines()[-1]
        .startswith(("KeyboardInterrupt", "CancelledError"))
    )
    call.expect_status("connected")
    notebook.run("await call.wait_for('connected')")
    # ipykernel does not wake its loop for an interrupt, and in a call that is up nothing else does
    for word, forever in {
        "waiting": "await call.wait_for('ended')",
        "busy": "while True: pass",
    }.items():
        cell = notebook.start(f"print({word!r}, flush=True)\n{forever}")
        expect(notebook.panel.get_by_text(word, exact=True)).to_be_visible()
        notebook.interrupt()
        cell.wait(check=False)
    assert len(space.legs()) == 1
    call.hang_up.click()
    call.expect_ended()
    expect_nothing_left(notebook.page, space)


def test_dialling_in_a_call(call: Widget, notebook: Notebook, space: LoopbackSpace) -> None:
    """A second dial is refused in words, and the call goes on."""
    outputs = notebook.run("call.dial('/public/bars')", check=False)
    assert "already connected: hang up first" in text(outputs)
    assert call.ask("call.destination") == "/public/echo"
    call.frames("remote")
    call.hang_up.click()
    call.expect_ended()
    expect_nothing_left(notebook.page, space)


@pytest.mark.parametrize("moment", ["new", "trying", "connected"])
def test_closing_in_mid_dial(notebook: Notebook, space: LoopbackSpace, moment: str) -> None:
    """Whatever it was at, a call that is closed leaves nothing, and others go on."""
    Widget(notebook, "'/public/echo', video=True, space='loopback'")
    notebook.run(
        "import asyncio\n"
        "reached = asyncio.Event()\n"
        "loop = asyncio.get_running_loop()\n"
        "def look(change):\n"
        f"    if change['new'] == {moment!r}: loop.call_soon_threadsafe(reached.set)\n"
        "call.observe(look, 'status')\n"
        "call.dial()\n"
        "await asyncio.wait_for(reached.wait(), 20)\n"
        "call.close()\n"
        "call.close()"
    )
    expect_nothing_left(notebook.page, space)
    assert notebook.page_errors == []
    other = Widget(notebook, "'/public/silence', space='loopback'", name="other")
    other.connect()
    other.hang_up.click()
    other.expect_ended()


def test_the_browser_crashes(lab: Lab, playwright: Playwright, space: LoopbackSpace) -> None:
    """A page that dies without a word is missed, in the kernel and in the space."""
    browser = launch(playwright)
    lab.write("crash.ipynb")
    notebook = Notebook(lab, open_page(lab, browser), "crash.ipynb")
    call = Widget(notebook, "'/public/echo', video=True, space='loopback'")
    call.connect()
    notebook.run("import sw_notebook._lease as lease; lease.PING_SECONDS = 0.3")
    other = Notebook(lab, open_page(lab, second := launch(playwright)), "crash.ipynb")
    with contextlib.suppress(PlaywrightError):  # nobody is left to answer
        browser.new_browser_cdp_session().send("Browser.crash")
    assert "destroyed" in text(other.run("await call.wait_for('ended', timeout=25)"))
    assert text(other.run("call.end_reason")) == "'its page did not answer'\n"
    expect_no_leg(space)
    # patient again: the page that is there may be slow on a busy machine
    other.run("lease.PING_SECONDS = 10.0\ncall")
    other.run("await call.dial(); call.hangup(); await call.wait_for('ended')")
    expect_nothing_left(other.page, space)
    other.dispose()
    second.close()


def test_the_kernel_is_restarted_from_another_tab(
    call: Widget, notebook: Notebook, space: LoopbackSpace
) -> None:
    """The page that did not ask ends its call too, and says what to do."""
    other = notebook.second_tab()
    other.restart()
    expect_nothing_left(notebook.page, space)
    expect(call.view).to_contain_text("The kernel of this call is gone")
    expect(call.dial).to_be_disabled()
    other.page.close()
    notebook.reload()
    notebook.run(
        "from sw_notebook import Call; call = Call('/public/echo', space='loopback'); call"
    )
    notebook.run("await call.dial(); call.hangup(); await call.wait_for('ended')")
    expect_nothing_left(notebook.page, space)


def test_the_server_stops(tmp_path: Path, browser: Browser, space: LoopbackSpace) -> None:
    """Without its Jupyter server a page says so, and hangs up when nobody comes back."""
    lab = Lab(tmp_path)
    lab.write("stops.ipynb")
    page = open_page(lab, browser)
    notebook = Notebook(lab, page, "stops.ipynb")
    call = Widget(notebook, "'/public/echo', video=True, space='loopback'")
    call.connect()
    lab.stop()
    expect(call.view).to_contain_text(re.compile("out of reach|kernel of this call is gone"))
    expect_no_leg(space, 45)
    expect_nothing_left(page, space)
    expect(call.dial).to_be_disabled()
    page.context.close()


def test_two_calls_in_two_spaces_on_one_page(notebook: Notebook, space: LoopbackSpace) -> None:
    """Two widgets, each in a space of its own, know nothing of one another."""
    notebook.run(
        "from sw_notebook import LoopbackSpace\nmine = LoopbackSpace(private=True).start()"
    )
    one = Widget(notebook, "'/public/bars', video=True, space='loopback'", name="one")
    two = Widget(notebook, "'/public/echo', video=True, space=mine", name="two")
    notebook.run("import asyncio\nawait asyncio.gather(one.dial(), two.dial())")
    one.frames("remote")
    two.frames("remote")
    assert [leg["destination"] for leg in space.legs()] == ["/public/bars"]
    assert two.ask("[leg['destination'] for leg in mine.legs()]") == ["/public/echo"]
    one.hang_up.click()
    expect_no_leg(space)
    two.frames("remote")
    assert two.ask("[one.status, two.status]") == ["destroyed", "connected"]
    notebook.run("two.hangup(); await two.wait_for('ended')")
    two.expect_no_live_track()
    assert two.ask("mine.legs()") == []
    expect_nothing_left(notebook.page, space)
    notebook.run("mine.stop()")


@pytest.mark.heavy
@pytest.mark.timeout(300)  # 13 s on a quiet machine, and 76 on the same one when it was busy
def test_twenty_calls_in_one_cell(notebook: Notebook, space: LoopbackSpace) -> None:
    """Twenty widgets that one cell makes are up at the same time, and all end."""
    # The SDK gives a call six seconds, which are short beside so many: such a call is dialled once
    # more, as its user would.
    notebook.run(
        "import asyncio\n"
        "from IPython.display import display\n"
        "from sw_notebook import Call, CallEnded\n"
        "calls = [Call('/public/silence', space='loopback') for _ in range(20)]\n"
        "display(*calls)\n"
        "for call in calls:\n"
        "    try: await call.dial()\n"
        "    except CallEnded: await call.dial()\n"
        "assert {(call.status, call.end_reason) for call in calls} == {('connected', '')}, ("
        "    [(call, call.end_reason) for call in calls])",
        timeout=240,
    )
    wait_until(lambda: len(space.legs()) == 20)  # one that was dialled again ends in its own time
    expect(notebook.views()).to_have_count(20)
    notebook.run(
        "for call in calls: call.hangup()\n"
        "await asyncio.gather(*(call.wait_for('ended', timeout=20) for call in calls))",
        timeout=60,
    )
    expect_nothing_left(notebook.page, space)
    assert notebook.page_errors == []


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
    expect_nothing_left(notebook.page, space)
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
    expect_nothing_left(notebook.page, space)
    assert call.ask("call.attempt") == 20
    assert not [line for line in notebook.console if re.search("error|uncaught", line, re.I)]
