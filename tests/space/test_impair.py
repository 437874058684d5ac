"""Bad networks that are asked for."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from sw_notebook.exceptions import SpaceRequestError
from sw_notebook.space import LoopbackSpace
from sw_notebook.space.media import hooks
from sw_notebook.space.media.impairment import Impairment, Impairments

from .client import Caller, caller
from .media.test_line import NumberedVideo, Tone, strips
from .running import Running
from .wire import Wire, leg, receiver

Until = Callable[[Callable[[], bool]], Awaitable[None]]


async def impair(space: LoopbackSpace, call_id: str, **asked: Any) -> None:
    """Ask in another thread, so that media goes on."""
    await asyncio.to_thread(space.impair, call_id, **asked)


async def lose_all(space: LoopbackSpace, call: Caller, destination: str) -> None:
    """Dial, and lose everything."""
    await call.dial(destination)
    await impair(space, call.call_id, loss=1)


async def test_the_seed_says_what_is_lost(space: LoopbackSpace) -> None:
    """Packet by packet, as the state machine says; and the space counts it."""
    async with caller(space, receive="audio") as call:
        wire = Wire(receiver(call, "audio"))
        await call.dial("/public/silence")
        await wire.more(3)
        await impair(space, call.call_id, loss=0.3, seed=3)
        machine = Impairment[int](Impairments(loss=0.3, seed=3), "audio")
        kept = [number for number in range(100) if machine.take(number, 0.0)]
        await wire.more(len(kept))
        numbers = [packet.sequence for packet in wire.media]
        assert sorted(set(numbers)) == numbers
        # All came before it, so the first gap is the first packet that it lost.
        first_lost = next(n for n in range(100) if n not in kept)
        gap = next(a + 1 for a, b in itertools.pairwise(numbers) if b - a > 1)
        start = gap - first_lost
        came = [number - start for number in numbers if start <= number < start + 90]
        assert came == [number for number in kept if number < 90]
        told = leg(space.legs(), call)
        assert told["impaired"]["loss"] == 0.3
        assert told["sent"]["audio"]["lost"] >= 100 - len(kept) - 10
        assert told["sent"]["audio"]["packets"] >= len(numbers) + 20


@pytest.mark.parametrize("destination", ["/public/bars", "/public/echo"])
async def test_what_is_missed_is_sent_again(space: LoopbackSpace, destination: str) -> None:
    """The very packet, on its own SSRC; so that all comes through, lost or not."""
    async with caller(space, NumberedVideo()) as call:
        wire = Wire(receiver(call, "video"))
        await call.dial(destination)
        await strips(call.video, 5)
        await impair(space, call.call_id, loss=0.05, seed=1)
        await wire.until(lambda: wire.media[-1].sequence < max(p.sequence for p in wire.media[-9:]))
        assert len({packet.ssrc for packet in wire.media}) == 1
        assert len({packet.data[1] & 0x7F for packet in wire.media}) == 1
        sent = leg(space.legs(), call)["sent"]["video"]
        assert sent["resent"] > 0
        assert sent["lost"] > 0


async def test_the_last_hundred_packets_can_be_had_again(space: LoopbackSpace) -> None:
    """The same datagram, and none that is older."""
    async with caller(space, receive="video") as call:
        section = receiver(call, "video")
        wire = Wire(section)
        await call.dial("/public/bars")
        media = await wire.more(180)
        for packet in (media[30], media[120]):
            await section._send_rtcp_nack(packet.ssrc, [packet.sequence])
        await wire.until(lambda: wire.media.count(media[120]) == 2)
        assert wire.media.count(media[30]) == 1
        assert leg(space.legs(), call)["sent"]["video"]["resent"] == 1


async def test_requests_can_be_left_unanswered(space: LoopbackSpace) -> None:
    """Until that is taken back."""
    async with caller(space, receive="audio") as call:
        section = receiver(call, "audio")
        wire = Wire(section)
        await call.dial("/public/silence")
        await impair(space, call.call_id, nack=False)
        (before,) = await wire.more(1)
        await section._send_rtcp_nack(before.ssrc, [before.sequence])
        await wire.more(10)
        await impair(space, call.call_id)
        (after,) = await wire.more(1)
        await section._send_rtcp_nack(after.ssrc, [after.sequence])
        await wire.until(lambda: wire.media.count(after) == 2)
        assert wire.media.count(before) == 1
        told = leg(space.legs(), call)
        assert told["sent"]["audio"]["resent"] == 1
        assert told["impaired"] is None


async def test_packets_come_twice_late_and_in_another_order(space: LoopbackSpace) -> None:
    """As many as were asked for; and none is another packet."""
    async with caller(space, receive="audio") as call:
        wire = Wire(receiver(call, "audio"))
        await call.dial("/public/silence")
        await impair(space, call.call_id, duplicate=1, reorder=0.5, delay=0.05, seed=5)
        await wire.until(lambda: len(wire.media) > 2 and wire.media[-1] in wire.media[:-1])
        media = await wire.more(80)
        once = list(dict.fromkeys(media))[1:-1]
        assert all(media.count(packet) == 2 for packet in once)
        numbers = [packet.sequence for packet in once]
        assert numbers != sorted(numbers)
        assert all(-3 <= a - b <= 3 for a, b in zip(numbers, sorted(numbers), strict=True))
        sent = leg(space.legs(), call)["sent"]["audio"]
        assert min(sent["duplicated"], sent["delayed"], sent["reordered"]) >= 10
        assert sent["lost"] == 0


async def test_bursts_lose_all_for_a_while(space: LoopbackSpace) -> None:
    """Again and again."""
    async with caller(space, receive="audio") as call:
        wire = Wire(receiver(call, "audio"))
        await call.dial("/public/silence")
        await impair(space, call.call_id, burst=(0.5, 0.25))

        def gaps() -> int:
            numbers = [packet.sequence for packet in wire.media]
            return sum(b - a > 3 for a, b in itertools.pairwise(numbers))

        await wire.until(lambda: gaps() >= 3)


async def test_only_media_is_impaired(space: LoopbackSpace) -> None:
    """Sender reports go on where everything else is lost, and so does the call."""
    async with caller(space, Tone()) as call:
        await lose_all(space, call, "/public/echo")
        wire = Wire(receiver(call, "audio"))
        await wire.until(lambda: wire.reports >= 3)
        assert len(wire.media) <= 1  # one may have been on its way
        assert leg(space.legs(), call)["media"] == "connected"


async def test_a_section_that_comes_later_is_impaired_too(space: LoopbackSpace) -> None:
    """A picture that is added to a call on a bad network."""
    async with caller(space, receive="audio") as call:
        await lose_all(space, call, "/public/bars")
        call.connection.addTransceiver("video", direction="recvonly")
        wire = Wire(receiver(call, "video"))
        await call.update()
        await wire.until(lambda: wire.reports > 0)
        assert wire.media == []
        await impair(space, call.call_id)
        await strips(call.video, 3)
        assert leg(space.legs(), call)["sent"]["video"]["lost"] > 0


@pytest.mark.parametrize("destination", ["/public/bars", "/public/echo"])
async def test_what_is_late_does_not_outlive_its_call(
    running: Running, until: Until, destination: str
) -> None:
    """Nor the space: no task of either is left."""
    async with caller(running, Tone(), NumberedVideo()) as call:
        await call.dial(destination)
        path = f"/api/loopback/legs/{call.call_id}/impair"
        asked = {"delay": 2, "jitter": 2, "reorder": 0.5}
        wire = Wire(receiver(call, "audio"))
        await wire.more(1)
        done = await asyncio.to_thread(running.ask, "POST", path, asked)
        assert done.status_code == 200
        await until(lambda: leg(running.legs(), call)["sent"]["audio"]["delayed"] > 20)
        await call.client.bye(call.call_id)
        assert await asyncio.to_thread(running.legs) == []


async def test_only_media_can_be_impaired(space: LoopbackSpace) -> None:
    """Not a call that rings, none that is not up."""
    async with caller(space, receive="audio") as call:
        await call.connection.setLocalDescription(await call.connection.createOffer())
        sdp = call.connection.localDescription.sdp
        await call.client.invite("/public/slow", sdp, call.call_id)
        with pytest.raises(SpaceRequestError, match="no media yet") as refused:
            space.impair(call.call_id, loss=0.1)
        assert refused.value.status == 409
        await call.client.bye(call.call_id)
        with pytest.raises(SpaceRequestError, match="no such call") as refused:
            space.impair(call.call_id)
        assert refused.value.status == 404


async def test_an_aiortc_without_the_hooks_cannot_impair(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says so."""
    async with caller(running, receive="audio") as call:
        await call.dial("/public/silence")
        monkeypatch.setattr(hooks, "missing", lambda: ["something"])
        path = f"/api/loopback/legs/{call.call_id}/impair"
        refused = await asyncio.to_thread(running.ask, "POST", path, {"loss": 0.1})
        assert refused.status_code == 409
        assert "cannot impair media with this aiortc" in refused.json()["error"]


def test_what_cannot_be_is_refused_at_once(space: LoopbackSpace) -> None:
    """Before anybody is asked; the REST API says the same."""
    with pytest.raises(ValueError, match="loss is 3; give a probability from 0 to 1"):
        LoopbackSpace().impair("x", loss=3)
    path = "/api/loopback/legs/x/impair"
    for asked in ({"loss": 3}, {"rain": 1}, {"delay": 10**400}, {"burst": [10**400, 1]}):
        with pytest.raises(SpaceRequestError) as refused:
            space._request("POST", path, asked)
        assert refused.value.status == 400
