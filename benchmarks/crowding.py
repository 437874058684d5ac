"""S1, S2: what members of a room and watchers of the bars cost a space, and how many it bears."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import Iterator

import psutil

from sw_notebook import LoopbackSpace
from sw_notebook.space.media import card, stage
from tests.browser.memory import space_process

from . import processor
from .film import SOUND_RATE, film
from .goal import Result
from .guests import guest

__all__ = ["bars", "rooms"]

MEMBERS = (1, 2, 3, 4, 5, 6, 12)
WATCHERS = (1, 10, 50, 100, 128)
"""The last is the most that a space takes unless it is told otherwise."""
SETTLES, SECONDS = 3.0, 8.0
ENOUGH = 0.95
"""Of the pictures and the sound that are due."""


def rooms() -> Iterator[Result]:
    """S1: a room of one to six who send 360p and sound, and see and hear one another."""
    film("vp8", 360)
    for count in MEMBERS:
        yield _row("S1", f"a room, {count} × 360p", "/public/crowd", count, stage.RATE, sends=True)


def bars() -> Iterator[Result]:
    """S2: who watches the bars, which are encoded once for all."""
    for count in WATCHERS:
        yield _row("S2", f"the bars, {count} legs", "/public/bars", count, card.RATE, sends=False)


@dataclasses.dataclass(frozen=True)
class _Found:
    """Pictures and packets a second of who got least, shares of a core, and frames dropped."""

    pictures: float
    packets: float
    space: float
    guests: float
    dropped: int


def _row(number: str, what: str, destination: str, count: int, rate: int, *, sends: bool) -> Result:
    with LoopbackSpace(private=True) as space:
        found = asyncio.run(_crowd(space, destination, count, sends))
    enough = found.pictures >= ENOUGH * rate and found.packets >= ENOUGH * SOUND_RATE
    bears = "" if enough and not found.dropped else ": SATURATED"
    return Result(
        number,
        f"{what}: {rate} pictures and {SOUND_RATE} packets of sound a second for each",
        f"{found.pictures:.1f} and {found.packets:.1f} for who got least, {found.dropped} dropped"
        f"{bears}; the space took {found.space:.0%} of a core, {found.space / count:.1%} for each; "
        f"its guests {found.guests:.0%}",
        None,
    )


async def _crowd(space: LoopbackSpace, destination: str, count: int, sends: bool) -> _Found:
    server, us = space_process(space), psutil.Process()
    loop = asyncio.get_running_loop()
    async with contextlib.AsyncExitStack() as stack:
        guests = [
            await stack.enter_async_context(guest(space, f"guest-{n}", destination, sends=sends))
            for n in range(count)
        ]
        await asyncio.sleep(SETTLES)
        pictures, packets = [one.pictures for one in guests], [one.packets for one in guests]
        dropped = await asyncio.to_thread(_dropped, space)
        server_took, we_took = processor.seconds(server), processor.seconds(us)
        began = loop.time()
        await asyncio.sleep(SECONDS)
        seconds = loop.time() - began
        more_pictures = (one.pictures - n for one, n in zip(guests, pictures, strict=True))
        more_packets = (one.packets - n for one, n in zip(guests, packets, strict=True))
        server_took = processor.seconds(server) - server_took
        we_took = processor.seconds(us) - we_took
        return _Found(
            min(more_pictures) / seconds,
            min(more_packets) / seconds,
            server_took / seconds,
            we_took / seconds,
            await asyncio.to_thread(_dropped, space) - dropped,
        )


def _dropped(space: LoopbackSpace) -> int:
    return sum(leg["frames_dropped"] for leg in space.legs())
