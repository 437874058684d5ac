"""The resources that fail, each in its own way."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio

from sw_notebook.signaling.jsonrpc import INVALID_PARAMS
from sw_notebook.space.settings import Settings

from .client import Caller, Refused, caller
from .running import Running

Until = Callable[[Callable[[], bool]], Awaitable[None]]


@pytest_asyncio.fixture
async def quick() -> AsyncIterator[Running]:
    """A space whose resources fail soon."""
    soon = Settings(no_answer_seconds=0.1, drop_seconds=1)
    async with Running().serving(soon) as running:
        yield running


async def invite(call: Caller, destination: str) -> dict[str, object]:
    """Dial without waiting for an answer."""
    await call.connection.setLocalDescription(await call.connection.createOffer())
    sdp = call.connection.localDescription.sdp
    return await call.client.invite(destination, sdp, call.call_id)


async def test_busy(quick: Running) -> None:
    """The call is created, and then refused by the other side."""
    async with caller(quick, receive="audio") as call:
        created = await invite(call, "/public/busy?channel=audio")
        assert created["message"] == "CALL CREATED"
        assert created["memberID"]
        assert (await call.client.event("call.state"))["call_state"] == "created"
        bye = await call.client.event("verto.bye")
        assert bye == {"callID": call.call_id, "cause": "USER_BUSY", "causeCode": 17}
        assert (await call.client.event("call.state"))["call_state"] == "ended"


async def test_no_answer(quick: Running) -> None:
    """It rings for a while, without media, and that was it."""
    async with caller(quick, receive="audio") as call:
        await invite(call, "/public/no-answer")
        states = [(await call.client.event("call.state"))["call_state"] for _ in range(2)]
        assert states == ["created", "ringing"]
        bye = await call.client.event("verto.bye")
        assert bye == {"callID": call.call_id, "cause": "NO_ANSWER", "causeCode": 19}
        assert not {"verto.answer", "verto.media"} & set(call.client.order)


@pytest.mark.parametrize("destination", ["/public/busy", "/public/no-answer"])
async def test_what_never_answers_reads_the_offer(quick: Running, destination: str) -> None:
    """One that could not be answered is refused, as everywhere."""
    async with caller(quick, receive="audio") as call:
        with pytest.raises(Refused, match="does not begin with v=0") as refused:
            await call.client.invite(destination, "hello")
        assert refused.value.code == INVALID_PARAMS


async def test_drop(quick: Running) -> None:
    """There are sound and picture, and then the far side hangs up."""
    async with caller(quick, receive="audio video") as call:
        await call.dial("/public/drop")
        bye = await call.client.event("verto.bye")
        assert bye == {"callID": call.call_id, "cause": "NORMAL_CLEARING", "causeCode": 16}


@pytest.mark.parametrize("destination", ["/public/no-answer", "/public/drop", "/public/vanish"])
async def test_who_hangs_up_first_hears_no_more(destination: str) -> None:
    """What would have failed later does nothing, and nothing of it is left."""
    async with Running().serving(Settings()) as running, caller(running, receive="audio") as call:
        if destination == "/public/no-answer":
            await invite(call, destination)
        else:
            await call.dial(destination)
        await call.client.bye(call.call_id)
        assert await asyncio.to_thread(running.legs) == []
        with pytest.raises(Refused, match="CALL DOES NOT EXIST"):
            await call.client.bye(call.call_id)
        assert "verto.bye" not in call.client.order


async def test_ringing_does_not_outlive_its_client(until: Until) -> None:
    """Nobody came back to hear that nobody answered."""
    async with Running().serving(Settings(resume_seconds=0.1)) as running:
        async with caller(running, receive="audio") as call:
            await invite(call, "/public/no-answer")
            assert len(await asyncio.to_thread(running.legs)) == 1
        await until(lambda: running.legs() == [])


async def test_ringing_does_not_outlive_the_space() -> None:
    """Its caller is told, and no task is left; nor is one of a call that is just being ended."""
    running = Running()
    async with contextlib.AsyncExitStack() as client:
        async with running.serving(Settings()):
            call = await client.enter_async_context(caller(running, receive="audio"))
            await invite(call, "/public/no-answer")
        assert (await call.client.event("verto.bye"))["cause"] == "SYSTEM_SHUTDOWN"
