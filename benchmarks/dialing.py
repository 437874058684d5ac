"""N3: dial to connected through the widget, against the SDK in a plain page.

The widget's side is what a cell waits for: ``await call.dial()``, from the call to the status in
Python, with all that lies between: the command to the page, the preflight, the token that the
kernel gets from the loopback space, the SDK, and the statuses on their way back.  A click on
*Dial*, which goes to the kernel first, is shown beside it.

The peer is ``js/dev/bare.ts``: the same SDK with the same provider wrapper and the same space in
a page that does nothing else and has its token at hand, timed from making its client to the
SDK's own ``connected``.  Each dial of each side is a fresh client; they dial in turn.
"""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.bare import bare_page, dialling
from tests.browser.notebook import Cell, Notebook, text

from .desk import Desk, printed
from .goal import Result, ratio, spread

__all__ = ["measure"]

RATIO_GOAL = 1.2
DESTINATION = "/public/silence"

SETUP = f"""
import asyncio, json, time
from sw_notebook import Call

call, connected = Call("{DESTINATION}", space="loopback"), []

def note(change):
    if change["new"] == "connected":
        connected.append(time.time())

call.observe(note, "status")
"""
DIAL = """
begun = time.perf_counter()
await call.dial()
print(json.dumps(time.perf_counter() - begun))
"""
# Counted, not waited for by status: until the click arrives the last attempt is the current one.
CONNECTED = """
async with asyncio.timeout(30):
    while len(connected) < {count}:
        await asyncio.sleep(0.005)
print(json.dumps(connected[-1]))
"""
HANG_UP = """
call.hangup()
await call.wait_for("ended", timeout=30)
"""


def measure(desk: Desk, repeats: int) -> list[Result]:
    """Dial on each side in turn, once before it counts."""
    widget: list[float] = []
    clicked: list[float] = []
    peer: list[float] = []
    with (
        bare_page(desk.browser) as bare,
        desk.page() as page,
        desk.notebook(page, SETUP, "call") as notebook,
    ):
        # Cells that are there: a new one makes JupyterLab build an editor while it dials.
        dial, hang_up = notebook.start(DIAL), notebook.start(HANG_UP)
        hang_up.wait()
        for _ in range(repeats + 1):
            widget.append(float(text(dial.run_again())))
            hang_up.run_again()
            peer.append(_plain(bare, desk))
            clicked.append(_clicked(notebook, hang_up))
    widget, clicked, peer = widget[1:], clicked[1:], peer[1:]
    found = ratio(widget, peer)
    return [
        Result(
            "N3",
            f"await call.dial() ≤ {RATIO_GOAL} × the SDK in a plain page",
            f"{found:.2f} × ({spread(widget, 1e3, ' ms')}; peer {spread(peer, 1e3, ' ms')})",
            found <= RATIO_GOAL,
        ),
        Result(
            "N3",
            "a click on Dial, to status in Python",
            f"{ratio(clicked, peer):.2f} × ({spread(clicked, 1e3, ' ms')})",
            None,
        ),
    ]


def _clicked(notebook: Notebook, hang_up: Cell) -> float:
    before: int = printed(notebook, "print(len(connected))")
    clicked: float = notebook.page.evaluate("(path) => window.swBench.click(path)", notebook.name)
    connected: float = printed(notebook, CONNECTED.format(count=before + 1))
    hang_up.run_again()
    return connected - clicked


def _plain(bare: Page, desk: Desk) -> float:
    call = {**dialling(desk.space, DESTINATION, {}), "seconds": 0}
    outcome = bare.evaluate("(call) => window.swBare.dial(call)", call)
    if outcome != "connected":
        raise RuntimeError(f"the plain page did not connect: {outcome}")
    return float(bare.evaluate("() => window.swBare.took()")) / 1e3
