"""Media over ICE, DTLS and SRTP, with a real aiortc at the other end."""

from __future__ import annotations

import asyncio
import fractions
import itertools
import re
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest
from aioice import stun
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.codecs.vpx import Vp8Decoder
from aiortc.jitterbuffer import JitterFrame
from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack
from av.frame import Frame

from sw_notebook.exceptions import SDPError
from sw_notebook.signaling.sdp import Description
from sw_notebook.space import LoopbackSpace
from sw_notebook.space.media import hooks
from sw_notebook.space.media.card import HEIGHT, WIDTH, Card
from sw_notebook.space.media.echo import is_keyframe
from sw_notebook.space.media.line import Line
from sw_notebook.space.media.studio import TONE, Studio
from sw_notebook.space.resources import Resource, find
from sw_notebook.strip import Strip
from tests.space.client import caller

RATE = 48_000
Until = Callable[[Callable[[], bool]], Awaitable[None]]


class NumberedVideo(VideoStreamTrack):
    """A camera whose pictures carry the strip."""

    def __init__(self) -> None:
        super().__init__()
        self.card = Card("test")
        self.count = 0

    async def recv(self) -> av.VideoFrame:
        """Return the next picture."""
        pts, time_base = await self.next_timestamp()
        self.count += 1
        picture = self.card.draw(Strip(self.count, 1_700_000_000_000 + self.count))
        frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
        frame.pts, frame.time_base = pts, time_base
        return frame


class Tone(AudioStreamTrack):
    """A microphone that hears 1000 Hz."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    async def recv(self) -> av.AudioFrame:
        """Return the next 20 ms."""
        await super().recv()  # keeps the time
        times = (np.arange(960) + self.count) / RATE
        samples = (8000 * np.sin(2 * np.pi * 1000 * times)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, self.count
        frame.time_base = fractions.Fraction(1, RATE)
        self.count += 960
        return frame


async def strips(track: MediaStreamTrack, count: int) -> list[Strip]:
    """Return what the next frames say."""
    read = []
    for _ in range(count):
        frame: Any = await track.recv()
        assert (frame.width, frame.height) == (WIDTH, HEIGHT)
        strip = Strip.read(frame.to_ndarray(format="gray"))
        assert strip is not None
        read.append(strip)
    return read


async def sound(track: MediaStreamTrack, packets: int) -> npt.NDArray[np.float64]:
    """Return the left channel of the next packets, after those that only fill buffers."""
    frames: list[Any] = [await track.recv() for _ in range(packets + 10)]
    blocks = [frame.to_ndarray().reshape(-1, 2)[:, 0] for frame in frames[10:]]
    return np.concatenate(blocks).astype(np.float64)


def pitch(samples: npt.NDArray[np.float64]) -> float:
    """Return the strongest frequency in Hz."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 1 << 17))
    return float(np.argmax(spectrum)) * RATE / (1 << 17)


async def test_bars_are_seen_and_heard(space: LoopbackSpace) -> None:
    """The counter advances one by one, the clock with it, and the tone is the tone."""
    async with caller(space, receive="audio video") as call:
        await call.dial("/public/bars")
        read = await strips(call.video, 15)
        assert [b.frame - a.frame for a, b in itertools.pairwise(read)] == [1] * 14
        assert read[-1].milliseconds > read[0].milliseconds
        assert pitch(await sound(call.audio, 25)) == pytest.approx(TONE, abs=2)


async def test_two_watchers_share_one_encoder(space: LoopbackSpace, until: Until) -> None:
    """The second begins with a keyframe in the midst of what the first sees."""
    async with (
        caller(space, receive="audio video") as one,
        caller(space, receive="audio video") as two,
    ):
        await one.dial("/public/bars")
        await strips(one.video, 3)
        before = space.about()["encoders_started"]
        await two.dial("/public/bars")
        first = {s.frame: s.milliseconds for s in await strips(one.video, 40)}
        second = {s.frame: s.milliseconds for s in await strips(two.video, 20)}
        shared = first.keys() & second.keys()
        assert shared
        assert all(first[number] == second[number] for number in shared)
        about = space.about()
        assert about["encoders_started"] == before
        assert about["watchers"]["bars as vp8"] == 2
        assert about["watchers"]["tone"] == 2
    await until(lambda: not any(space.about()["watchers"].values()))


async def test_echo_returns_what_is_sent(space: LoopbackSpace) -> None:
    """The very pictures and the very sound, as many as were sent."""
    async with caller(space, Tone(), NumberedVideo()) as call:
        await call.dial("/public/echo")
        read = await strips(call.video, 15)
        assert [b.frame - a.frame for a, b in itertools.pairwise(read)] == [1] * 14
        assert pitch(await sound(call.audio, 25)) == pytest.approx(1000, abs=3)
        assert space.legs()[0]["directions"] == {"audio": "sendrecv", "video": "sendrecv"}
        await call.client.bye(call.call_id)


async def test_echo_of_a_camera_that_does_not_listen(space: LoopbackSpace) -> None:
    """What is only sent is taken, and nothing comes back."""
    async with caller(space, Tone()) as call:
        call.connection.addTransceiver(NumberedVideo(), direction="sendonly")
        await call.dial("/public/echo")
        assert space.legs()[0]["directions"] == {"audio": "sendrecv", "video": "recvonly"}
        await sound(call.audio, 5)
        await call.client.bye(call.call_id)


@pytest.mark.parametrize("destination", ["/public/bars", "/public/echo"])
async def test_a_keyframe_comes_when_asked_for(
    space: LoopbackSpace, monkeypatch: pytest.MonkeyPatch, destination: str
) -> None:
    """From our encoder, or from the caller's own, which the space asks in turn."""
    keys: list[bool] = []
    decode = Vp8Decoder.decode

    def watch(decoder: Vp8Decoder, frame: JitterFrame) -> list[Frame]:
        keys.append(is_keyframe("VP8", frame.data))
        return decode(decoder, frame)

    monkeypatch.setattr(Vp8Decoder, "decode", watch)
    async with caller(space, NumberedVideo()) as call:
        await call.dial(destination)
        for _ in range(10):
            await call.video.recv()
        before = sum(keys)
        assert keys[0]
        (receiver,) = call.connection.getReceivers()
        (source,) = receiver.getSynchronizationSources()
        await hooks.request_keyframe(receiver, source.source)
        while sum(keys) == before:
            await call.video.recv()
        await call.client.bye(call.call_id)


async def test_silence_is_heard(space: LoopbackSpace) -> None:
    """It is packets, with nothing in them."""
    async with caller(space, receive="audio") as call:
        await call.dial("/public/silence")
        assert np.abs(await sound(call.audio, 10)).max() <= 1
        await call.client.bye(call.call_id)


async def offer(*kinds: str) -> str:
    """Return an offer to receive, as aiortc makes it."""
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    for kind in kinds:
        connection.addTransceiver(kind, direction="recvonly")
    await connection.setLocalDescription(await connection.createOffer())
    sdp = connection.localDescription.sdp
    await connection.close()
    return sdp


def resource(name: str) -> Resource:
    """Return a resource that is there."""
    found = find(name)
    assert found is not None
    return found


async def test_video_of_silence_is_a_bare_line() -> None:
    """As FreeSWITCH rejects a section."""
    studio = Studio()
    line = Line(resource("/public/silence"), studio, lambda state: None)
    await line.open(await offer("audio", "video"))
    answer = await line.answer()
    assert answer.endswith("m=video 0 UDP/TLS/RTP/SAVPF 19\r\n")
    assert line.directions == {"audio": "sendonly"}
    await line.close()
    await line.close()
    await studio.close()


async def test_sections_keep_the_order_of_the_offer() -> None:
    """An answer in another order would be no answer."""
    studio = Studio()
    line = Line(resource("/public/bars"), studio, lambda state: None)
    await line.open(await offer("video", "audio"))
    kinds = [section.kind for section in Description.parse(await line.answer()).sections]
    assert kinds == ["video", "audio"]
    await line.close()
    await studio.close()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("a=setup:actpass", "a=setup:sideways", "cannot be used"),
        ("a=rtpmap:96 opus", "a=rtpmap:96 speex", "nothing to accept"),
        ("a=candidate:", "a=candidate:x ", "cannot be used"),
        ("UDP/TLS/RTP/SAVPF", "udp/tls", "cannot be used"),
    ],
)
async def test_offers_that_cannot_be_used_are_refused(old: str, new: str, words: str) -> None:
    """In words, whatever aiortc stumbles over."""
    studio = Studio()
    line = Line(resource("/public/silence"), studio, lambda state: None)
    text = await offer("audio")
    assert old in text
    with pytest.raises(SDPError, match=words):
        await line.open(text.replace(old, new))
    await line.close()
    await studio.close()


async def test_no_check_is_answered_before_the_answer_is_here() -> None:
    """A browser that is connected while it gathers drops candidates that the SDK waits for."""
    studio = Studio()
    line = Line(resource("/public/echo"), studio, lambda state: None)
    sdp = await line.offer({"audio": ("opus", "sendrecv")})
    client = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    await client.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
    await client.setLocalDescription(await client.createAnswer())
    answer = client.localDescription.sdp

    user, password = (re.findall(rf"a=ice-{name}:(\S+)", sdp)[0] for name in ("ufrag", "pwd"))
    mine = re.findall(r"a=ice-ufrag:(\S+)", answer)[0]
    check = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    check.attributes["USERNAME"] = f"{user}:{mine}"
    check.attributes["PRIORITY"] = 1
    check.attributes["ICE-CONTROLLED"] = 1
    check.add_message_integrity(password.encode())
    address, port = re.findall(r"a=candidate:\S+ 1 udp \d+ ([\d.]+) (\d+) typ host", sdp)[0]

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth:
        mouth.setblocking(False)
        mouth.connect((address, int(port)))
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(mouth, bytes(check))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(loop.sock_recv(mouth, 1500), 0.5)
        await line.accept(answer)
        await loop.sock_sendall(mouth, bytes(check))
        said = stun.parse_message(await asyncio.wait_for(loop.sock_recv(mouth, 1500), 5))
    assert said.message_class == stun.Class.RESPONSE
    assert said.transaction_id == check.transaction_id
    await client.close()
    await line.close()
    await studio.close()


async def test_an_aiortc_without_the_hooks_still_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """It decodes and encodes instead: the answer is the same."""
    monkeypatch.setattr(hooks, "missing", lambda: ["something"])
    studio = Studio()
    for name in ("/public/echo", "/public/bars"):
        line = Line(resource(name), studio, lambda state: None)
        text = (await offer("audio", "video")).replace("a=recvonly", "a=sendrecv")
        await line.open(text)
        await line.answer()
        assert line.directions == {"audio": "sendrecv", "video": "sendrecv"}
        await line.update(text.replace("a=sendrecv", "a=recvonly"))
        assert set(line.directions.values()) == {"sendonly"}
        with pytest.raises(SDPError, match="cannot restart ICE with this aiortc"):
            await line.update(text.replace("a=ice-ufrag:", "a=ice-ufrag:x"))
        await line.close()
        line = Line(resource(name), studio, lambda state: None)
        assert Description.parse(await line.offer({"audio": ("opus", "sendrecv")})).sections
        await line.close()
    await studio.close()
