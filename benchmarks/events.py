"""N2: statuses from the page to the kernel, against a trait that the page writes.

A page in a real JupyterLab speaks on the comm of a real call: it clicks on *Dial*, is told to
dial, accepts, and reports numbered statuses at 100 and at 1000 a second.  The kernel takes them
the way it takes a call's, into ``call.history``; an observer of ``call.status`` notes when each
has arrived.  Nothing is lost where the history has every number in order.  The latency is from
the page's clock, in whole milliseconds and rounded down, to the kernel's, which is the same.

The naive way is the peer, in turn with it: the page sets a synced trait and saves it.  The third
side is the bare line, which is no goal but tells where the time goes: messages on a comm whose
widget does nothing but note their arrival.
"""

from __future__ import annotations

import dataclasses
import itertools

from tests.browser.notebook import Notebook

from .desk import Desk, printed
from .goal import Result, spread

__all__ = ["measure"]

SECONDS = 3
P95_GOAL = 0.020
SLOW, FAST = 100, 1000

SETUP = """
import asyncio, json, time
import anywidget, traitlets
from sw_notebook import Call

class Naive(anywidget.AnyWidget):
    _esm = "export default {}"
    status = traitlets.Unicode().tag(sync=True)

class Line(anywidget.AnyWidget):
    _esm = "export default {}"

    def _handle_custom_msg(self, content, buffers):
        arrived.append((*content, time.time()))
"""
OURS = """
widget, arrived = Call("/public/silence", space="loopback"), []
widget.observe(lambda change: arrived.append((change["new"], time.time())), "status")
widget
"""
NAIVE = """
widget, arrived = Naive(), []
widget.observe(lambda change: arrived.append((change["new"], time.time())), "status")
widget
"""
LINE = """
widget, arrived = Line(), []
widget
"""
OURS_FOUND = """
await widget.wait_for("ended", timeout=120)
while not arrived or arrived[-1][0] != "destroyed":  # the observer comes after the record
    await asyncio.sleep(0.01)
sent = [(int(row.raw_status), row.time) for row in widget.history if row.raw_status]
seen = [when for status, when in arrived if status in ("ringing", "connecting")]
print(json.dumps([(*pair, when) for pair, when in zip(sent, seen, strict=True)]))
widget.close()
"""
NAIVE_FOUND = """
before = -1
while before < len(arrived):
    before = len(arrived)
    await asyncio.sleep(1)
print(json.dumps([(*map(float, text.split()), when) for text, when in arrived]))
widget.close()
"""
LINE_FOUND = NAIVE_FOUND.replace(
    "[(*map(float, text.split()), when) for text, when in arrived]", "arrived"
)


@dataclasses.dataclass
class Run:
    """One stream.

    Attributes:
        lost: how many did not arrive, or not in their order.
        p95: 95 % arrived sooner than so many seconds.
    """

    lost: int
    p95: float


def measure(desk: Desk, repeats: int) -> list[Result]:
    """Stream at both rates, ours and the naive way in turn."""
    results: list[Result] = []
    with desk.page() as page, desk.notebook(page, SETUP) as notebook:
        for rate in (SLOW, FAST):
            ours: list[Run] = []
            naive: list[Run] = []
            line: list[Run] = []
            for _ in range(repeats):
                ours.append(_stream(notebook, "statuses", OURS, OURS_FOUND, rate))
                naive.append(_stream(notebook, "writes", NAIVE, NAIVE_FOUND, rate))
                line.append(_stream(notebook, "messages", LINE, LINE_FOUND, rate))
            results += _results(rate, ours, naive, line)
    return results


def _stream(notebook: Notebook, action: str, show: str, found: str, rate: int) -> Run:
    count = SECONDS * rate
    notebook.clear_outputs()
    notebook.run(show)
    notebook.page.evaluate(
        "([action, ...args]) => window.swBench[action](...args)",
        [action, notebook.name, count, rate],
    )
    rows: list[tuple[float, float, float]] = printed(notebook, found, timeout=180)
    numbers = [number for number, _, _ in rows]
    swapped = sum(late < early for early, late in itertools.pairwise(numbers))
    latencies = sorted(arrived - sent for _, sent, arrived in rows)
    p95 = latencies[int(0.95 * len(latencies))] if latencies else float("inf")
    return Run(count - len(set(numbers)) + swapped, p95)


def _results(rate: int, ours: list[Run], naive: list[Run], line: list[Run]) -> list[Result]:
    count = SECONDS * rate
    lost = [run.lost for run in ours]
    p95 = [run.p95 for run in ours]
    shown = (
        f"p95 {spread(p95, 1e3, ' ms')}; "
        f"naive {spread([run.p95 for run in naive], 1e3, ' ms')}; "
        f"bare line {spread([run.p95 for run in line], 1e3, ' ms')}"
    )
    fast_enough = Result(
        "N2",
        f"at {rate}/s p95 of the latency ≤ {1e3 * P95_GOAL:.0f} ms",
        shown,
        min(p95) <= P95_GOAL,
    )
    arrival = Result(
        "N2",
        f"statuses at {rate}/s: none lost",
        f"{max(lost)} of {count} lost; naive {max(run.lost for run in naive)}, "
        f"bare line {max(run.lost for run in line)}",
        max(lost) == 0,
    )
    if rate == SLOW:
        return [arrival, fast_enough]
    return [arrival, dataclasses.replace(fast_enough, goal=f"the latency at {rate}/s", met=None)]
