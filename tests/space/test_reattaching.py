"""A client that takes a call up again, as a page does that was reloaded."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection

from sw_notebook.signaling.jsonrpc import CALL_ERROR, INVALID_PARAMS
from sw_notebook.space import LoopbackSpace
from sw_notebook.space.settings import Settings

from .client import Caller, Client, Refused, caller, client
from .media.test_line import NumberedVideo
from .meeting import Tone, meeting
from .ringing import BOB, cause, invite, nobody_is_left, online, rings
from .running import Running
from .talking import FRAMES, HIGH, LOW, camera, hear, legs, see
from .test_numbers import NUMBER, hears, press, reach
from .test_relay import prefer

Until = Callable[[Callable[[], bool]], Awaitable[None]]
AGAIN: dict[str, Any] = {"attach": True, "reattaching": True}


@contextlib.asynccontextmanager
async def again(call: Caller, signalling: Client, *media: Any) -> AsyncIterator[Caller]:
    """Return the same call with new media, which is not dialled yet."""
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    for track in media:
        connection.addTrack(track)
    if not media:
        connection.addTransceiver("audio", direction="recvonly")
    made = Caller(signalling, connection)
    made.call_id = call.call_id
    yield made
    await connection.close()


def the_leg(space: LoopbackSpace, call: Caller) -> dict[str, Any]:
    """What the space says of a call."""
    (found,) = (leg for leg in space.legs() if leg["call_id"] == call.call_id)
    return found


async def refused(call: Caller, destination: str, words: str) -> int:
    """Take a call up in vain; return the code."""
    async with again(call, call.client) as second:
        with pytest.raises(Refused, match=words) as said:
            await second.dial(destination, **AGAIN)
    return said.value.code


async def test_a_call_goes_on_with_new_media(space: LoopbackSpace) -> None:
    """As the same member; what was before is closed, and both can be hung up once."""
    async with caller(space, receive="audio") as call:
        await call.dial("/public/bars")
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(2):
                second = await stack.enter_async_context(again(call, call.client))
                await second.dial("/public/bars", **AGAIN)
                assert second.member_id == call.member_id
                await second.audio.recv()
                assert the_leg(space, call)["media"] == "connected"
            await call.client.bye(call.call_id)
            assert call.call_id not in {leg["call_id"] for leg in space.legs()}


async def test_others_in_a_room_see_it_go_and_come(space: LoopbackSpace) -> None:
    """Under the id that it had, and hear it again; its screen is gone."""
    async with (
        meeting(space, "ada", Tone(440)) as ada,
        meeting(space, "bob", Tone(880)) as bob,
    ):
        await bob.dial("/public/again")
        await ada.dial("/public/again")
        joined = await bob.client.event("member.joined")
        async with again(ada, ada.client) as screen:
            screen.call_id = f"{ada.call_id}-screen"
            me = {"memberCallId": ada.call_id, "memberId": ada.member_id}
            await screen.dial("/public/again", screenShare=True, userVariables=me)
            await bob.client.event("member.joined")
            async with again(ada, ada.client, Tone(440)) as second:
                await second.dial("/public/again", **AGAIN)
                gone = [(await bob.client.event("member.left"))["member"] for _ in range(2)]
                assert {one["member_id"] for one in gone} == {ada.member_id, screen.member_id}
                came = await bob.client.event("member.joined")
                assert came["member"]["member_id"] == joined["member"]["member_id"]
                assert came["member"]["member_id"] == second.member_id == ada.member_id
                await second.audio.recv()
                assert the_leg(space, ada)["member_id"] == ada.member_id


async def test_a_page_whose_session_is_another_one(space: LoopbackSpace, until: Until) -> None:
    """The same subscriber may, once the page that had the call is gone."""
    token = space.token("ada").reveal()
    async with client(space, token) as other:
        await other.connect()
        async with caller(space, receive="audio", token=token) as call:
            await call.dial("/public/bars")
            async with again(call, other) as second:
                with pytest.raises(Refused, match="not yours"):
                    await second.dial("/public/bars", **AGAIN)
            await call.client.close()
            async with again(call, other) as second:
                await until(lambda: not the_leg(space, call)["connected"])
                await second.dial("/public/bars", **AGAIN)
                assert second.member_id == call.member_id
                assert the_leg(space, call)["connected"]
                await other.bye(call.call_id)


async def test_what_cannot_be_taken_up_again(space: LoopbackSpace) -> None:
    """In words; the call that is up goes on."""
    async with caller(space, receive="audio") as call:
        assert await refused(call, "/public/bars", "DOES NOT EXIST") == CALL_ERROR
        await call.dial("/public/bars")
        assert await refused(call, "/public/echo", "not lead to /public/echo") == CALL_ERROR
        with pytest.raises(Refused) as unusable:
            await call.client.invite("/public/bars", "v=0", call.call_id, **AGAIN)
        assert unusable.value.code == INVALID_PARAMS
        async with caller(space, receive="audio", token=space.token("eve").reveal()) as eve:
            eve.call_id = call.call_id
            assert await refused(eve, "/public/bars", "not yours") == CALL_ERROR
        await call.audio.recv()
        assert the_leg(space, call)["media"] == "connected"
    async with caller(space, receive="audio") as call:
        await call.connection.setLocalDescription(await call.connection.createOffer())
        offer = call.connection.localDescription.sdp
        await call.client.invite("+15551234567", offer, call.call_id)
        assert await refused(call, "+15551234567", "cannot be taken") == CALL_ERROR
        await call.client.bye(call.call_id)


@contextlib.asynccontextmanager
async def talk(running: Running, codec: str) -> AsyncIterator[tuple[Caller, Caller]]:
    """Return both sides of a call from ada to bob."""
    async with (
        online(running, "bob") as bob,
        caller(running, Tone(HIGH), NumberedVideo()) as ada,
    ):
        prefer(ada, codec)
        dialling = asyncio.create_task(ada.dial(BOB))
        async with rings(bob) as callee:
            await callee.answer(Tone(HIGH), NumberedVideo())
            await dialling
            theirs = Caller(bob, callee.connection)
            theirs.call_id = callee.call_id
            for side in (ada, theirs):
                await hear(side.audio, HIGH)
                await see(side.video, lambda strip: strip.frame < FRAMES)
            yield ada, theirs


@pytest.mark.parametrize("side", ["caller", "callee"])
@pytest.mark.parametrize("codec", ["vp8", "h264"])
async def test_either_side_of_a_call_to_somebody(running: Running, side: str, codec: str) -> None:
    """Comes back, and both hear and see one another; the other side's call was up all the while."""
    async with talk(running, codec) as (ada, theirs):
        stays, goes = (theirs, ada) if side == "caller" else (ada, theirs)
        async with again(goes, goes.client, Tone(LOW), camera()) as second:
            await second.dial(BOB, **AGAIN)
            await hear(second.audio, HIGH)
            await see(second.video, lambda strip: strip.frame < FRAMES)
            await hear(stays.audio, LOW)
            await see(stays.video, lambda strip: strip.frame >= FRAMES)
            assert {leg["state"] for leg in await legs(running)} == {"answered"}
            assert len(await legs(running)) == 2
            await second.client.bye(second.call_id)
            assert await cause(stays.client, stays.call_id) == ("NORMAL_CLEARING", 16)
        ada.member_id = ""  # its call is over
    await nobody_is_left(running)


async def test_a_call_that_rings_cannot_be_taken_up(running: Running) -> None:
    """Not before somebody has answered, also where it was answered before it was handed over."""
    async with (
        online(running, "bob") as bob,
        caller(running, receive="audio") as ada,
    ):
        await invite(ada)
        async with rings(bob) as callee:
            assert await refused(ada, BOB, "is not answered") == CALL_ERROR
            taken = Caller(bob, callee.connection)
            taken.call_id = callee.call_id
            assert await refused(taken, BOB, "is not answered") == CALL_ERROR


async def test_a_phone_goes_on_where_it_was(running: Running) -> None:
    """It neither rings nor answers anew, takes digits, and hangs up."""
    token = running.token_of("ada", scope=("call:pstn",))
    async with caller(running, receive="audio", token=token) as call:
        await reach(call, NUMBER)
        await call.client.event("verto.answer")
        async with again(call, call.client) as second:
            await second.dial(NUMBER, **AGAIN)
            await press(second, "5")
            await hears(second, "5")
            await press(second, "0")
            assert await cause(call.client, call.call_id) == ("NORMAL_CLEARING", 16)
        call.member_id = ""  # its call is over
    await nobody_is_left(running)


async def test_a_reload_at_the_limit() -> None:
    """The call that is taken up again is none beside itself."""
    async with (
        Running().serving(Settings(max_legs=1)) as running,
        caller(running, receive="audio") as call,
    ):
        await call.dial("/public/bars")
        async with again(call, call.client) as second:
            await second.dial("/public/bars", **AGAIN)
            await second.audio.recv()
            await call.client.bye(call.call_id)
        call.member_id = ""
