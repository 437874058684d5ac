"""People who ring one another: who answers, who does not, and what both sides hear and see."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sw_notebook.signaling.jsonrpc import CALL_ERROR, FORBIDDEN, INVALID_PARAMS
from sw_notebook.signaling.sdp import Description
from sw_notebook.space.settings import Settings

from .client import Refused, caller, client
from .media.test_line import NumberedVideo, Tone, pitch, sound, strips
from .ringing import BOB, Callee, cause, invite, nobody_is_left, online, rings
from .running import Running
from .wire import Requests, sender

_STREAMS = "_RTCRtpReceiver__remote_streams"


async def test_sound_and_pictures_go_both_ways(running: Running) -> None:
    """Each hears and sees the other, as one sent it; a hang-up ends both."""
    async with (
        online(running, "bob") as bob,
        caller(running, Tone(), NumberedVideo()) as ada,
    ):
        dialling = asyncio.create_task(ada.dial(BOB))
        async with rings(bob) as callee:
            assert callee.invite["caller_id_name"] == "ada"
            assert callee.invite["caller_id_number"] == "/private/ada"
            assert callee.invite["callee_id_number"] == BOB
            assert "BUNDLE" not in callee.invite["sdp"]
            await callee.answer(Tone(), NumberedVideo())
            await dialling
            for hears, sees in (
                (ada.audio, ada.video),
                (callee.track("audio"), callee.track("video")),
            ):
                assert pitch(await sound(hears, 25)) == pytest.approx(1000, abs=3)
                read = await strips(sees, 10)
                assert [strip.frame for strip in read] == list(
                    range(read[0].frame, read[0].frame + 10)
                )
            joined = await bob.event("call.joined")
            assert joined["call_id"] == callee.call_id
            names = [member["name"] for member in joined["room_session"]["members"]]
            assert names == ["ada", "bob"]
            await ada.client.bye(ada.call_id)
            assert await cause(bob, callee.call_id) == ("NORMAL_CLEARING", 16)
            await nobody_is_left(running)


async def test_a_keyframe_that_one_side_needs_is_asked_of_the_other(running: Running) -> None:
    """A picture that cannot be decoded is asked of who sends it."""
    async with online(running, "bob") as bob, caller(running, NumberedVideo()) as ada:
        dialling = asyncio.create_task(ada.dial(BOB))
        async with rings(bob) as callee:
            await callee.answer()
            await dialling
            await strips(callee.track("video"), 1)
            requests = Requests(sender(ada, "video"))
            (receiver,) = callee.connection.getReceivers()
            await receiver._send_rtcp_pli(next(iter(getattr(receiver, _STREAMS))))
            await requests.until(lambda: requests.count > 0)


async def test_digits_and_hold(running: Running) -> None:
    """The other side is told the digits; who holds gets nothing, and goes on afterwards."""
    async with online(running, "bob") as bob, caller(running, Tone()) as ada:
        dialling = asyncio.create_task(ada.dial(BOB))
        async with rings(bob) as callee:
            await callee.answer(Tone())
            await dialling
            await sound(callee.track("audio"), 5)
            params = {"dialogParams": {"callID": ada.call_id}, "dtmf": "12#"}
            await ada.client.verto("verto.info", params, ada.call_id)
            told = await bob.event("verto.info")
            assert told == {"callID": callee.call_id, "dtmf": "12#"}
            held = await ada.client.modify(ada.call_id, "hold")
            assert held["holdState"] == "held"
            before = (await counted(running, ada.call_id))["sent"]["audio"]["packets"]
            came = (await counted(running, ada.call_id))["received"]["audio"]["packets"]
            while (await counted(running, ada.call_id))["received"]["audio"]["packets"] < came + 9:
                await callee.track("audio").recv()
            assert (await counted(running, ada.call_id))["sent"]["audio"]["packets"] <= before + 1
            await ada.client.modify(ada.call_id, "unhold")
            assert pitch(await sound(ada.audio, 25)) == pytest.approx(1000, abs=3)


async def counted(running: Running, call_id: str) -> dict[str, Any]:
    """Return what the space says of a call."""
    legs = await asyncio.to_thread(running.legs)
    return next(leg for leg in legs if leg["call_id"] == call_id)


async def test_the_first_answer_wins(running: Running) -> None:
    """The other clients are told that they lost; their answers come too late."""
    async with (
        online(running, "bob") as desk,
        online(running, "bob") as kitchen,
        caller(running, Tone()) as ada,
    ):
        dialling = asyncio.create_task(ada.dial(BOB))
        async with rings(desk) as first, rings(kitchen) as second:
            assert first.call_id != second.call_id
            done = await first.answer(Tone())
            assert done["message"] == "CALL ANSWERED"
            assert await cause(kitchen, second.call_id) == ("LOSE_RACE", 502)
            with pytest.raises(Refused, match="CALL DOES NOT EXIST"):
                await second.answer(Tone())
            await dialling
            assert pitch(await sound(ada.audio, 25)) == pytest.approx(1000, abs=3)
            await first.bye("NORMAL_CLEARING", "16")
            assert await cause(ada.client, ada.call_id) == ("NORMAL_CLEARING", 16)
            await nobody_is_left(running)


async def test_one_rejects_and_another_answers(running: Running) -> None:
    """A rejection ends the call only where nobody else rings."""
    async with (
        online(running, "bob") as desk,
        online(running, "bob") as kitchen,
        caller(running, Tone()) as ada,
    ):
        await invite(ada)
        async with rings(desk) as first, rings(kitchen) as second:
            await first.bye()
            assert len(await asyncio.to_thread(running.legs)) == 2
            await second.bye()
            assert await cause(ada.client, ada.call_id) == ("USER_BUSY", 17)
            await nobody_is_left(running)


async def test_who_cancels_stops_the_ringing(running: Running) -> None:
    """The callee is told that the caller gave up."""
    async with online(running, "bob") as bob, caller(running, Tone()) as ada:
        await invite(ada)
        async with rings(bob) as callee:
            states = [(await ada.client.event("call.state"))["call_state"] for _ in range(2)]
            assert states == ["created", "ringing"]
            await ada.client.bye(ada.call_id)
            assert await cause(bob, callee.call_id) == ("ORIGINATOR_CANCEL", 487)
            with pytest.raises(Refused, match="CALL DOES NOT EXIST"):
                await callee.answer(Tone())
            await nobody_is_left(running)


async def test_nobody_answers() -> None:
    """After its time the call ends on both sides."""
    async with (
        Running().serving(Settings(no_answer_seconds=0.3)) as running,
        online(running, "bob") as bob,
        caller(running, Tone()) as ada,
    ):
        await invite(ada)
        async with rings(bob) as callee:
            assert await cause(bob, callee.call_id) == ("NO_ANSWER", 19)
            assert await cause(ada.client, ada.call_id) == ("NO_ANSWER", 19)


async def test_who_is_in_a_call_is_busy(running: Running) -> None:
    """A client takes one call at a time; it does not ring meanwhile."""
    async with (
        caller(running, Tone(), token=running.token_of("bob")) as bob,
        caller(running, Tone()) as ada,
    ):
        await bob.client.rpc("subscriber.online", {})
        await bob.dial("/public/echo")
        await invite(ada)
        assert await cause(ada.client, ada.call_id) == ("USER_BUSY", 17)


async def test_who_is_not_there(running: Running) -> None:
    """Somebody known is not registered; of others the space has never heard."""
    body = {"reference": "carol"}
    await asyncio.to_thread(running.ask, "POST", "/api/fabric/subscribers/tokens", body)
    async with caller(running, Tone()) as ada:
        await invite(ada, "/private/carol")
        assert await cause(ada.client, ada.call_id) == ("USER_NOT_REGISTERED", 806)
        with pytest.raises(Refused, match="nobody has the address /private/dave") as refused:
            await invite(ada, "/private/dave")
        assert refused.value.code == CALL_ERROR


async def test_a_token_that_does_not_allow_somebody(running: Running) -> None:
    """It is refused before anybody rings."""
    token = running.token_of("ada", allowed=("/public/echo",))
    async with online(running, "bob"), caller(running, Tone(), token=token) as ada:
        with pytest.raises(Refused, match="does not allow /private/bob") as refused:
            await invite(ada)
        assert refused.value.code == FORBIDDEN


@pytest.mark.parametrize("sdp", ["v=0", "nonsense", "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 96\r\n"])
async def test_an_answer_that_cannot_be_used(running: Running, sdp: str) -> None:
    """It is refused with words, and the call goes on ringing: a good answer is taken."""
    async with online(running, "bob") as bob, caller(running, Tone()) as ada:
        dialling = asyncio.create_task(ada.dial(BOB))
        async with rings(bob) as callee:
            with pytest.raises(Refused) as refused:
                await callee.send(sdp)
            assert refused.value.code == INVALID_PARAMS
            await callee.answer(Tone())
            await dialling
            with pytest.raises(Refused, match="answered already"):
                await callee.send(callee.connection.localDescription.sdp)
            assert pitch(await sound(ada.audio, 25)) == pytest.approx(1000, abs=3)


async def test_strangers_cannot_answer_or_hang_up(running: Running) -> None:
    """What rings somebody is no business of others, nor can a caller answer itself."""
    async with (
        online(running, "bob") as bob,
        online(running, "eve") as eve,
        caller(running, Tone()) as ada,
    ):
        await invite(ada)
        async with rings(bob) as callee:
            stranger = Callee(eve, callee.invite)
            for attempt in (stranger.send("v=0"), stranger.bye()):
                with pytest.raises(Refused, match="CALL DOES NOT EXIST"):
                    await attempt
            own = Callee(ada.client, {**callee.invite, "callID": ada.call_id})
            with pytest.raises(Refused, match="not offered to you"):
                await own.send("v=0")
            await stranger.connection.close()
            await own.connection.close()
            assert len(await asyncio.to_thread(running.legs)) == 2


async def test_a_client_that_goes_for_good_ends_the_call(running: Running) -> None:
    """Who rings and vanishes rings no more; the caller hears of it."""
    async with caller(running, Tone()) as ada:
        async with online(running, "bob") as bob:
            await invite(ada)
            await bob.event("verto.invite")
        assert await cause(ada.client, ada.call_id) == ("RECOVERY_ON_TIMER_EXPIRE", 102)
        await nobody_is_left(running)


async def test_the_offer_says_what_the_caller_offers(running: Running) -> None:
    """Sound first; one codec each, one address each, and the caller's directions."""
    async with online(running, "bob") as bob, caller(running, Tone(), receive="video") as ada:
        await invite(ada)
        async with rings(bob) as callee:
            audio, video = Description.parse(callee.invite["sdp"]).check_offer().sections
            assert (audio.kind, audio.direction) == ("audio", "sendrecv")
            assert (video.kind, video.direction) == ("video", "recvonly")
            assert list(video.codecs().values()) == ["VP8"]
            for section in (audio, video):
                assert len(section.values("candidate")) == 1
                assert section.values("setup") == ["actpass"]
                assert [v.split()[0] for v in section.values("fingerprint")] == ["sha-256"]


async def test_guests_call_and_are_not_called(running: Running) -> None:
    """A guest's client does not ring."""
    token = running.token_of("guest", guest=True)
    async with client(running, token) as guest, caller(running, Tone()) as ada:
        await guest.connect()
        await guest.rpc("subscriber.online", {})
        with pytest.raises(Refused, match="nobody has the address"):
            await invite(ada, "/private/guest")
