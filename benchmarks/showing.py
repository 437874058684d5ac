"""N1: ten calls in one cell against ten empty anywidgets, and what they cost the line.

Ten calls are timed from the start of the cell until the last one is a dialler and painted; ten
anywidgets whose ``render`` does nothing are the peer, in turn with them.  It is timed twice:

- *application loaded*: the page has shown a call before.  The goal is judged by this, for it is
  what ten widgets cost; everything that is there once per page is not a cost of the tenth.
- *first in page*: every run in a page that was loaded just now, so that both sides bring their
  code, ours 330 KB of it with the SDK.  Shown beside it, with the time until title and status
  are painted, which needs no application.

Bytes are those of the real WebSocket frames of every ``comm_open`` that the cell causes, with
Jupyter's headers and with the layout models of ipywidgets.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import WebSocket

from sw_notebook import _static
from tests.browser.notebook import Notebook

from .desk import Desk
from .goal import Result, ratio, spread

__all__ = ["measure"]

WIDGETS = 10
TIME_GOAL = 1.3
OPEN_GOAL = 60_000
CHUNK_GOAL = 340_000

DIALLER, CARD, EMPTY = ".sw-call", ".sw-card b", ".sw-empty"

SETUP = """
import anywidget
from IPython.display import display
from ipywidgets import Widget
from sw_notebook import Call

class Empty(anywidget.AnyWidget):
    _esm = "export default { render({ el }) { el.classList.add('sw-empty') } }"

def calls(count):
    display(*(Call("/public/echo", space="loopback") for _ in range(count)))

def empties(count):
    display(*(Empty() for _ in range(count)))
"""


def measure(desk: Desk, repeats: int) -> list[Result]:
    """Time both sides in turn, then count what crosses the line in a page of its own."""
    return [*_loaded(desk, repeats), *_first(desk, repeats), *_counts(desk)]


def _loaded(desk: Desk, repeats: int) -> list[Result]:
    ours: list[float] = []
    peer: list[float] = []
    with desk.page() as page, desk.notebook(page, SETUP) as notebook:
        _show(notebook, "calls", DIALLER, count=1)
        _show(notebook, "empties", EMPTY, count=1)
        for _ in range(repeats):
            ours.append(_show(notebook, "calls", DIALLER)[DIALLER])
            peer.append(_show(notebook, "empties", EMPTY)[EMPTY])
    found = ratio(ours, peer)
    return [
        Result(
            "N1",
            f"ten calls shown ≤ {TIME_GOAL} × ten empty anywidgets, application loaded",
            f"{found:.2f} × ({spread(ours, unit=' ms')}; peer {spread(peer, unit=' ms')})",
            found <= TIME_GOAL,
        )
    ]


def _first(desk: Desk, repeats: int) -> list[Result]:
    ours: list[float] = []
    cards: list[float] = []
    peer: list[float] = []
    for _ in range(repeats):
        with desk.page() as page, desk.notebook(page, SETUP) as notebook:
            seen = _show(notebook, "calls", DIALLER, CARD)
            ours.append(seen[DIALLER])
            cards.append(seen[CARD])
        with desk.page() as page, desk.notebook(page, SETUP) as notebook:
            peer.append(_show(notebook, "empties", EMPTY)[EMPTY])
    return [
        Result(
            "N1",
            "the same, first in page",
            f"{ratio(ours, peer):.2f} × ({spread(ours, unit=' ms')}; "
            f"peer {spread(peer, unit=' ms')})",
            None,
        ),
        Result(
            "N1",
            "title and status painted, first in page",
            f"{ratio(cards, peer):.2f} × ({spread(cards, unit=' ms')})",
            None,
        ),
    ]


def _show(
    notebook: Notebook, function: str, *selectors: str, count: int = WIDGETS
) -> dict[str, float]:
    """Run the cell, and leave the notebook as it was."""
    notebook.run("Widget.close_all()")
    notebook.clear_outputs()
    seen: dict[str, float] = notebook.page.evaluate(
        "(args) => window.swBench.show(...args)",
        [notebook.name, f"{function}({count})", list(selectors), count],
    )
    return seen


def _counts(desk: Desk) -> list[Result]:
    frames: list[Frame] = []
    with desk.page() as page:
        page.on("websocket", _listener(frames.append))
        with desk.notebook(page, SETUP) as notebook:
            frames.clear()
            _show(notebook, "calls", DIALLER)
    opened = [frame for frame in frames if frame.kind == "comm_open"]
    size = sum(frame.size for frame in opened)
    state = sum(frame.content for frame in opened)
    application = _static.application()
    chunks = sum(application in frame.buffers for frame in frames)
    return [
        Result(
            "N1",
            f"comm_open of ten calls ≤ {OPEN_GOAL / 1e3:.0f} KB",
            f"{size / 1e3:.1f} KB in {len(opened)} frames ({state / 1e3:.1f} KB without headers)",
            size <= OPEN_GOAL,
        ),
        Result("N1", "application sent once per page", f"{chunks} ×", chunks == 1),
        Result(
            "N1",
            f"application ≤ {CHUNK_GOAL / 1e3:.0f} KB",
            f"{len(application) / 1e3:.1f} KB",
            len(application) <= CHUNK_GOAL,
        ),
    ]


@dataclasses.dataclass(frozen=True)
class Frame:
    """One message of Jupyter's protocol ``v1.kernel.websocket.jupyter.org``."""

    kind: str
    size: int
    content: int
    buffers: list[bytes]

    @classmethod
    def parse(cls, data: bytes) -> Frame:
        """Take it apart: a table of offsets, then channel, three headers, content, buffers."""
        fields = int.from_bytes(data[:8], "little")
        ends = [int.from_bytes(data[8 * n : 8 * n + 8], "little") for n in range(1, fields + 1)]
        parts = [data[begin:end] for begin, end in itertools.pairwise(ends)]
        header: dict[str, Any] = json.loads(parts[1])
        return cls(header["msg_type"], len(data), len(parts[4]), parts[5:])


def _listener(take: Callable[[Frame], None]) -> Callable[[WebSocket], None]:
    def received(payload: str | bytes) -> None:
        if isinstance(payload, bytes):
            take(Frame.parse(payload))

    def listen(socket: WebSocket) -> None:
        if "/channels" in socket.url:
            socket.on("framereceived", received)

    return listen
