"""Whether clients still have their calls: they are asked, and who says nothing has lost them."""

from __future__ import annotations

import asyncio

import pytest

from .client import Client, caller, client
from .meeting import Tone
from .ringing import BOB, cause, online, rings
from .running import Running


async def beat(beats: asyncio.Semaphore, *clients: Client) -> None:
    """Let an interval pass, and all of these be asked and answer as they will."""
    for one in clients:
        one.ping.clear()
        beats.release()
    for one in clients:
        await one.ping.wait()
        await one.rpc("signalwire.ping", {"timestamp": 1})  # what it sent before has been taken


async def test_calls_are_asked_after_too(running: Running, beats: asyncio.Semaphore) -> None:
    """As FreeSWITCH does; the answer is taken."""
    async with caller(running, receive="audio") as call:
        call.client.pongs = False
        await call.dial("/public/bars")
        beats.release()
        ping = await call.client.event("verto.ping")
        assert ping["callID"] == call.call_id
        assert await call.client.verto("verto.pong", ping, call.call_id) == {"message": "OK"}


async def test_a_call_that_a_client_has_lost_ends(
    running: Running, beats: asyncio.Semaphore, caplog: pytest.LogCaptureFixture
) -> None:
    """Though the client is there and media goes on; one that it answers for goes on."""
    async with caller(running, receive="audio") as lost, caller(running, receive="audio") as kept:
        lost.client.pongs = False
        for call in (lost, kept):
            await call.dial("/public/bars")
        for _ in range(2):
            await beat(beats, lost.client, kept.client)
        bye = await lost.client.event("verto.bye")
        assert (bye["cause"], bye["causeCode"]) == ("RECOVERY_ON_TIMER_EXPIRE", 102)
        await beat(beats, lost.client, kept.client)
        legs = await asyncio.to_thread(running.legs)
        assert [leg["call_id"] for leg in legs] == [kept.call_id]
    assert f"call {lost.call_id}: no pong" in caplog.text


async def test_who_says_nothing_of_pings_is_not_asked_for_pongs(
    running: Running, beats: asyncio.Semaphore
) -> None:
    """A client that dials without ``pingSupported`` has its call for as long as media goes on."""
    async with caller(running, receive="audio") as call:
        call.client.pongs = False
        await call.dial("/public/bars", pingSupported=False)
        for _ in range(3):
            await beat(beats, call.client)
        assert len(await asyncio.to_thread(running.legs)) == 1


async def test_a_ping_that_went_with_its_socket_is_no_silence(
    running: Running, beats: asyncio.Semaphore
) -> None:
    """By the next socket the client is asked anew, and has as long to answer."""
    async with caller(running, receive="audio") as call:
        first = call.client
        first.pongs = False
        await call.dial("/public/bars")
        await beat(beats, first)
        await first.close()
        async with client(running) as second:
            call.client = second
            await second.connect(authorization_state=first.state, protocol=first.protocol)
            for _ in range(3):
                await beat(beats, second)
            assert len(await asyncio.to_thread(running.legs)) == 1


async def test_who_was_rung_is_asked_too(running: Running, beats: asyncio.Semaphore) -> None:
    """Once it has answered; the caller hears why the call is over."""
    async with (
        online(running, "bob") as bob,
        caller(running, Tone(500), receive="video") as ada,
    ):
        dialling = asyncio.create_task(ada.dial(BOB))
        async with rings(bob) as callee:
            await callee.answer()
            await dialling
            bob.pongs = False
            for _ in range(2):
                await beat(beats, bob, ada.client)
            for one, call_id in ((bob, callee.call_id), (ada.client, ada.call_id)):
                assert await cause(one, call_id) == ("RECOVERY_ON_TIMER_EXPIRE", 102)
