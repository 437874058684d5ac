"""Faults that are asked for: networks that fail for a while, sockets that are cut."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
import pytest

from sw_notebook.exceptions import SpaceRequestError
from sw_notebook.signaling.jsonrpc import CALL_ERROR
from sw_notebook.space import LoopbackSpace
from sw_notebook.space.settings import Settings

from .client import Caller, Refused, caller, client
from .media.test_line import NumberedVideo, Tone, strips
from .running import Running

Until = Callable[[Callable[[], bool]], Awaitable[None]]


async def received(call: Caller) -> int:
    """How many packets of media have arrived."""
    stats = await call.connection.getStats()
    return sum(one.packetsReceived for one in stats.values() if one.type == "inbound-rtp")


@pytest.mark.parametrize("destination", ["/public/bars", "/public/echo"])
async def test_an_interruption_passes(space: LoopbackSpace, destination: str) -> None:
    """Nothing comes through in either direction, then all does."""
    async with (
        caller(space, Tone(), NumberedVideo()) as call,
        caller(space, receive="video") as clock,
    ):
        await clock.dial("/public/bars")
        await call.dial(destination)
        await strips(call.video, 1)
        await asyncio.to_thread(space.interrupt, call.call_id, 60)
        described = {leg["call_id"]: leg["interrupted"] for leg in space.legs()}
        assert described == {call.call_id: True, clock.call_id: False}
        before = -1
        while before != (before := await received(call)):  # until all is here that was on its way
            await strips(clock.video, 10)
        await strips(clock.video, 25)
        assert await received(call) == before
        await asyncio.to_thread(space.interrupt, call.call_id, 0.01)
        while await received(call) < before + 50:
            await call.video.recv()
        assert await call.audio.recv()
        leg = next(leg for leg in space.legs() if leg["call_id"] == call.call_id)
        assert leg["media"] == "connected"
        assert not leg["interrupted"]


async def test_ice_restarts_when_the_network_is_back(space: LoopbackSpace, until: Until) -> None:
    """What is offered in an interruption is done after it."""
    async with caller(space, receive="audio video") as call:
        await call.dial("/public/bars")
        await strips(call.video, 3)
        await asyncio.to_thread(space.interrupt, call.call_id, 60)
        update = asyncio.create_task(call.update(restart=True))
        log = space.log_file
        assert log is not None
        await until(lambda: f"call {call.call_id}: media updated" in log.read_text())
        assert not update.done()
        await asyncio.to_thread(space.interrupt, call.call_id, 0)
        await update
        await strips(call.video, 30)
        assert await call.audio.recv()


async def test_new_sockets_are_interrupted_too(space: LoopbackSpace) -> None:
    """A picture that is added in an interruption comes after it."""
    async with caller(space, receive="audio") as call:
        await call.dial("/public/bars")
        await asyncio.to_thread(space.interrupt, call.call_id, 60)
        call.connection.addTransceiver("video", direction="recvonly")
        await call.update()
        assert space.legs()[0]["interrupted"]
        await asyncio.to_thread(space.interrupt, call.call_id, 0)
        await strips(call.video, 5)


async def test_a_long_interruption_ends_the_call(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In order: with a bye, and with nothing left.  Here it takes less than half a minute."""
    monkeypatch.setattr("aioice.ice.CONSENT_INTERVAL", 0.2)
    monkeypatch.setattr("aioice.ice.CONSENT_FAILURES", 2)
    async with caller(running, receive="audio video") as call:
        await call.dial("/public/bars")
        await call.video.recv()
        await call.update(restart=True)
        await call.video.recv()
        path = f"/api/loopback/legs/{call.call_id}/interrupt"
        done = await asyncio.to_thread(running.ask, "POST", path, {"seconds": 60})
        assert done.status_code == 200
        bye = await call.client.event("verto.bye")
        assert bye == {"callID": call.call_id, "cause": "MEDIA_TIMEOUT", "causeCode": 804}
        assert await asyncio.to_thread(running.legs) == []


async def test_only_media_can_be_interrupted(space: LoopbackSpace) -> None:
    """Not a call that rings, none that is not up, and not for any time."""
    async with caller(space, receive="audio") as call:
        await call.connection.setLocalDescription(await call.connection.createOffer())
        sdp = call.connection.localDescription.sdp
        await call.client.invite("/public/slow", sdp, call.call_id)
        with pytest.raises(SpaceRequestError, match="no media yet") as refused:
            space.interrupt(call.call_id, 1)
        assert refused.value.status == 409
        await call.client.bye(call.call_id)
        with pytest.raises(SpaceRequestError, match="no such call") as refused:
            space.interrupt(call.call_id, 1)
        assert refused.value.status == 404


@pytest.mark.parametrize("fault", ["interrupt", "disconnect"])
@pytest.mark.parametrize("seconds", [-1, 3601, "soon", True, [], None])
def test_the_time_is_checked(space: LoopbackSpace, fault: str, seconds: object) -> None:
    """It is a number, and no longer than an hour."""
    with pytest.raises(SpaceRequestError, match="seconds") as refused:
        getattr(space, fault)("x", seconds)
    assert refused.value.status == 400


async def test_a_far_side_that_vanishes_says_nothing(until: Until) -> None:
    """Media stops, no bye comes, and the space knows of no call."""
    async with (
        Running().serving(Settings(vanish_seconds=1)) as running,
        caller(running, receive="audio video") as call,
    ):
        await call.dial("/public/vanish")
        await until(lambda: running.legs() == [])
        with pytest.raises(Refused, match="CALL DOES NOT EXIST") as refused:
            await call.client.modify(call.call_id, "hold")
        assert refused.value.code == CALL_ERROR
        with pytest.raises(Refused, match="CALL DOES NOT EXIST"):
            await call.update(restart=True)
        assert call.connection.connectionState == "connected"
        assert "verto.bye" not in call.client.order
        # created and answered
        assert call.client.order.count("call.state") == 2


async def test_a_socket_is_cut_and_the_session_resumed(space: LoopbackSpace) -> None:
    """Media goes on, and the call obeys its client again when that is back."""
    async with caller(space, receive="video") as call, client(space) as again:
        await call.dial("/public/bars")
        before = call.client
        await asyncio.to_thread(space.disconnect, call.call_id)
        assert await before.closed() == 1006
        assert not space.legs()[0]["connected"]
        await strips(call.video, 10)
        await again.connect(authorization_state=before.state, protocol=before.protocol)
        assert again.protocol == before.protocol
        assert space.legs()[0]["connected"]
        await again.bye(call.call_id)


async def test_a_client_is_kept_away(space: LoopbackSpace) -> None:
    """Its sockets are not even opened, nor is any other, while those that are open stay."""
    async with caller(space, receive="video") as call, client(space) as other:
        await call.dial("/public/bars")
        state, protocol = call.client.state, call.client.protocol
        await asyncio.to_thread(space.disconnect, call.call_id, 60)
        await call.client.closed()
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with client(space):
                pass
        assert refused.value.status == 503
        await other.connect()
        await strips(call.video, 3)
        await asyncio.to_thread(space.disconnect, call.call_id, 0)
        async with client(space) as again:
            await again.connect(authorization_state=state, protocol=protocol)
            await again.bye(call.call_id)


async def test_a_client_that_is_kept_away_too_long_loses_its_calls(
    running: Running, until: Until
) -> None:
    """As any that does not come back in time."""
    async with caller(running, receive="audio") as call:
        await call.dial("/public/bars")
        path = f"/api/loopback/legs/{call.call_id}/disconnect"
        assert (await asyncio.to_thread(running.ask, "POST", path)).status_code == 200
        await call.client.closed()
        await until(lambda: running.legs() == [])


async def test_only_a_call_that_is_up_has_a_client(space: LoopbackSpace) -> None:
    """Whose socket could be cut."""
    with pytest.raises(SpaceRequestError, match="no such call") as refused:
        space.disconnect("x")
    assert refused.value.status == 404
