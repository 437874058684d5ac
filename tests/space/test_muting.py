"""Mute and deaf where there is no room: between two people, at the echo and at the bars."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from typing import Any

import pytest

from .client import Caller, caller
from .media.test_line import NumberedVideo, Tone
from .meeting import ask
from .ringing import BOB, Callee, online, rings
from .running import Running
from .talking import legs
from .wire import Packets, arrivals, departures, receiver, sender

KINDS = ("audio", "video")


@contextlib.asynccontextmanager
async def together(running: Running) -> AsyncIterator[tuple[Caller, Callee, str]]:
    """Let ada and bob see and hear one another; bob's member id is the last."""
    async with online(running, "bob") as bob, caller(running, Tone(), NumberedVideo()) as ada:
        dialling = asyncio.create_task(ada.dial(BOB))
        async with rings(bob) as callee:
            await callee.answer(Tone(), NumberedVideo())
            await dialling
            joined = await bob.event("call.joined")
            yield ada, callee, joined["member_id"]


async def about(call: Caller, method: str, member_id: str, **more: Any) -> None:
    """Do something to a member of a call."""
    me = {"node_id": "n", "call_id": call.call_id, "member_id": call.member_id}
    await call.client.rpc(method, {"self": me, "target": {**me, "member_id": member_id}, **more})


async def packets(running: Running, call_id: str, way: str) -> dict[str, int]:
    """Return how many packets the space has counted in a call, by kind."""
    (found,) = (leg for leg in await legs(running) if leg["call_id"] == call_id)
    return {kind: found[way][kind]["packets"] for kind in KINDS if kind in found[way]}


async def goes_on(running: Running, call_id: str, way: str, *kinds: str) -> None:
    """Wait until so much more has come that others had it, too."""
    before = now = await packets(running, call_id, way)
    while min(now[kind] - before[kind] for kind in kinds) < 20:
        await asyncio.sleep(0.05)
        now = await packets(running, call_id, way)


def whole(came: Packets) -> bool:
    """Whether the numbers of what came have no gap."""
    numbers = [packet.sequence_number for packet in came.all]
    return all((b - a) % (1 << 16) == 1 for a, b in itertools.pairwise(numbers))


@pytest.mark.parametrize("kind", KINDS)
async def test_who_is_muted_is_not_passed_on(running: Running, kind: str) -> None:
    """What the other one of two gets of this kind stops, and goes on without a gap; no more."""
    (other,) = {*KINDS} - {kind}
    async with together(running) as (ada, bob, member_id):
        came = arrivals(receiver(ada, kind))
        await came.count(10)
        await about(ada, "call.mute", member_id, channels=[kind])
        before = await packets(running, ada.call_id, "sent")
        await goes_on(running, bob.call_id, "received", *KINDS)
        await goes_on(running, ada.call_id, "sent", other)
        assert (await packets(running, ada.call_id, "sent"))[kind] == before[kind]
        await goes_on(running, bob.call_id, "sent", *KINDS)
        await about(ada, "call.unmute", member_id, channels=[kind])
        await came.count(len(came.all) + 20)
        assert whole(came)


async def test_a_picture_comes_back_with_a_keyframe(running: Running) -> None:
    """Or the other one would see nothing for a while."""
    async with together(running) as (ada, _, member_id):
        track = receiver(ada, "video").track
        await track.recv()
        await about(ada, "call.mute", member_id, channels=["video"])
        await about(ada, "call.unmute", member_id, channels=["video"])
        came = arrivals(receiver(ada, "video"))
        await came.count(1)
        async with asyncio.timeout(5):
            await track.recv()


async def test_who_is_deaf_hears_nothing(running: Running) -> None:
    """And sees all, and is heard; it hears again without a gap."""
    async with together(running) as (ada, bob, member_id):
        came = arrivals(
            next(one for one in bob.connection.getReceivers() if one.track.kind == "audio")
        )
        await came.count(10)
        await about(ada, "call.deaf", member_id)
        before = await packets(running, bob.call_id, "sent")
        await goes_on(running, ada.call_id, "received", *KINDS)
        await goes_on(running, bob.call_id, "sent", "video")
        assert (await packets(running, bob.call_id, "sent"))["audio"] == before["audio"]
        await goes_on(running, ada.call_id, "sent", *KINDS)
        await about(ada, "call.undeaf", member_id)
        await came.count(len(came.all) + 20)
        assert whole(came)


@pytest.mark.parametrize("destination", ["/public/bars", "/public/echo", "/public/silence"])
async def test_who_is_deaf_hears_no_place_either(running: Running, destination: str) -> None:
    """Until it hears again."""
    async with caller(running, Tone()) as ada:
        await ada.dial(destination)
        left, came = departures(sender(ada, "audio")), arrivals(receiver(ada, "audio"))
        await came.count(10)
        await ask(ada, "call.deaf")
        # One may be on its way to aiortc's sender.
        before = (await packets(running, ada.call_id, "sent"))["audio"]
        await left.count(len(left.all) + 20)
        assert (await packets(running, ada.call_id, "sent"))["audio"] <= before + 1
        await ask(ada, "call.undeaf")
        await came.count(len(came.all) + 20)


async def test_the_echo_returns_nothing_of_who_is_muted(running: Running) -> None:
    """Neither sound nor picture, until it is muted no more."""
    async with caller(running, Tone(), NumberedVideo()) as ada:
        await ada.dial("/public/echo")
        await goes_on(running, ada.call_id, "sent", *KINDS)
        await ask(ada, "call.mute", channels=[*KINDS])
        await goes_on(running, ada.call_id, "received", *KINDS)
        before = await packets(running, ada.call_id, "sent")
        await goes_on(running, ada.call_id, "received", *KINDS)
        assert await packets(running, ada.call_id, "sent") == before
        await ask(ada, "call.unmute", channels=[*KINDS])
        await goes_on(running, ada.call_id, "sent", *KINDS)
