"""Calls, from the invite to the end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from sw_notebook.exceptions import SDPError, SpaceRequestError
from sw_notebook.signaling.causes import Cause
from sw_notebook.signaling.jsonrpc import CALL_ERROR, FORBIDDEN, INVALID_PARAMS
from sw_notebook.space import LoopbackSpace, calls, routes
from sw_notebook.space.legs import Leg
from sw_notebook.space.media.line import Line
from sw_notebook.space.resources import find

from .client import Refused, caller, client
from .running import Running

Until = Callable[[Callable[[], bool]], Awaitable[None]]


async def test_a_call_is_answered_in_the_order_that_works(
    space: LoopbackSpace, until: Until
) -> None:
    """Created, answered, joined, laid out; and then it is listed."""
    async with caller(space, receive="audio video") as call:
        await call.dial("/public/bars?channel=video")
        assert (await call.client.event("call.state"))["call_state"] == "answered"
        joined = await call.client.event("call.joined")
        assert joined["member_id"] == call.member_id
        assert "self" in joined["capabilities"]
        assert [m["member_id"] for m in joined["room_session"]["members"]] == [call.member_id]
        layout = (await call.client.event("layout.changed"))["layout"]
        assert [layer["member_id"] for layer in layout["layers"]] == [call.member_id]
        await until(lambda: space.legs()[0]["media"] == "connected")
        (leg,) = space.legs()
        assert leg["call_id"] == call.call_id
        assert leg["destination"] == "/public/bars"
        assert leg["member"] == "notebook"
        assert leg["state"] == "answered"
        assert leg["directions"] == {"audio": "sendonly", "video": "sendonly"}
        assert leg["seconds"] > 0


async def test_the_caller_hangs_up(space: LoopbackSpace) -> None:
    """The answer says so, no bye comes back, and nothing is left."""
    async with caller(space, receive="audio") as call:
        await call.dial("/public/bars")
        ended = await call.client.bye(call.call_id)
        assert ended["message"] == "CALL ENDED"
        assert ended["causeCode"] == 16
        assert space.legs() == []
        with pytest.raises(Refused, match="CALL DOES NOT EXIST"):
            await call.client.bye(call.call_id)


async def test_the_far_side_hangs_up(space: LoopbackSpace) -> None:
    """With a cause that the caller is told."""
    async with caller(space, receive="audio") as call:
        await call.dial("/public/bars")
        space.hangup(call.call_id, "USER_BUSY")
        bye = await call.client.event("verto.bye")
        assert bye == {"callID": call.call_id, "cause": "USER_BUSY", "causeCode": 17}
        assert space.legs() == []
        with pytest.raises(SpaceRequestError, match="no such call") as refused:
            space.hangup(call.call_id)
        assert refused.value.status == 404


async def test_a_caller_that_closes_its_media_has_hung_up(space: LoopbackSpace) -> None:
    """Even if it says nothing."""
    async with caller(space, receive="audio") as call:
        await call.dial("/public/bars")
        await call.connection.close()
        assert (await call.client.event("verto.bye"))["cause"] == "MEDIA_TIMEOUT"
        assert space.legs() == []


async def test_a_leg_ends_when_its_client_does_not_come_back(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the time that the space was given."""
    ended = asyncio.Event()
    end = calls.Calls.end

    def watch(held: calls.Calls, leg: Leg, why: Cause, *, tell: bool = True) -> None:
        end(held, leg, why, tell=tell)
        assert why.name == "RECOVERY_ON_TIMER_EXPIRE"
        ended.set()

    async with caller(running, receive="audio") as call:
        await call.dial("/public/bars")
        monkeypatch.setattr(calls.Calls, "end", watch)
        await call.client.close()
        await ended.wait()
        monkeypatch.undo()


@pytest.mark.parametrize(
    ("destination", "code", "words"),
    [
        ("/public/forbidden", FORBIDDEN, "the destination /public/forbidden refuses calls"),
        ("/public/@nowhere?channel=audio", CALL_ERROR, "no such destination: /public/@nowhere"),
        ("/public/bars", INVALID_PARAMS, "v=0"),
        ("/" + "x" * 5000, CALL_ERROR, "no such destination"),
    ],
)
async def test_refusals_keep_their_reason(
    space: LoopbackSpace, destination: str, code: int, words: str
) -> None:
    """The SDK shows the words with these codes only."""
    async with client(space) as one:
        await one.connect()
        with pytest.raises(Refused, match=words) as refused:
            await one.invite(destination, "no sdp")
        assert refused.value.code == code
        assert len(refused.value.message) < 300
        assert space.legs() == []


async def test_a_token_opens_only_what_it_allows(space: LoopbackSpace) -> None:
    """Whether the others exist is not told apart from whether they are allowed."""
    token = space.token("ada", allowed_addresses=["/public/echo"])
    async with client(space, token.reveal()) as one:
        await one.connect()
        with pytest.raises(Refused, match="the token does not allow /public/bars") as refused:
            await one.invite("/public/bars", "v=0")
        assert refused.value.code == FORBIDDEN


async def test_what_cannot_be_done_yet_is_refused_in_words(space: LoopbackSpace) -> None:
    """A screen where there is no room, replacing: never silence."""
    async with caller(space, receive="audio") as call:
        await call.dial("/public/bars")
        dialog = {"callID": call.call_id, "destination_number": "/public/bars"}
        with pytest.raises(Refused, match="join rooms only"):
            await call.client.invite("/public/bars", "v=0", screenShare=True)
        with pytest.raises(Refused, match="is up"):
            await call.client.invite("/public/bars", "v=0", call.call_id)
        params = {"dialogParams": dialog, "action": "replace"}
        with pytest.raises(Refused, match="cannot do 'replace'"):
            await call.client.verto("verto.modify", params, call.call_id)
        with pytest.raises(Refused, match="nothing to answer"):
            await call.client.verto("verto.answer", {"sdp": "v=0"}, call.call_id)
        assert len(space.legs()) == 1


async def test_digits_are_taken(space: LoopbackSpace) -> None:
    """In the order in which they are pressed."""
    async with caller(space, receive="audio") as call:
        await call.dial("/public/bars")
        for digits in ("12", "#"):
            params = {"dialogParams": {"callID": call.call_id}, "dtmf": digits}
            assert await call.client.verto("verto.info", params, call.call_id)
        assert space.legs()[0]["digits"] == "12#"


async def test_a_call_is_held_and_goes_on(space: LoopbackSpace) -> None:
    """With a keyframe, so the picture comes back."""
    async with caller(space, receive="video") as call:
        await call.dial("/public/bars")
        await call.video.recv()
        params = {"dialogParams": {"callID": call.call_id}, "action": "hold"}
        held = await call.client.verto("verto.modify", params, call.call_id)
        assert held["holdState"] == "held"
        assert space.legs()[0]["held"]
        params["action"] = "unhold"
        active = await call.client.verto("verto.modify", params, call.call_id)
        assert active["holdState"] == "active"
        for _ in range(30):
            await call.video.recv()


async def test_one_client_cannot_touch_anothers_call(space: LoopbackSpace) -> None:
    """A call that is not one's own does not exist."""
    async with caller(space, receive="audio") as call, client(space) as other:
        await call.dial("/public/bars")
        await other.connect()
        with pytest.raises(Refused, match="CALL DOES NOT EXIST"):
            await other.bye(call.call_id)
        assert len(space.legs()) == 1


async def test_a_slow_answer_can_be_given_up(space: LoopbackSpace) -> None:
    """The call rings, and ends as soon as its caller has had enough."""
    async with caller(space, receive="audio") as call:
        await call.connection.setLocalDescription(await call.connection.createOffer())
        sdp = call.connection.localDescription.sdp
        await call.client.invite("/public/slow", sdp, call.call_id)
        assert (await call.client.event("call.state"))["call_state"] == "created"
        assert (await call.client.event("call.state"))["call_state"] == "ringing"
        assert space.legs()[0]["state"] == "ringing"
        await call.client.bye(call.call_id)
        assert space.legs() == []


async def test_a_slow_answer_comes(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """With media; here it is less slow."""
    slow = find("/public/slow")
    assert slow is not None
    assert slow.answer_after == 4
    monkeypatch.setattr(routes, "find", lambda name: replace(slow, answer_after=0.05))
    async with caller(running, receive="video") as call:
        await call.dial("/public/slow")
        assert await call.video.recv()


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (SDPError("no network interface"), "INCOMPATIBLE_DESTINATION"),
        (RuntimeError("out of paint"), "NORMAL_TEMPORARY_FAILURE"),
    ],
)
async def test_a_call_that_cannot_be_answered_ends(
    running: Running,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    cause: str,
) -> None:
    """The caller is told the cause, and the log the reason."""

    async def fail(line: Line) -> str:
        raise error

    monkeypatch.setattr(Line, "answer", fail)
    async with caller(running, receive="audio") as call:
        await call.connection.setLocalDescription(await call.connection.createOffer())
        sdp = call.connection.localDescription.sdp
        await call.client.invite("/public/bars", sdp, call.call_id)
        assert (await call.client.event("verto.bye"))["cause"] == cause
        assert (await call.client.event("call.state"))["call_state"] == "ended"
    assert str(error) in caplog.text


async def test_a_call_without_media_ends(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller that never connects is not waited for without end."""
    monkeypatch.setattr(calls, "MEDIA_SECONDS", 0.05)
    async with caller(running, receive="audio") as call:
        await call.connection.setLocalDescription(await call.connection.createOffer())
        sdp = call.connection.localDescription.sdp
        await call.client.invite("/public/bars", sdp, call.call_id)
        await call.client.event("verto.answer")
        assert (await call.client.event("verto.bye"))["cause"] == "DESTINATION_OUT_OF_ORDER"


@pytest.mark.parametrize(
    ("was", "becomes"),
    [("a=candidate:", "a=x-candidate:"), (" udp ", " tcp ")],
    ids=["none", "no UDP"],
)
async def test_who_cannot_be_reached(space: LoopbackSpace, was: str, becomes: str) -> None:
    """Is told so at once, after the call was created, as by the platform's media servers."""
    async with caller(space, receive="audio") as call:
        await call.connection.setLocalDescription(await call.connection.createOffer())
        sdp = call.connection.localDescription.sdp
        assert was in sdp
        await call.client.invite("/public/bars", sdp.replace(was, becomes), call.call_id)
        bye = await call.client.event("verto.bye")
        assert (bye["cause"], bye["causeCode"]) == ("INCOMPATIBLE_DESTINATION", 88)
