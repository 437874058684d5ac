"""Calls that are over, as those find them who were part of them."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from sw_notebook.space.settings import Settings

from .client import caller, client
from .media.test_line import Tone
from .ringing import BOB, invite, nobody_is_left, online, rings
from .running import Running
from .test_texting import Writer, three

ALICE = "/private/alice"


async def calls(one: Writer, name: str) -> list[dict[str, Any]]:
    """Return the calls that somebody finds with an address, the newest first."""
    group_id = await one.joins(name)
    found = await one.ask("GET", f"/api/fabric/conversations/{group_id}/messages")
    return [message for message in found.json()["data"] if message["subtype"] == "log"]


async def test_an_answered_call(running: Running) -> None:
    """Both hear of it when it is over, and find the same one."""
    alice, bob, _ = await three(running)
    before = time.time() * 1000
    async with (
        online(running, "bob") as at_bob,
        caller(running, Tone(), token=alice.token) as call,
    ):
        dialling = asyncio.create_task(call.dial(BOB))
        async with rings(at_bob) as callee:
            await callee.answer(Tone())
            await dialling
            assert await calls(bob, ALICE) == []
            await callee.bye("NORMAL_CLEARING", "16")
            heard = await call.client.event("conversation.message")
            assert await at_bob.event("conversation.message") == heard
            await nobody_is_left(running)
    assert await calls(bob, ALICE) == await calls(alice, BOB) == [heard]
    assert (heard["kind"], heard["from_fabric_address_id"]) == ("call", alice.id)
    assert (heard["text"], heard["details"]["status"]) == (None, "answered")
    assert before - 1 <= heard["details"]["start_time"] < heard["details"]["end_time"]
    assert heard["details"]["end_time"] <= time.time() * 1000


async def test_calls_that_nobody_answered(running: Running) -> None:
    """Each says why, also to who was not there."""
    alice, bob, _ = await three(running)
    async with caller(running, receive="audio", token=alice.token) as call:
        await invite(call)
        heard = await call.client.event("conversation.message")
        assert heard["details"]["status"] == "USER_NOT_REGISTERED"
    async with (
        online(running, "bob") as at_bob,
        caller(running, receive="audio", token=alice.token) as call,
    ):
        await invite(call)
        async with rings(at_bob) as callee:
            await callee.bye()
            await call.client.event("conversation.message")
    statuses = [message["details"]["status"] for message in await calls(bob, ALICE)]
    assert statuses == ["USER_BUSY", "USER_NOT_REGISTERED"]


async def test_a_call_that_is_handed_over(running: Running) -> None:
    """It is one with each who was there; the second begins with the handing over."""
    alice, bob, carol = await three(running)
    async with (
        online(running, "bob") as at_bob,
        caller(running, Tone(), token=alice.token) as call,
    ):
        dialling = asyncio.create_task(call.dial(BOB))
        async with rings(at_bob) as callee:
            await callee.answer(Tone())
            await dialling
            params = {
                "dialogParams": {"callID": callee.call_id},
                "action": "transfer",
                "destination": "/private/carol",
            }
            await at_bob.verto("verto.modify", params, callee.call_id)
            await call.client.event("verto.bye")
    (first,), (second,) = await calls(bob, ALICE), await calls(carol, ALICE)
    assert first["from_fabric_address_id"] == second["from_fabric_address_id"] == alice.id
    assert first["details"]["status"] == "answered"
    assert second["details"]["status"] == "USER_NOT_REGISTERED"
    assert first["details"]["start_time"] < second["details"]["start_time"]


async def test_a_room_keeps_who_was_there(running: Running) -> None:
    """Of those who have joined what is written there; of others nothing is kept."""
    alice, bob, _ = await three(running)
    await alice.joins("/public/staff")
    for one in (bob, alice):
        async with caller(running, receive="audio", token=one.token) as call:
            await call.dial("/public/staff")
            await call.client.bye(call.call_id)
            call.member_id = ""
    (kept,) = await calls(alice, "/public/staff")
    assert kept["from_fabric_address_id"] == alice.id
    assert kept["details"]["status"] == "answered"


@pytest.mark.parametrize("guest", [True, False])
async def test_calls_that_are_nobodys(guest: bool) -> None:
    """A guest has no conversations; where there are too many, the call is one all the same."""
    async with Running().serving(Settings(max_conversations=1)) as running:
        _, bob, _ = await three(running)
        await bob.joins("/private/carol")
        token = running.token_of("alice", guest=guest)
        async with (
            client(running, bob.token) as at_bob,
            caller(running, receive="audio", token=token) as call,
        ):
            await at_bob.connect()
            await invite(call)
            assert (await call.client.event("verto.bye"))["cause"] == "USER_NOT_REGISTERED"
            assert await at_bob.rpc("signalwire.ping", {"timestamp": 1})
            assert "conversation.message" not in [*at_bob.order, *call.client.order]
            await nobody_is_left(running)
