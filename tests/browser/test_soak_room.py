"""Three pages and a receiver in a room, for minutes."""

from __future__ import annotations

import contextlib
import os
import statistics
import time
from typing import Any

import psutil
import pytest
from playwright.sync_api import Browser

from sw_notebook import LoopbackSpace, Receiver
from tests.receiver.reading import children

from .bare import bare_page
from .member import Person
from .memory import MIB, space_process
from .waiting import expect_no_leg, wait_until

MINUTES = float(os.environ.get("SW_ROOM_MINUTES", "5"))
STEP = 10.0
ROOM = "/public/soak"


def chromium() -> float:
    """Seconds of processor time that the browser has taken."""
    total = 0.0
    for process in psutil.process_iter(["name"]):
        if "chrom" in (process.info["name"] or ""):
            with contextlib.suppress(psutil.Error):
                total += sum(process.cpu_times()[:2])
    return total


class Watch:
    """What came to each page and to the receiver, step by step."""

    def __init__(self, pages: list[Person], rx: Receiver, processes: list[psutil.Process]) -> None:
        self._pages = pages
        self._rx = rx
        self._processes = processes
        self.rows: list[dict[str, Any]] = []
        self._now = self._look()

    def _look(self) -> dict[str, Any]:
        media = [page.media() for page in self._pages]
        stats = self._rx.stats()
        return {
            "time": time.monotonic(),
            "pictures": [m["frames"] for m in media] + [stats.video["frames"]],
            "packets": [m["packets"] for m in media] + [stats.audio["received"]],
            "lost": [m["lost"] for m in media] + [stats.audio["lost"]],
            "took": [sum(process.cpu_times()[:2]) for process in self._processes] + [chromium()],
        }

    def step(self) -> None:
        """Add a row for what was since the last."""
        before, self._now = self._now, self._look()
        now, seconds = self._now, self._now["time"] - before["time"]

        def rates(name: str) -> list[float]:
            return [(b - a) / seconds for a, b in zip(before[name], now[name], strict=True)]

        self.rows.append(
            {
                "fps": rates("pictures"),
                "packets": rates("packets"),
                "lost": [b - a for a, b in zip(before["lost"], now["lost"], strict=True)],
                "cores": rates("took"),
                "memory": [process.memory_info().rss / MIB for process in self._processes],
            }
        )

    def __str__(self) -> str:
        """The table: a line for each step."""
        names = ("fps", "packets", "lost", "cores", "memory")
        head = (
            "ada, bob, cyd and the receiver: pictures and packets of sound a second, packets lost;"
            "\nspace, receiver and Chromium: cores; space and receiver: MiB"
        )
        lines = [
            " | ".join(" ".join(f"{value:6.1f}" for value in row[name]) for name in names)
            for row in self.rows
        ]
        return "\n".join([head, *lines])


@pytest.mark.soak
@pytest.mark.timeout(600 + 60 * MINUTES)
def test_three_pages_and_a_receiver(browser: Browser, stun_space: LoopbackSpace) -> None:
    """Everyone's picture goes on, no sound is missing, and nothing grows."""
    space = stun_space
    with contextlib.ExitStack() as stack:
        pages = [
            stack.enter_context(Person(stack.enter_context(bare_page(browser)), space, name))
            for name in ("ada", "bob", "cyd")
        ]
        for page in pages:
            page.join(ROOM)
            stack.callback(page.hang_up)
        rx = stack.enter_context(Receiver(ROOM, space=space))
        wait_until(lambda: all(page.media()["frames"] > 30 for page in pages))
        pictures = rx.video.frames()
        next(pictures)
        rx.audio.window(0.1)
        (child,) = children()
        watch = Watch(pages, rx, [space_process(space), child])
        for _ in range(round(60 * MINUTES / STEP)):
            end = time.monotonic() + STEP
            for _ in pictures:
                if time.monotonic() > end:
                    break
            watch.step()
            assert not rx.audio.window(STEP / 2).gaps.any(), watch
        print(watch)  # noqa: T201 - `make soak` shows it, and pytest where this fails
        for who in range(4):
            assert min(row["packets"][who] for row in watch.rows) > 45, watch
            assert sum(row["lost"][who] for row in watch.rows) == 0, watch
            # A step in which something else has the machine is no judgement of the room.
            assert statistics.median(row["fps"][who] for row in watch.rows) >= 10, watch
        # The minute of film that the receiver keeps is full by then.
        settled = [row["memory"] for row in watch.rows[len(watch.rows) // 4 :]]
        for process in range(2):
            held = [row[process] for row in settled]
            quarter = max(1, len(held) // 4)
            grown = statistics.median(held[-quarter:]) - statistics.median(held[:quarter])
            assert grown < 10, watch
    expect_no_leg(space)
