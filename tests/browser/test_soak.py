"""What takes longer: a long call, and many calls in a row."""

from __future__ import annotations

import pytest

from sw_notebook import LoopbackSpace

from .memory import MIB, heap, space_process
from .notebook import Notebook
from .widget import Widget

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]


def test_two_minutes_of_bars(notebook: Notebook, space: LoopbackSpace) -> None:
    """Frames go on without a gap that people see, and neither side grows."""
    call = Widget(notebook, "'/public/bars', video=True, space='loopback'")
    call.connect()
    call.frames("remote", 100)
    process = space_process(space)
    first, memory = call.strip(), process.memory_info().rss
    assert first is not None
    longest = 0
    last = first
    for _ in range(60):
        call.frames("remote", 45)
        strip = call.strip()
        assert strip is not None
        longest = max(longest, strip.milliseconds - last.milliseconds)
        last = strip
    assert last.frame - first.frame > 2500
    # 45 frames are 1.8 s; a freeze would add to one of the steps
    assert longest < 4000
    assert process.memory_info().rss - memory < 20 * MIB
    (leg,) = [leg for leg in space.legs() if leg["destination"] == "/public/bars"]
    assert leg["frames_dropped"] == 0
    call.hang_up.click()
    call.expect_ended()


def test_a_hundred_calls(notebook: Notebook, space: LoopbackSpace) -> None:
    """Calls of every kind, refused ones among them, leave nothing in page, kernel and space."""
    call = Widget(notebook, "'/public/silence', space='loopback'")
    notebook.run(
        "from sw_notebook import CallEnded\n"
        "async def some(count):\n"
        "    kinds = ['/public/silence', '/public/echo', '/public/bars', '/public/forbidden']\n"
        "    for number in range(count):\n"
        "        call.video = number % 3 == 0\n"
        "        try:\n"
        "            await call.dial(kinds[number % 4])\n"
        "        except CallEnded as ended:\n"
        "            assert ended.kind == 'destination', ended\n"
        "        call.hangup()\n"
        "        await call.wait_for('ended', timeout=20)"
    )
    notebook.run("await some(20)", timeout=120)  # caches fill, lazily made things are made
    process = space_process(space)
    before, memory = heap(notebook), process.memory_info().rss
    notebook.run("await some(100)", timeout=400)
    call.expect_no_live_track()
    assert space.legs() == []
    assert heap(notebook) - before < 10 * MIB
    assert process.memory_info().rss - memory < 40 * MIB
    assert (
        call.ask("len([row for row in call.history if row.status in ('destroyed', 'failed')])")
        == 120
    )
