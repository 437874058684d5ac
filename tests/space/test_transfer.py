"""Handing a call to another destination."""

from __future__ import annotations

import asyncio
import re
import time

import pytest

from sw_notebook.signaling.jsonrpc import CALL_ERROR, FORBIDDEN, INVALID_PARAMS
from sw_notebook.space import LoopbackSpace
from sw_notebook.space.media.line import Line
from sw_notebook.space.media.studio import TONE
from sw_notebook.space.settings import Settings

from .client import Refused, caller
from .media.test_line import Tone as HighTone
from .media.test_line import pitch, sound
from .meeting import QUIET, Tone, ask, meeting, until_heard, until_seen
from .ringing import BOB, cause, online, rings
from .running import Running
from .talking import CAROL, FRAMES, HIGH, LOW, camera, hear, legs, live, see, talk
from .test_room_picture import ROOM, clear


async def test_a_transfer_ends_the_leg_after_its_answer(space: LoopbackSpace) -> None:
    """The caller learns that it worked, then that its part is over; the log says where to."""
    async with caller(space, receive="audio") as call:
        await call.dial("/public/bars")
        before = len(call.client.order)
        done = await call.client.modify(
            call.call_id, "transfer", destination="/public/echo?channel=audio"
        )
        assert done == {"callID": call.call_id, "action": "transfer", "holdState": "active"}
        bye = await call.client.event("verto.bye")
        assert bye == {"callID": call.call_id, "cause": "BLIND_TRANSFER", "causeCode": 800}
        assert (await call.client.event("call.state"))["call_state"] == "ended"
        assert call.client.order[before:][-3:] == ["reply", "verto.bye", "call.state"]
        assert space.legs() == []
        with pytest.raises(Refused, match="CALL DOES NOT EXIST"):
            await call.client.modify(call.call_id, "hold")
        assert space.log_file is not None
        log = space.log_file.read_text()
        assert f"call {call.call_id} is transferred to /public/echo" in log


@pytest.mark.parametrize(
    ("extra", "code", "words"),
    [
        ({"destination": "/public/@nowhere"}, CALL_ERROR, "no such destination"),
        ({"destination": "/public/silence"}, FORBIDDEN, "does not allow /public/silence"),
        ({"destination": "/public/forbidden"}, FORBIDDEN, "refuses calls"),
        ({"destination": 5}, INVALID_PARAMS, "needs destination as a string"),
        ({"destination": ""}, INVALID_PARAMS, "needs a destination"),
        ({}, INVALID_PARAMS, "needs a destination"),
    ],
)
async def test_a_transfer_that_cannot_be(
    space: LoopbackSpace, extra: dict[str, str], code: int, words: str
) -> None:
    """It is refused as an invite would be, and the call goes on."""
    token = space.token("ada", allowed_addresses=["/public/bars", "/public/forbidden"])
    async with caller(space, receive="audio", token=token.reveal()) as call:
        await call.dial("/public/bars")
        with pytest.raises(Refused, match=words) as refused:
            await call.client.modify(call.call_id, "transfer", **extra)
        assert refused.value.code == code
        assert await call.audio.recv()
        assert [leg["call_id"] for leg in space.legs()] == [call.call_id]


# ------------------------------------------------------------------ between people


@pytest.mark.parametrize("callee_stays", [False, True], ids=["caller", "callee"])
async def test_a_person_is_handed_over_to_another(running: Running, callee_stays: bool) -> None:
    """In the call that there is; who rings is told who is there, and both hear and see."""
    who = "bob" if callee_stays else "ada"
    async with (
        online(running, "carol") as carol,
        talk(running, callee_stays=callee_stays) as call,
    ):
        signalling = call.client
        await call.transfer(CAROL)
        async with rings(carol) as third:
            assert third.invite["caller_id_name"] == who
            assert third.invite["caller_id_number"] == f"/private/{who}"
            assert third.invite["callee_id_number"] == CAROL
            states = {leg["member"]: leg["state"] for leg in await legs(running)}
            assert states == {who: "answered", "carol": "ringing"}
            await third.answer(Tone(LOW), camera())
            await hear(call.audio, LOW)
            await see(call.video, lambda strip: strip.frame > FRAMES)
            await hear(third.track("audio"), HIGH)
            await see(third.track("video"), lambda strip: strip.frame < FRAMES)
            assert (await signalling.event("member.left"))["member"]["name"] != who
            assert (await signalling.event("member.joined"))["member"]["name"] == "carol"
            assert {leg["destination"] for leg in await legs(running)} == {CAROL}
            await third.bye("NORMAL_CLEARING", "16")
            assert await call.ends() == ("NORMAL_CLEARING", 16)


async def test_who_is_handed_over_is_handed_on(running: Running) -> None:
    """By whom it was handed to; that one's call is over, too, and no connection is made anew."""
    async with online(running, "carol") as carol, talk(running) as call:
        await call.transfer(CAROL)
        async with rings(carol) as third:
            await third.answer(Tone(LOW), camera())
            await hear(call.audio, LOW)
            await carol.modify(third.call_id, "transfer", destination="/public/bars")
            assert await cause(carol, third.call_id) == ("BLIND_TRANSFER", 800)
            await hear(call.audio, TONE)
            await see(call.video, live)
            (leg,) = await legs(running)
            assert (leg["call_id"], leg["destination"]) == (call.call_id, "/public/bars")
            assert leg["media"] == "connected"
            await call.hang_up()


@pytest.mark.parametrize("callee_stays", [False, True], ids=["caller", "callee"])
async def test_a_person_is_handed_over_to_the_bars(running: Running, callee_stays: bool) -> None:
    """Which are seen and heard, also after a hold."""
    async with talk(running, callee_stays=callee_stays) as call:
        signalling, call_id = call.client, call.call_id
        await call.transfer("/public/bars?channel=video")
        await hear(call.audio, TONE)
        await see(call.video, live)
        await signalling.modify(call_id, "hold")
        await signalling.modify(call_id, "unhold")
        began = time.time() * 1000
        await see(call.video, lambda strip: strip.milliseconds > began)
        await call.hang_up()


async def test_a_person_is_handed_over_to_the_echo(running: Running) -> None:
    """What it sends comes back."""
    async with talk(running, callee_stays=True) as call:
        await call.transfer("/public/echo")
        while len(await legs(running)) > 1:
            pass
        (leg,) = await legs(running)
        # Whoever was there has gone: what comes now, but for what waits already, is its own.
        for _ in range(60):
            await call.video.recv()
        await hear(call.audio, HIGH)
        await see(call.video, lambda strip: strip.frame < FRAMES)
        (after,) = await legs(running)
        assert after["sent"]["video"]["frames"] >= leg["sent"]["video"]["frames"] + 20
        await call.hang_up()


async def test_a_person_is_handed_over_to_a_telephone(running: Running) -> None:
    """It rings before it answers, plays digits back, and can hang up."""
    async with talk(running) as call:
        await call.transfer("+15551234567")
        async with asyncio.timeout(10):
            while pitch(await sound(call.audio, 25)) not in (
                pytest.approx(440, abs=5),
                pytest.approx(480, abs=5),
            ):
                pass
        await hear(call.audio, 600)
        await call.press("9")
        await hear(call.audio, TONE)
        assert (await legs(running))[0]["destination"] == "/public/bars"
        await call.hang_up()
    async with talk(running) as call:
        await call.transfer("sip:desk@example.com")
        await hear(call.audio, 600)
        await call.press("0")
        assert await call.ends() == ("NORMAL_CLEARING", 16)


@pytest.mark.parametrize("callee_stays", [False, True], ids=["caller", "callee"])
async def test_a_person_is_handed_over_to_a_room(running: Running, callee_stays: bool) -> None:
    """As the member that it was; it is heard and seen there, and hears and sees all."""
    who = "bob" if callee_stays else "ada"
    async with (
        meeting(running, "carol", Tone(LOW), camera()) as carol,
        talk(running, callee_stays=callee_stays) as call,
    ):
        signalling, call_id = call.client, call.call_id
        member_id = (await signalling.event("call.joined"))["member_id"]
        await carol.dial(ROOM)
        await call.transfer(ROOM)
        joined = await signalling.event("call.joined")
        assert joined["member_id"] == member_id
        assert [one["name"] for one in joined["room_session"]["members"]] == ["carol", who]
        assert (await carol.client.event("member.joined"))["member"]["visible"]
        await hear(call.audio, LOW)
        await hear(carol.audio, HIGH)
        for sees in (call.video, carol.video):
            async with asyncio.timeout(10):
                await until_seen(sees, lambda p: bool(clear(p, 0, 320) and clear(p, 320, 320)))
        await ask(carol, "call.mute", channels=["video"])
        assert (await signalling.event("member.updated"))["member"]["name"] == "carol"
        await signalling.modify(call_id, "hold")
        async with asyncio.timeout(10):
            await until_heard(carol.audio, lambda high: high < QUIET, HIGH)
        await signalling.modify(call_id, "unhold")
        await hear(carol.audio, HIGH)
        await call.hang_up()
        assert (await carol.client.event("member.left"))["member"]["name"] == who
        await carol.client.bye(carol.call_id)
        carol.member_id = ""


async def test_a_locked_room_takes_nobody(running: Running) -> None:
    """Who would hand over is told so, and goes on talking."""
    async with meeting(running, "carol", Tone(LOW)) as carol, talk(running) as call:
        await carol.dial(ROOM)
        await ask(carol, "call.lock")
        with pytest.raises(Refused, match="the room /public/standup is locked"):
            await call.transfer(ROOM)
        await hear(call.audio, HIGH)
        await carol.client.bye(carol.call_id)
        carol.member_id = ""
        await call.leaves[0].bye(call.leaves[1])
        assert await call.ends() == ("NORMAL_CLEARING", 16)


async def test_a_camera_that_comes_after_a_transfer(running: Running) -> None:
    """Media that is offered later leads to where the call was handed over to."""
    async with online(running, "bob") as bob, caller(running, HighTone()) as ada:
        dialling = asyncio.create_task(ada.dial(BOB))
        async with rings(bob) as callee:
            await callee.answer(HighTone())
            await dialling
            await bob.modify(callee.call_id, "transfer", destination="/public/bars")
            await hear(ada.audio, TONE)
            ada.connection.addTransceiver("video", direction="recvonly")
            await ada.update()
            await see(ada.video, live)


@pytest.mark.parametrize(
    ("destination", "why"),
    [
        ("/public/busy", ("USER_BUSY", 17)),
        ("/public/no-answer", ("NO_ANSWER", 19)),
        ("/public/drop", ("NORMAL_CLEARING", 16)),
        ("/private/erin", ("USER_NOT_REGISTERED", 806)),
        ("/private/ada", ("USER_BUSY", 17)),
        (CAROL, ("NO_ANSWER", 19)),
    ],
)
async def test_where_nobody_is_the_call_ends(destination: str, why: tuple[str, int]) -> None:
    """With the cause that a call to there ends with, and nothing is left."""
    settings = Settings(no_answer_seconds=0.3, drop_seconds=0.3, resume_seconds=0.2)
    async with (
        Running().serving(settings) as running,
        online(running, "carol"),
        talk(running) as call,
    ):
        body = {"reference": "erin"}
        await asyncio.to_thread(running.ask, "POST", "/api/fabric/subscribers/tokens", body)
        await call.transfer(destination)
        assert await call.ends() == why


async def test_who_is_rung_rejects(running: Running) -> None:
    """And another client of the same person may be in a call: both end the call that waits."""
    async with online(running, "carol") as carol, talk(running) as call:
        await call.transfer(CAROL)
        async with rings(carol) as third:
            await third.bye("CALL_REJECTED", "21")
            assert await call.ends() == ("CALL_REJECTED", 21)


async def test_the_first_answer_of_several_wins(running: Running) -> None:
    """The other clients of that person stop ringing."""
    async with (
        online(running, "carol") as desk,
        online(running, "carol") as kitchen,
        talk(running) as call,
    ):
        await call.transfer(CAROL)
        async with rings(desk) as first, rings(kitchen) as second:
            await second.answer(Tone(LOW), camera())
            assert await cause(desk, first.call_id) == ("LOSE_RACE", 502)
            await hear(call.audio, LOW)
            await second.bye("NORMAL_CLEARING", "16")
            assert await call.ends() == ("NORMAL_CLEARING", 16)


async def test_who_waits_hangs_up(running: Running) -> None:
    """The other one rings no more."""
    async with online(running, "carol") as carol, talk(running) as call:
        await call.transfer(CAROL)
        async with rings(carol) as third:
            with pytest.raises(Refused, match="not answered yet"):
                await carol.modify(third.call_id, "transfer", destination="/public/bars")
            await call.hang_up()
            assert await cause(carol, third.call_id) == ("ORIGINATOR_CANCEL", 487)


async def test_who_waits_hands_nobody_over(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until somebody is put through it is refused, opens no room, and the ringing goes on."""
    async with online(running, "carol") as carol, talk(running) as call:
        await call.transfer(CAROL)
        async with rings(carol) as third:
            accept, accepting, go_on = Line.accept, asyncio.Event(), asyncio.Event()

            async def wait(line: Line, sdp: str) -> None:
                accepting.set()
                await go_on.wait()
                await accept(line, sdp)

            async def refused(destination: str) -> None:
                with pytest.raises(Refused, match="not answered yet") as refused:
                    await call.client.modify(call.call_id, "transfer", destination=destination)
                assert refused.value.code == CALL_ERROR

            monkeypatch.setattr(Line, "accept", wait)
            await refused("/public/bars")
            await refused(ROOM)
            answering = asyncio.create_task(third.answer(Tone(LOW), camera()))
            await accepting.wait()
            await refused(ROOM)
            about = await asyncio.to_thread(running.ask, "GET", "/api/loopback")
            assert about.json()["rooms"] == []
            go_on.set()
            await answering
            await hear(call.audio, LOW)
            await call.client.modify(call.call_id, "transfer", destination="/public/bars")
            assert await call.ends() == ("BLIND_TRANSFER", 800)
            await hear(third.track("audio"), TONE)
            await third.bye("NORMAL_CLEARING", "16")


async def test_a_failure_of_ours_ends_the_call(
    running: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It does not stay in silence; the log has the reason."""

    def fail(*_: object) -> None:
        raise RuntimeError("out of paint")

    monkeypatch.setattr(Line, "lead_to", fail)
    async with talk(running) as call:
        await call.transfer("/public/bars")
        assert await call.ends() == ("NORMAL_TEMPORARY_FAILURE", 41)
    assert "out of paint" in caplog.text


@pytest.mark.parametrize(
    ("destination", "code", "words"),
    [
        ("/public/relay", CALL_ERROR, "cannot be handed over to /public/relay; transfer to a room"),
        ("/public/forbidden", FORBIDDEN, "refuses calls"),
        ("/private/dave", CALL_ERROR, "nobody has the address /private/dave"),
        ("+442071234567", CALL_ERROR, "no such number"),
    ],
)
async def test_where_a_person_cannot_be_handed_over_to(
    running: Running, destination: str, code: int, words: str
) -> None:
    """It is refused, and both go on talking."""
    async with talk(running) as call:
        with pytest.raises(Refused, match=re.escape(words)) as refused:
            await call.transfer(destination)
        assert refused.value.code == code
        await hear(call.audio, HIGH)
        assert len(await legs(running)) == 2
        await call.leaves[0].bye(call.leaves[1])
        assert await call.ends() == ("NORMAL_CLEARING", 16)


async def test_only_where_who_hands_over_may_call(running: Running) -> None:
    """What the token of the other side allows does not count."""
    token = running.token_of("ada", allowed=(BOB,))
    async with (
        online(running, "carol"),
        online(running, "bob") as bob,
        caller(running, HighTone(), token=token) as ada,
    ):
        dialling = asyncio.create_task(ada.dial(BOB))
        async with rings(bob) as callee:
            await callee.answer(HighTone())
            await dialling
            with pytest.raises(Refused, match="does not allow /private/carol") as refused:
                await ada.client.modify(ada.call_id, "transfer", destination=CAROL)
            assert refused.value.code == FORBIDDEN
            await bob.modify(callee.call_id, "transfer", destination="/public/bars")
            await hear(ada.audio, TONE)
