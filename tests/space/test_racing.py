"""Calls that end in the very turn of the event loop in which they would go on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from sw_notebook.signaling.causes import cause
from sw_notebook.space.bridge import Switchboard
from sw_notebook.space.calls import Calls
from sw_notebook.space.legs import Leg
from sw_notebook.space.media.line import Line

from .client import Client, caller
from .meeting import Tone
from .ringing import invite, nobody_is_left, online, rings
from .running import Running
from .talking import CAROL, LOW, camera, talk

CLEARING = cause("NORMAL_CLEARING")


async def nothing_follows(signalling: Client) -> None:
    """Check that a client was told of the end of its call, and of nothing after that."""
    await signalling.rpc("signalwire.ping", {"timestamp": 1})
    after = signalling.order[signalling.order.index("verto.bye") :]
    told = [kind for kind in after if kind.startswith(("verto.", "call."))]
    assert told == ["verto.bye", "call.state"]


@pytest.mark.parametrize("who", ["winner", "caller"])
async def test_who_is_put_through_is_gone(
    running: Running,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    who: str,
) -> None:
    """Somebody who was handed over gets to nobody: both calls end, once, and without a failure."""
    answer = Switchboard.answer

    async def answer_and_end(board: Switchboard, leg: Leg, sdp: str) -> Callable[[], None]:
        settle = await answer(board, leg, sdp)

        def then() -> None:
            settle()
            # Who waits for that wakes in the turn after the next, which is the one that counts.
            ended = getattr(leg.bridge, who)
            asyncio.get_running_loop().call_soon(board._end, ended, CLEARING)

        return then

    async with online(running, "carol") as carol, talk(running) as call:
        await call.transfer(CAROL)
        monkeypatch.setattr(Switchboard, "answer", answer_and_end)
        async with rings(carol) as third:
            await third.answer(Tone(LOW), camera())
            assert await call.ends() == ("NORMAL_CLEARING", 16)
            await nothing_follows(call.client)
            await nothing_follows(carol)
    assert "cannot go on" not in caplog.text


async def test_who_is_answered_is_gone(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that comes with the end of its call is not sent any more."""
    answer, proceed, begun = Line.answer, Calls.proceed, list[tuple[Calls, Leg]]()

    def begin(calls: Calls, leg: Leg) -> None:
        begun.append((calls, leg))
        proceed(calls, leg)

    async def answer_and_end(line: Line) -> str:
        sdp = await answer(line)
        ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        def end() -> None:
            ready.set_result(sdp)
            ((calls, leg),) = begun
            calls.end(leg, CLEARING)

        asyncio.get_running_loop().call_soon(end)
        return await ready

    monkeypatch.setattr(Calls, "proceed", begin)
    monkeypatch.setattr(Line, "answer", answer_and_end)
    async with caller(running, receive="audio") as call:
        await invite(call, "/public/bars")
        await call.client.event("verto.bye")
        await nothing_follows(call.client)
        await nobody_is_left(running)
