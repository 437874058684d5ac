"""Callers that hear and see one another, packet by packet."""

from __future__ import annotations

import asyncio
import itertools
import re
from typing import Any

import pytest
from aiortc import MediaStreamTrack, RTCRtpSender
from aiortc.mediastreams import AudioStreamTrack
from aiortc.rtp import RtpPacket

from sw_notebook.signaling.jsonrpc import CALL_ERROR
from sw_notebook.space.media import hooks
from sw_notebook.strip import Strip

from .client import Caller, Refused, caller
from .media.test_line import NumberedVideo, Tone, pitch, sound, strips
from .running import Running
from .wire import Packets, Requests, Wire, arrivals, departures, leg, receiver, sender

RELAY = "/public/relay"
TICKS = 1 << 32


def other_numbers(offer: str) -> str:
    """Return an offer with payload types of its own for Opus and VP8."""
    for old, new in (("96", "100"), ("97", "120")):
        offer = re.sub(rf"(a=(?:rtpmap|rtcp-fb|fmtp):){old}\b", rf"\g<1>{new}", offer)
        offer = re.sub(rf"(m=.* )\b{old}\b", rf"\g<1>{new}", offer)
    return offer


def what(packet: RtpPacket) -> tuple[int, int, bytes]:
    """Return what is not to change on the way."""
    return packet.marker, packet.timestamp, packet.payload


def payloads(packets: list[RtpPacket]) -> list[bytes]:
    """Return what they carry."""
    return [packet.payload for packet in packets]


async def arrived(came: Packets, packet: RtpPacket) -> None:
    """Wait until this one came."""
    await came.until(lambda: what(packet) in [what(one) for one in came.all[-9:]])


async def clear(track: MediaStreamTrack) -> None:
    """Wait until the picture is whole again, which it is not before a keyframe."""
    while True:
        frame: Any = await track.recv()
        if Strip.read(frame.to_ndarray(format="gray")) is not None:
            return


async def test_packets_come_as_they_were_sent(running: Running) -> None:
    """Marker, time stamp and payload; under the numbers that the listener agreed on."""
    async with (
        caller(running, receive="audio video") as listener,
        caller(running, Tone(), NumberedVideo()) as source,
    ):
        came = {kind: arrivals(receiver(listener, kind)) for kind in ("audio", "video")}
        left = {kind: departures(sender(source, kind)) for kind in ("audio", "video")}
        await listener.dial(RELAY, other_numbers)
        await source.dial(RELAY)
        read = await strips(listener.video, 15)
        assert [b.frame - a.frame for a, b in itertools.pairwise(read)] == [1] * 14
        assert pitch(await sound(listener.audio, 25)) == pytest.approx(1000, abs=3)
        # Nothing leaves any more; so what the space has counted can be compared with what left.
        for stopped in source.connection.getSenders():
            await stopped.stop()
        for kind, packets in left.items():
            sent = [what(packet) for packet in packets.all]
            await arrived(came[kind], packets.all[-1])
            got = came[kind].all
            assert [what(packet) for packet in got] == sent[-len(got) :]
            numbers = [packet.sequence_number for packet in got]
            assert numbers == list(range(numbers[0], numbers[0] + len(got)))
            ours, theirs = (100, 96) if kind == "audio" else (120, 97)
            assert {packet.payload_type for packet in got} == {ours}
            assert {packet.payload_type for packet in packets.all} == {theirs}
            (ssrc,) = {packet.ssrc for packet in got}
            assert f"a=ssrc:{ssrc} cname:" in listener.answer
            legs = await asyncio.to_thread(running.legs)
            counted = leg(legs, source)["received"][kind]
            assert counted["packets"] == len(sent)
            assert counted["frames"] == len({timestamp for _, timestamp, _ in sent})
            passed = leg(legs, listener)["sent"][kind]
            assert passed["packets"] == len(got)
            assert passed["frames"] == len({packet.timestamp for packet in got})


async def test_nobody_hears_himself(running: Running) -> None:
    """Who is alone gets nothing; two get one another."""
    async with caller(running, NumberedVideo()) as ada, caller(running, NumberedVideo()) as bob:
        wire = Wire(receiver(ada, "video"))
        left = {call: departures(sender(call, "video")) for call in (ada, bob)}
        came = {call: arrivals(receiver(call, "video")) for call in (ada, bob)}
        await ada.dial(RELAY)
        await left[ada].count(20)
        assert wire.media == []
        await bob.dial(RELAY)
        for one, other in ((ada, bob), (bob, ada)):
            assert await strips(one.video, 5)
            got = payloads(came[one].all)
            assert set(got) <= set(payloads(left[other].all))


async def heard(came: Packets, source: Packets) -> None:
    """Wait until what comes is what a source sends."""
    await came.until(lambda: came.all[-1].payload in payloads(source.all))


async def test_the_newest_sender_is_heard(running: Running) -> None:
    """Until it leaves; to a listener it is one stream all the time, and keyframes are asked for."""
    async with (
        caller(running, receive="video") as listener,
        caller(running, NumberedVideo()) as ada,
    ):
        wire = Wire(receiver(listener, "video"))
        came = arrivals(receiver(listener, "video"))
        of_ada, asked_ada = departures(sender(ada, "video")), Requests(sender(ada, "video"))
        await listener.dial(RELAY)
        await ada.dial(RELAY)
        await strips(listener.video, 5)
        async with caller(running, NumberedVideo()) as bob:
            of_bob, asked_bob = departures(sender(bob, "video")), Requests(sender(bob, "video"))
            await bob.dial(RELAY)
            await heard(came, of_bob)
            await asked_bob.until(lambda: asked_bob.count > 0)
            await clear(listener.video)
            before = asked_ada.count
            await bob.client.bye(bob.call_id)
        await heard(came, of_ada)
        await asked_ada.until(lambda: asked_ada.count > before)
        await clear(listener.video)
        in_order = sorted(wire.media, key=lambda packet: packet.sequence)
        numbers = [packet.sequence for packet in in_order]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert len({packet.ssrc for packet in wire.media}) == 1
        steps = [(b.timestamp - a.timestamp) % TICKS for a, b in itertools.pairwise(in_order)]
        assert max(steps) < TICKS // 2, "time goes back"
        whose = [packet.payload in payloads(of_bob.all) for packet in came.all]
        assert [key for key, _ in itertools.groupby(whose)] == [False, True, False]


async def test_a_sender_that_only_listens_on_is_not_heard(running: Running) -> None:
    """Its new offer says so; the one before is heard again."""
    async with (
        caller(running, receive="audio") as listener,
        caller(running, Tone()) as ada,
        caller(running, AudioStreamTrack()) as bob,  # silent, so that they can be told apart
    ):
        came = arrivals(receiver(listener, "audio"))
        of_ada, of_bob = departures(sender(ada, "audio")), departures(sender(bob, "audio"))
        await listener.dial(RELAY)
        await ada.dial(RELAY)
        await bob.dial(RELAY)
        await came.until(lambda: bool(came.all))
        await heard(came, of_bob)
        bob.connection.getTransceivers()[0].direction = "recvonly"
        await bob.update()
        await heard(came, of_ada)
        legs = await asyncio.to_thread(running.legs)
        assert leg(legs, bob)["directions"] == {"audio": "sendonly"}


async def test_keyframes_are_asked_of_the_source(running: Running) -> None:
    """At the wish of a listener that joins or needs one; many wishes are few requests."""
    async with (
        caller(running, NumberedVideo()) as source,
        caller(running, receive="video") as listener,
    ):
        asked = Requests(sender(source, "video"))
        await source.dial(RELAY)
        await asked.until(lambda: asked.count == 1)  # it began
        section = receiver(listener, "video")
        came = arrivals(section)
        await listener.dial(RELAY)
        await asked.until(lambda: asked.count == 2)
        await strips(listener.video, 3)
        before = asked.count
        ssrc = came.all[0].ssrc
        for _ in range(50):
            await hooks.request_keyframe(section, ssrc)
        await asked.until(lambda: asked.count > before)
        await strips(listener.video, 3)
        assert asked.count - before < 25


async def test_what_is_missed_is_sent_again(running: Running) -> None:
    """By the space to the listener, and by the source to the space."""
    async with (
        caller(running, receive="video") as listener,
        caller(running, NumberedVideo()) as source,
    ):
        section = receiver(listener, "video")
        wire, left = Wire(section), departures(sender(source, "video"))
        await listener.dial(RELAY)
        await source.dial(RELAY)
        await strips(listener.video, 3)
        again = wire.media[-1]
        await section._send_rtcp_nack(again.ssrc, [again.sequence])
        await wire.until(lambda: wire.media.count(again) == 2)
        dropped: list[RtpPacket] = []

        def drop(packet: RtpPacket) -> bool:
            dropped.append(packet)
            return len(dropped) == 1

        came, left.drop = arrivals(section), drop
        await came.until(lambda: bool(dropped) and payloads(dropped[:1])[0] in payloads(came.all))
        numbers = sorted({packet.sequence for packet in wire.media})
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def prefer(call: Caller, codec: str) -> None:
    """Let a caller offer one video codec only."""
    for transceiver in call.connection.getTransceivers():
        if transceiver.kind == "video":
            known = RTCRtpSender.getCapabilities("video").codecs
            transceiver.setCodecPreferences([c for c in known if c.name.lower() == codec])


async def test_codecs_do_not_mix(running: Running) -> None:
    """A listener without VP8 hears who sends it, and sees who sends H264."""
    async with (
        caller(running, receive="audio video") as listener,
        caller(running, Tone(), NumberedVideo()) as one,
    ):
        prefer(listener, "h264")
        wire = Wire(receiver(listener, "video"))
        await listener.dial(RELAY)
        await one.dial(RELAY)
        await sound(listener.audio, 5)
        assert wire.media == []
        async with caller(running, NumberedVideo()) as other:
            prefer(other, "h264")
            await other.dial(RELAY)
            assert await strips(listener.video, 3)


async def test_a_held_listener_gets_nothing(running: Running) -> None:
    """And then goes on without a gap."""
    async with (
        caller(running, receive="audio") as listener,
        caller(running, Tone()) as source,
    ):
        came, left = arrivals(receiver(listener, "audio")), departures(sender(source, "audio"))
        await listener.dial(RELAY)
        await source.dial(RELAY)
        await came.count(10)
        await listener.client.modify(listener.call_id, "hold")
        await left.count(len(left.all) + 20)
        await listener.client.modify(listener.call_id, "unhold")
        await came.count(len(came.all) + 10)
        numbers = [packet.sequence_number for packet in came.all]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        steps = [b.timestamp - a.timestamp for a, b in itertools.pairwise(came.all)]
        assert sum(step > 960 for step in steps) == 1


async def test_an_aiortc_without_the_hooks_cannot_relay(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says so, instead of decoding and encoding anew."""
    monkeypatch.setattr(hooks, "missing", lambda: ["something"])
    async with caller(running, receive="audio") as call:
        with pytest.raises(Refused, match="cannot relay with this aiortc") as refused:
            await call.dial(RELAY)
        assert refused.value.code == CALL_ERROR
