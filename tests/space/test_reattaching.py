"""A client that takes a call up again, as a page does that was reloaded."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection

from sw_notebook.signaling.jsonrpc import CALL_ERROR, INVALID_PARAMS
from sw_notebook.space import LoopbackSpace

from .client import Caller, Client, Refused, caller, client
from .meeting import Tone, meeting

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
