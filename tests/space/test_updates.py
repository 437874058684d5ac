"""Other media in a call, and ICE restarted, with a real aiortc at the other end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from sw_notebook.signaling.jsonrpc import CALL_ERROR, INVALID_PARAMS
from sw_notebook.signaling.sdp import Description
from sw_notebook.space import LoopbackSpace

from .client import Caller, Refused, caller
from .media.test_line import NumberedVideo, Tone, strips

Until = Callable[[Callable[[], bool]], Awaitable[None]]


def origin(sdp: str) -> list[str]:
    """Return the id and the version of a description."""
    return Description.parse(sdp).session[1].split()[1:3]


def restarts(space: LoopbackSpace) -> int:
    """Return how many transports of the space have restarted."""
    assert space.log_file is not None
    return space.log_file.read_text().count("ICE restart done")


def port(sdp: str, index: int = 0) -> int:
    """Return the port of a section."""
    return Description.parse(sdp).sections[index].port


async def test_the_same_offer_again_changes_nothing(space: LoopbackSpace) -> None:
    """The answer is one version on, and media did not stop."""
    async with caller(space, receive="audio video") as call:
        await call.dial("/public/bars")
        first = (await strips(call.video, 1))[0].frame
        answer = await call.update()
        (one, version), (same, later) = origin(call.answer), origin(answer)
        assert (one, int(version) + 1) == (same, int(later))
        assert port(answer) == port(call.answer)
        assert "a=mid" not in answer
        assert "a=group" not in answer
        assert space.legs()[0]["directions"] == {"audio": "sendonly", "video": "sendonly"}
        read = await strips(call.video, 20)
        assert read[-1].frame - first <= 25


@pytest.mark.parametrize("destination", ["/public/bars", "/public/echo"])
async def test_ice_restarts_in_place(space: LoopbackSpace, until: Until, destination: str) -> None:
    """New credentials and ports on both sides; not a frame is lost, again and again."""
    async with caller(space, Tone(), NumberedVideo()) as call:
        await call.dial(destination)
        (first,) = await strips(call.video, 1)
        answers = [call.answer]
        before = restarts(space)
        for _ in range(3):
            answers.append(await call.update(restart=True))
            await until(lambda: restarts(space) == before + 2 * (len(answers) - 1))
            await strips(call.video, 5)
            await call.audio.recv()
        (last,) = await strips(call.video, 1)
        assert last.frame - first.frame == 16
        assert len({port(answer) for answer in answers}) == 4
        users = {Description.parse(a).sections[0].values("ice-ufrag")[0] for a in answers}
        assert len(users) == 4
        assert [int(origin(answer)[1]) for answer in answers] == [1, 2, 3, 4]
        assert space.legs()[0]["media"] == "connected"
        # The end is still noticed: it is the fresh connection whose end is waited for.
        await call.connection.close()
        assert (await call.client.event("verto.bye"))["cause"] == "MEDIA_TIMEOUT"


async def test_a_restart_that_leads_nowhere_leaves_media_where_it_was(
    space: LoopbackSpace,
) -> None:
    """Until a better offer comes; hanging up in between leaves nothing."""
    async with caller(space, receive="video") as call:
        await call.dial("/public/bars")
        await call.connection.setLocalDescription(await call.connection.createOffer())
        offer = call.connection.localDescription.sdp
        for number in range(2):
            lost = offer.replace("a=ice-ufrag:", f"a=ice-ufrag:lost{number}")
            answer = await call.client.modify(call.call_id, "updateMedia", sdp=lost)
            assert port(answer["sdp"]) != port(call.answer)
            await strips(call.video, 5)
        assert (await call.client.bye(call.call_id))["message"] == "CALL ENDED"


async def direct(call: Caller, index: int, direction: str) -> str:
    """Offer another direction for a section, and take the answer."""
    call.connection.getTransceivers()[index].direction = direction
    return await call.update()


async def test_directions_change(space: LoopbackSpace, until: Until) -> None:
    """From sending to listening and back, with a keyframe; and from only sending to both."""
    async with caller(space, NumberedVideo()) as call:
        await call.dial("/public/bars")
        await strips(call.video, 3)
        await direct(call, 0, "recvonly")
        assert space.legs()[0]["directions"] == {"video": "sendonly"}
        await strips(call.video, 3)
        await direct(call, 0, "sendonly")
        assert space.legs()[0]["directions"] == {"video": "recvonly"}
        await direct(call, 0, "inactive")
        assert space.legs()[0]["directions"] == {"video": "inactive"}
        await direct(call, 0, "sendrecv")
        assert space.legs()[0]["directions"] == {"video": "sendrecv"}
        await strips(call.video, 30)


async def test_an_echo_begins_when_its_caller_listens(space: LoopbackSpace) -> None:
    """What was only sent before comes back from then on."""
    async with caller(space) as call:
        call.connection.addTransceiver(NumberedVideo(), direction="sendonly")
        await call.dial("/public/echo")
        assert space.legs()[0]["directions"] == {"video": "recvonly"}
        await direct(call, 0, "sendrecv")
        assert space.legs()[0]["directions"] == {"video": "sendrecv"}
        await strips(call.video, 10)


@pytest.mark.parametrize("restart", [False, True])
async def test_a_call_gets_video(space: LoopbackSpace, restart: bool) -> None:
    """In place, beside the sound, which goes on."""
    async with caller(space, receive="audio") as call:
        await call.dial("/public/bars")
        await call.audio.recv()
        if restart:
            await call.update(restart=True)
        call.connection.addTransceiver("video", direction="recvonly")
        answer = await call.update()
        assert space.legs()[0]["directions"] == {"audio": "sendonly", "video": "sendonly"}
        assert len({port(answer, 0), port(answer, 1)}) == 2
        await strips(call.video, 10)
        await call.audio.recv()
        await call.update(restart=True)
        await strips(call.video, 10)
        assert space.legs()[0]["media"] == "connected"


async def test_video_that_is_not_to_be_had_is_a_bare_line(space: LoopbackSpace) -> None:
    """As in the first answer."""
    async with caller(space, receive="audio") as call:
        await call.dial("/public/silence")
        call.connection.addTransceiver("video", direction="recvonly")
        await call.connection.setLocalDescription(await call.connection.createOffer())
        sdp = call.connection.localDescription.sdp
        answer = await call.client.modify(call.call_id, "updateMedia", sdp=sdp)
        assert answer["sdp"].endswith("m=video 0 UDP/TLS/RTP/SAVPF 19\r\n")
        assert await call.audio.recv()


async def test_a_section_stops_and_comes_back(space: LoopbackSpace) -> None:
    """With port 0, and with what it had before."""
    async with caller(space, receive="audio video") as call:
        await call.dial("/public/bars")
        await strips(call.video, 3)
        await call.connection.setLocalDescription(await call.connection.createOffer())
        offer = call.connection.localDescription.sdp
        _, video = Description.parse(offer).sections
        stopped = offer.replace(f"m=video {video.port}", "m=video 0")
        answer = await call.client.modify(call.call_id, "updateMedia", sdp=stopped)
        assert answer["sdp"].endswith("m=video 0 UDP/TLS/RTP/SAVPF 19\r\n")
        assert space.legs()[0]["directions"] == {"audio": "sendonly"}
        answer = await call.client.modify(call.call_id, "updateMedia", sdp=offer)
        assert space.legs()[0]["directions"] == {"audio": "sendonly", "video": "sendonly"}
        await strips(call.video, 30)


async def test_hold_outlives_other_media(space: LoopbackSpace) -> None:
    """The answer says that the call is held, and nothing is sent."""
    async with caller(space, receive="video") as call, caller(space, receive="video") as clock:
        await call.dial("/public/bars")
        await clock.dial("/public/bars")
        (before,) = await strips(call.video, 1)
        assert (await call.client.modify(call.call_id, "hold"))["holdState"] == "held"
        await call.connection.setLocalDescription(await call.connection.createOffer())
        sdp = call.connection.localDescription.sdp
        answer = await call.client.modify(call.call_id, "updateMedia", sdp=sdp)
        assert answer["holdState"] == "held"
        assert {leg["held"] for leg in space.legs()} == {True, False}
        await strips(clock.video, 40)
        assert (await call.client.modify(call.call_id, "unhold"))["holdState"] == "active"
        after = await strips(call.video, 25)
        gaps = [b.frame - a.frame for a, b in zip([before, *after], after, strict=False)]
        assert max(gaps) > 20
        assert sum(gap > 1 for gap in gaps) == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda sdp: "hello", "does not begin with v=0"),
        (lambda sdp: sdp[: sdp.index("m=")], "no media section"),
        (lambda sdp: sdp[: sdp.index("m=video")], "lacks sections"),
        (lambda sdp: sdp.replace("a=mid:1", "a=mid:7"), "another section in place of the video"),
        (lambda sdp: sdp.replace("m=video", "m=audio"), "another section in place of the video"),
        (lambda sdp: sdp.replace("VP8", "AV1"), "lacks the codec in use"),
        (lambda sdp: sdp.replace("sha-256 ", "sha-256 00:"), "another fingerprint"),
        (lambda sdp: sdp.replace("a=ice-pwd", "a=no-pwd"), "has no a=ice-pwd"),
        (lambda sdp: sdp.replace("a=candidate:", "a=candidate:x "), "cannot be used"),
        (lambda sdp: sdp.replace("a=setup:actpass", "a=setup:sideways"), "cannot be used"),
        (lambda sdp: sdp + sdp[sdp.index("m=video") :].replace("UDP/TLS", "udp"), None),
    ],
)
async def test_offers_that_cannot_be_used_change_nothing(
    space: LoopbackSpace, change: Callable[[str], str], words: str | None
) -> None:
    """They are refused in words, and the call goes on; a good one is still taken."""
    async with caller(space, receive="audio video") as call:
        await call.dial("/public/bars")
        await call.connection.setLocalDescription(await call.connection.createOffer())
        sdp = change(call.connection.localDescription.sdp)
        if words is not None:
            with pytest.raises(Refused, match=words) as refused:
                await call.client.modify(call.call_id, "updateMedia", sdp=sdp)
            assert refused.value.code == INVALID_PARAMS
        await strips(call.video, 5)
        await call.update(restart=True)
        await strips(call.video, 5)


async def test_other_media_need_an_answered_call_and_an_offer(space: LoopbackSpace) -> None:
    """Each refusal says what is missing."""
    async with caller(space, receive="audio") as call:
        await call.connection.setLocalDescription(await call.connection.createOffer())
        sdp = call.connection.localDescription.sdp
        await call.client.invite("/public/slow", sdp, call.call_id)
        with pytest.raises(Refused, match="need an sdp") as refused:
            await call.client.modify(call.call_id, "updateMedia")
        assert refused.value.code == INVALID_PARAMS
        with pytest.raises(Refused, match="not answered yet") as refused:
            await call.client.modify(call.call_id, "updateMedia", sdp=sdp)
        assert refused.value.code == CALL_ERROR
        assert len(space.legs()) == 1
        await call.client.bye(call.call_id)


async def test_a_restart_needs_media(space: LoopbackSpace) -> None:
    """Before the first connection there is nothing to restart."""
    async with caller(space, receive="audio") as call:
        await call.connection.setLocalDescription(await call.connection.createOffer())
        sdp = call.connection.localDescription.sdp
        await call.client.invite("/public/bars", sdp, call.call_id)
        await call.client.event("verto.answer")
        with pytest.raises(Refused, match="is not connected"):
            await call.client.modify(
                call.call_id, "updateMedia", sdp=sdp.replace("a=ice-ufrag:", "a=ice-ufrag:x")
            )
        answer: Any = await call.client.modify(call.call_id, "updateMedia", sdp=sdp)
        assert answer["holdState"] == "active"
        await call.client.bye(call.call_id)


async def test_a_call_that_ends_meanwhile_is_gone(space: LoopbackSpace) -> None:
    """Whichever comes first, the other finds no call, and nothing hangs."""
    async with caller(space, receive="audio video") as call:
        await call.dial("/public/bars")
        await call.connection.setLocalDescription(await call.connection.createOffer())
        sdp = call.connection.localDescription.sdp.replace("a=ice-ufrag:", "a=ice-ufrag:x")
        updated, _ = await asyncio.gather(
            call.client.modify(call.call_id, "updateMedia", sdp=sdp),
            asyncio.to_thread(space.hangup, call.call_id),
            return_exceptions=True,
        )
        assert isinstance(updated, dict | Refused)
        assert (await call.client.event("verto.bye"))["cause"] == "NORMAL_CLEARING"
        assert space.legs() == []
