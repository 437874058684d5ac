"""The receiver beside a real browser: what a page sends, and in a notebook's own kernel."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sw_notebook import LoopbackSpace, Receiver
from sw_notebook.strip import Strip

from .notebook import Notebook, text
from .waiting import wait_until
from .widget import Widget

STRIP = Path(__file__).with_name("strip.js")


@pytest.fixture
def strip(notebook: Notebook) -> Iterator[Any]:
    """A page whose camera is a canvas with the strip."""
    notebook.page.evaluate(STRIP.read_text())
    yield notebook.page
    notebook.page.evaluate("__strip.undo()")


def leg(space: LoopbackSpace, call_id: str | None) -> dict[str, Any]:
    """What the space says of a call."""
    return next(leg for leg in space.legs() if leg["call_id"] == call_id)


def test_every_frame_that_a_page_sends_is_right(
    notebook: Notebook, space: LoopbackSpace, strip: Any
) -> None:
    """None is broken, none comes twice, and those that left the page are all counted."""
    call = Widget(notebook, "'/public/relay', video=True, space='loopback'")
    call.connect()
    with Receiver("/public/relay", space=space) as rx:
        frames = rx.video.frames(policy="bounded", limit=1000)
        numbers = []
        for frame in itertools.islice(frames, 100):
            found = Strip.read(frame.y)
            assert found is not None, f"{frame} cannot be read"
            numbers.append(found.frame)
        assert next(rx.audio.blocks(0.1)).samples.shape == (2, 4800)
        page = leg(space, call.ask("call.call_id"))
        call.hang_up.click()
        call.expect_ended()

        def all_counted() -> bool:
            video = rx.stats().video
            counted = video["frames"] + video["incomplete"] + video["undecodable"]
            sent = leg(space, rx.call_id)["sent"]["video"]["frames"]
            return bool(video["lost"] == 0 and counted == sent)

        wait_until(all_counted)
        video = rx.stats().video
    assert all(a < b for a, b in itertools.pairwise(numbers))
    assert video["decode_errors"] == video["overwritten"] == video["dropped"] == 0
    assert page["received"]["video"]["frames"] >= len(numbers)
    # what is missing never left the page: Chromium leaves frames out where it has no time
    assert video["decoded"] == video["frames"]


def test_in_a_notebook(notebook: Notebook, space: LoopbackSpace) -> None:
    """A cell dials, looks, computes for a while and has lost nothing; the frame is a picture."""
    notebook.run(
        "from sw_notebook import Receiver\n"
        "from sw_notebook.strip import Strip\n"
        "rx = Receiver('/public/bars', space='loopback')\n"
        "await rx.dial()\n"
        "frame = await rx.video.next()\n"
        "frame"
    )
    assert notebook.page.locator(".jp-RenderedImage img").count() == 1
    said = notebook.run(
        "import time\n"
        "end = time.monotonic() + 2\n"
        "while time.monotonic() < end: sum(range(1000))\n"
        "numbers = [Strip.read(f.y).frame for f in rx.video.window(1.9)]\n"
        "print(numbers == list(range(numbers[0], numbers[0] + len(numbers))), len(numbers) > 35)"
    )
    assert text(said).strip() == "True True"
    notebook.run("rx.close()")
    wait_until(lambda: space.legs() == [])
