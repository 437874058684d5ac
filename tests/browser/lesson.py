"""A lesson: a notebook with two calls that anything may happen to, and what must hold after it."""

from __future__ import annotations

import contextlib
import json
import random
import threading
import time
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, expect

from sw_notebook import LoopbackSpace, SpaceError

from .notebook import Cell, Notebook, text
from .view import View
from .waiting import wait_until

__all__ = ["PATIENCE", "Face", "Lesson", "Shown"]

PATIENCE = 45.0
"""Seconds for what is to come about by itself; a media path that is lost takes the most."""


@dataclass
class Shown:
    """A call of the lesson: the cell that makes it, and what its last run made.

    Attributes:
        name: the variable that holds it.
        cell: the cell that makes and shows it.
        title: of the call that the last run of the cell made.
        video: whether that one sends a picture.
        connected: whether it is up, as the last look found.
    """

    name: str
    cell: Cell
    title: str = ""
    runs: int = 0
    video: bool = False
    connected: bool = False


class Face(View):
    """One of the views of a call, found by its title."""

    def __init__(self, page: Page, title: str, number: int) -> None:
        super().__init__(page, number)
        self._title = title

    @property
    def all(self) -> Locator:
        """Every view of this call in the page."""
        return self.page.locator(f'.sw-call:has([aria-label="{self._title}"])')

    @property
    def view(self) -> Locator:
        """This view."""
        return self.all.nth(self._view)


class Watch:
    """Looks at the space all the time: no call may have two legs, not even for a moment."""

    def __init__(self, space: LoopbackSpace, calls: int) -> None:
        self._space = space
        self._calls = calls
        self._leaving: set[str] = set()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.seen: list[list[dict[str, Any]]] = []
        self._thread.start()

    def let_go(self) -> None:
        """From now on the legs that are there count as those of calls that have ended."""
        self._leaving |= {leg["call_id"] for leg in self._space.legs()}

    @property
    def looks(self) -> bool:
        """Whether it still does."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Look no more."""
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.wait(0.1):
            with contextlib.suppress(SpaceError):
                legs = [leg for leg in self._space.legs() if leg["call_id"] not in self._leaving]
                if len(legs) > self._calls:
                    self.seen.append(legs)


class Lesson:
    """A notebook with two calls, and what must always hold in it."""

    def __init__(self, notebook: Notebook, space: LoopbackSpace, seed: int) -> None:
        self.notebook = notebook
        self.space = space
        self.chance = random.Random(seed)
        self.begun = self.page_begun = self.kernel_begun = time.monotonic()
        self.taken: list[str] = []
        self.counts: dict[str, int] = {}
        self.cells_run = self.loads = 0
        # cells that are edited and run again: a document that grows would be JupyterLab's memory
        self._scratch = notebook.start("pass")
        self.shower = notebook.start("pass")
        self.busy = notebook.start("pass")
        self.calls = [Shown(name, notebook.start("pass")) for name in ("ada", "bob")]
        self.watch = Watch(space, len(self.calls))
        for call in self.calls:
            self.make(call)

    # --- Python ---------------------------------------------------------------------------

    def run(self, source: str, *, timeout: float = 60, check: bool = True) -> str:
        """Run the scratch cell with this source and return what it said."""
        self.cells_run += 1
        return text(self._scratch.run_again(source, timeout=timeout, check=check))

    def ask(self, expression: str) -> Any:
        """Evaluate an expression of plain data in the kernel."""
        return json.loads(self.run(f"import json; print(json.dumps({expression}))"))

    def make(self, call: Shown) -> None:
        """Run the cell of a call, which makes another one and shows it."""
        self.watch.let_go()
        self.cells_run += 1
        call.runs += 1
        call.video = self.chance.random() < 0.6
        call.title = f"{call.name} {call.runs}"
        call.cell.run_again(
            "from sw_notebook import Call, CallEnded\n"
            f"{call.name} = Call('/public/echo', video={call.video}, space='loopback', "
            f"title={call.title!r}, hidden_seconds=6)\n"
            f"{call.name}"
        )
        expect(self.face(call).dial).to_be_visible(timeout=1e3 * PATIENCE)

    # --- the page -------------------------------------------------------------------------

    def face(self, call: Shown) -> Face:
        """Any view of a call in the first tab."""
        face = Face(self.notebook.page, call.title, 0)
        return Face(self.notebook.page, call.title, self.chance.randrange(face.all.count() or 1))

    def show(self) -> None:
        """Run the cell that shows both calls: views beside those that are there, or anew."""
        self.cells_run += 1
        self.shower.run_again("from IPython.display import display; display(ada, bob)")
        for call in self.calls:
            expect(self.face(call).dial).to_be_visible(timeout=1e3 * PATIENCE)

    def live(self) -> list[str]:
        """What the page captures."""
        return sorted(self.notebook.page.evaluate("() => window.swProbe.live()"))

    # --- what must hold -------------------------------------------------------------------

    def settle(self) -> None:
        """Wait until page, kernel and space agree, and nothing is left of what has ended."""
        try:
            wait_until(lambda: not self.differences(), PATIENCE)
        except AssertionError:
            said = self.ask(
                "[[f'{row.time:.2f} {row.text}' for row in call.messages][-8:]"
                " for call in (ada, bob)]"
            )
            raise AssertionError([*self.differences(), *said]) from None
        assert self.notebook.page_errors == []
        assert self.watch.seen == []
        assert self.watch.looks
        for call in self.calls:
            face = self.face(call)
            if not call.connected:
                face.expect_idle()

    def differences(self) -> list[str]:
        """What does not fit together right now."""
        found = []
        said = self.ask(
            "[[call.status, call.call_id, call.owner, call._closed, call.audio_muted,"
            " call.video_muted] for call in (ada, bob)]"
        )
        legs = {leg["call_id"]: leg for leg in self.space.legs()}
        expected: list[str] = []
        for call, (status, call_id, owner, closed, mute, dark) in zip(
            self.calls, said, strict=True
        ):
            call.connected = status == "connected"
            if status not in {"idle", "connected", "destroyed", "failed"} or closed:
                found.append(f"{call.title} is {status} {closed}".strip())
            if call.connected:
                leg = legs.pop(call_id, None)
                # neither what is muted is captured nor what the far side does not take
                expected += [] if mute else ["audio"]
                seen = leg is not None and leg["destination"] != "/public/silence"
                expected += ["video"] if call.video and seen and not dark else []
                if leg is None:
                    found.append(f"{call.title} has no leg")
                elif not leg["connected"] or leg["media"] != "connected" or leg["interrupted"]:
                    found.append(f"the leg of {call.title} is {leg}")
            elif owner:
                found.append(f"{call.title} is {status} and of page {owner}")
            faces = Face(self.notebook.page, call.title, 0).all
            shown = faces.evaluate_all("views => views.map((view) => view.dataset.status)")
            if not shown or set(shown) != {status}:
                found.append(f"{call.title} is {status}, its views are {shown}")
        if legs:
            found.append(f"legs are left: {list(legs.values())}")
        if (live := self.live()) != sorted(expected):
            found.append(f"the page captures {live}, not {sorted(expected)}")
        return found
