"""Real time."""

from __future__ import annotations

import asyncio

import pytest

from sw_notebook.space.media import pace


class Clock:
    """A loop's clock that only moves when somebody sleeps."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        self.slept: list[float] = []
        monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: self.now)
        monkeypatch.setattr(asyncio, "sleep", self.sleep)

    async def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        self.slept.append(round(seconds, 6))
        self.now += seconds


async def test_ticks_are_even(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first at once, then one step apart, whatever the work between them takes."""
    clock = Clock(monkeypatch)
    found = []
    ticks = pace.ticks(25)
    for work in (0.01, 0.0, 0.03, 0.0):
        found.append(round(await anext(ticks), 6))
        clock.now += work
    assert found == [0, 0.04, 0.08, 0.12]
    assert clock.slept == [0.03, 0.04, 0.01]


async def test_late_ticks_are_made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """None is missing."""
    clock = Clock(monkeypatch)
    ticks = pace.ticks(10)
    await anext(ticks)
    clock.now += 0.35
    assert [round(await anext(ticks), 6) for _ in range(4)] == [0.1, 0.2, 0.3, 0.4]


async def test_a_long_pause_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time moves on instead."""
    clock = Clock(monkeypatch)
    ticks = pace.ticks(10)
    await anext(ticks)
    clock.now += 5
    assert [round(await anext(ticks), 6) for _ in range(2)] == [5.0, 5.1]
