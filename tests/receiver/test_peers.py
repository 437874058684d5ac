"""The receiver against far sides of all shapes."""

from __future__ import annotations

import fractions
import itertools
import os
import re
import struct
from collections.abc import Callable
from typing import Any

import av
import numpy as np
import pytest
from aiortc import MediaStreamTrack, RTCPeerConnection, VideoStreamTrack

from sw_notebook import CallEnded, Receiver
from sw_notebook.signaling.sdp import Description
from tests.space.media.test_line import NumberedVideo, Tone

from .peer import peering, use_rsa, without_resends
from .reading import children, gaps, read, until


@pytest.fixture(autouse=True)
def no_process_left() -> Any:
    """Each call takes its process along."""
    yield
    until(lambda: not children())


def drop(*starts: str) -> Callable[[str], str]:
    """Leave these lines out."""
    return lambda text: "".join(
        line for line in text.splitlines(True) if not line.startswith(starts)
    )


def swap(old: str, new: str) -> Callable[[str], str]:
    """Put one thing in place of another."""

    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    return change


def video_first(text: str) -> str:
    """Let the sections come the other way round, without a name and a group."""
    found = Description.parse(drop("a=group", "a=mid")(text))
    return str(Description(found.session, found.sections[::-1]))


def video_refused(text: str) -> str:
    """Refuse video with nothing but a port."""
    found = Description.parse(drop("a=group", "a=mid")(text))
    return str(Description(found.session, found.sections[:1])) + (
        "m=video 0 UDP/TLS/RTP/SAVPF 19\r\n"
    )


def only(address: str) -> Callable[[str], str]:
    """Name no candidate but those of this address."""
    return lambda text: "".join(
        line
        for line in text.splitlines(True)
        if not line.startswith("a=candidate") or f" {address}" in line
    )


def with_others(text: str) -> str:
    """Name codecs that nobody asked for, and the one that comes last of them."""
    for kind, other in (("audio", "telephone-event/48000"), ("video", "VP9/90000")):
        head = re.search(rf"m={kind} \d+ \S+ (?=\d)", text)
        assert head is not None
        line = re.compile(rf"(m={kind} .*\r\n)")
        text = text.replace(head[0], f"{head[0]}120 ")
        text = line.sub(rf"\g<1>a=rtpmap:120 {other}\r\n", text)
    return text


SHAPES: dict[str, dict[str, Any]] = {
    "bundled, with mids and resends": {},
    "without BUNDLE and mids": {"offer": drop("a=group"), "answer": drop("a=mid", "a=group")},
    "video first": {"offer": drop("a=group"), "answer": video_first},
    "without resends": {"offer": without_resends},
    "ice-lite": {"answer": swap("t=0 0\r\n", "t=0 0\r\na=ice-lite\r\n")},
    "an RSA certificate, active": {"prepare": use_rsa},
    "an RSA certificate, passive": {
        "prepare": use_rsa,
        "offer": swap("a=setup:actpass", "a=setup:active"),
    },
    "an ECDSA certificate, passive": {"offer": swap("a=setup:actpass", "a=setup:active")},
    "early media": {"says": lambda sdp: [("verto.media", sdp), ("verto.answer", "")]},
    "early media, and the description again": {
        "says": lambda sdp: [("verto.media", sdp), ("verto.answer", sdp)]
    },
    "early media, and another description": {
        "says": lambda sdp: [("verto.media", sdp), ("verto.answer", drop("a=candidate")(sdp))]
    },
    "the description after the answer": {
        "says": lambda sdp: [("verto.answer", ""), ("verto.media", sdp)]
    },
    "codecs that were not asked for": {"answer": with_others},
    "IPv6 only": {"offer": only("fd"), "answer": only("fd")},
}


@pytest.mark.parametrize("shape", SHAPES, ids=lambda name: name.replace(" ", "-"))
def test_answers_of_all_shapes(shape: str) -> None:
    """Pictures and sound come, and every frame is right."""
    with peering(**SHAPES[shape]) as peer, Receiver("/public/any", space=peer) as rx:
        numbers = [read(f).frame for f, _ in zip(rx.video.frames(), range(20), strict=False)]
        gaps(numbers)
        block = next(rx.audio.blocks(0.2))
        assert block.level > -20
        stats = rx.stats()
        assert stats.connection["path"] == "fast"
        assert set(stats.connection["ways"]) == {"socket"}
        assert stats.video["decode_errors"] == 0
        offered = peer.frames[2]["params"]["message"]["params"]["sdp"]
        assert {line.split(" ")[0] for line in offered.splitlines() if "a=fingerprint" in line} == {
            "a=fingerprint:sha-256"
        }
    assert rx.end_reason == "hung up"
    assert peer.heard[-1] == "verto.bye"
    if shape == "the description after the answer":
        assert "ringing" not in {change.status for change in rx.history}
    if "early" in shape:
        statuses = [change.status for change in rx.history]
        assert statuses[1:5] == ["trying", "ringing", "connecting", "connected"]


def test_a_certificate_with_the_serial_number_0(in_the_process: Callable[[str], None]) -> None:
    """What cryptography says of it reaches nobody, also where warnings are errors."""
    in_the_process("import warnings; warnings.filterwarnings('error', 'Parsed a serial number')")
    with peering(prepare=use_rsa) as peer, Receiver("/public/any", space=peer) as rx:
        assert read(next(rx.video.frames()))


def test_video_that_is_refused_leaves_the_sound() -> None:
    """As an answer with port 0 and nothing else."""
    options = {"offer": drop("a=group"), "answer": video_refused, "tracks": lambda: [Tone()]}
    with peering(**options) as peer, Receiver("/public/any", space=peer) as rx:
        assert next(rx.audio.blocks(0.1)).level > -20
        assert rx.media_directions == {"audio": "recvonly"}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda _: "nonsense", "the SDP does not begin with v=0"),
        (lambda _: "v=0\r\nm=audio 0 X 19\r\nm=video 0 X 19\r\n", "accepts nothing"),
        (drop("a=setup"), "the audio answer has no a=setup"),
        (drop("a=fingerprint"), "the audio answer has no a=fingerprint"),
        (drop("a=ice-pwd"), "the audio answer has no a=ice-pwd"),
    ],
)
def test_answers_that_cannot_be_used(answer: Callable[[str], str], words: str) -> None:
    """The call fails with one sentence, and the far side hears of it."""
    with peering(answer=answer) as peer:
        rx = Receiver("/public/any", space=peer)
        with pytest.raises(CallEnded, match=words), rx:
            pass
        assert rx.status == "failed"
        assert peer.heard[-1] == "verto.bye"


def test_it_answers_pings_and_hears_of_the_end() -> None:
    """A call that is asked for says that it is there; a bye ends it."""
    with peering() as peer, Receiver("/public/any", space=peer) as rx:
        peer.tell("verto.ping", serno=7, dialogParams={})
        until(lambda: "verto.pong" in peer.heard)
        pong = next(
            f for f in peer.frames if f["params"].get("message", {}).get("method") == "verto.pong"
        )
        assert pong["params"]["message"]["params"]["serno"] == 7
        peer.tell("verto.bye", cause="USER_BUSY", causeCode=17)
        assert rx.wait("ended") == "destroyed"
        assert rx.errors[0].name == "UserBusy"


def test_it_dials_as_the_sdk_does() -> None:
    """The same requests in the same order, with the same keys."""
    with peering() as peer, Receiver("/public/any?channel=video", space=peer):
        pass
    assert peer.heard == ["signalwire.connect", "subscriber.online", "verto.invite", "verto.bye"]
    connect, _, invite, _ = peer.frames
    assert list(connect["params"]) == [
        "version",
        "event_acks",
        "authentication",
        "agent",
        "contexts",
        "eventing",
        "topics",
    ]
    dialog = invite["params"]["message"]["params"]["dialogParams"]
    assert list(dialog) == [
        "callID",
        "destination_number",
        "remote_caller_id_number",
        "userVariables",
        "screenShare",
        "additionalDevice",
        "pingSupported",
        "version",
    ]
    assert dialog["destination_number"] == "/public/any?channel=video"
    sdp = invite["params"]["message"]["params"]["sdp"]
    kinds = [section.kind for section in Description.parse(sdp).sections]
    assert kinds == ["audio", "video"]
    assert re.search(r"a=rtpmap:\d+ VP8", sdp)
    assert "a=recvonly" in sdp
    assert "a=sendrecv" not in sdp


class Growing(VideoStreamTrack):
    """A camera that changes its size."""

    def __init__(self, sizes: tuple[tuple[int, int], ...]) -> None:
        super().__init__()
        self.sizes = sizes
        self.count = 0

    async def recv(self) -> av.VideoFrame:
        """Return the next picture: its brightness says which size it is of."""
        pts, time_base = await self.next_timestamp()
        index = min(self.count // 25, len(self.sizes) - 1)
        self.count += 1
        width, height = self.sizes[index]
        frame = av.VideoFrame(width, height, "yuv420p")
        for plane in frame.planes:
            plane.update(
                bytes((40 + 40 * index if plane is frame.planes[0] else 128,)) * plane.buffer_size
            )
        luma = np.frombuffer(frame.planes[0], np.uint8)  # type: ignore[call-overload]
        luma[:] = 40 + 40 * index
        frame.pts, frame.time_base = pts, time_base
        return frame


@pytest.mark.parametrize("codec", ["VP8", "H264"])
def test_the_picture_changes_its_size(codec: str) -> None:
    """Frames have the size they have, and none is of two; also an odd one, where there are such."""
    odd = (321, 181) if codec == "VP8" else (322, 182)
    sizes = ((320, 180), (640, 360), odd, (160, 90))
    with (
        peering(tracks=lambda: [Growing(sizes)]) as peer,
        Receiver("/public/any", space=peer, audio=False, preferred_video_codecs=[codec]) as rx,
    ):
        seen: dict[tuple[int, int], float] = {}
        kept = []
        for frame in rx.video.frames(policy="bounded", limit=1000):
            size = (frame.width, frame.height)
            if size not in seen:
                kept.append(frame.copy())
            seen[size] = float(frame.y.mean())
            assert frame.y.std() < 6
            if size == sizes[-1]:
                break
        assert list(seen) == list(sizes)
        assert rx.stats().video["codec"].upper() == codec
        window = rx.video.window(60)
        assert {(f.width, f.height) for f in window} == set(sizes)
    levels = [frame.y.mean() for frame in kept]
    assert levels == sorted(levels)
    assert fractions.Fraction(1, 90000) == kept[0].time_base


def rtp(payload_type: int, ssrc: int, sequence: int, payload: bytes = b"\x10junk") -> bytes:
    """A packet of somebody's."""
    return struct.pack("!BBHLL", 0x80, payload_type, sequence, 5, ssrc) + payload


def test_packets_that_no_honest_sender_makes() -> None:
    """They are counted, and nothing else changes."""
    with peering() as peer, Receiver("/public/any", space=peer) as rx:
        frames = rx.video.frames(policy="bounded", limit=1000)
        numbers = [read(next(frames)).frame]
        fresh = itertools.count()

        async def disturb(pc: RTCPeerConnection) -> None:
            transport = pc.getTransceivers()[1].sender.transport
            video = pc.getTransceivers()[1]._codecs[0].payloadType
            assert video is not None
            for number in itertools.islice(fresh, 40):
                await transport._send_rtp(rtp(video, 1234, number))  # foreign
                await transport._send_rtp(rtp(77, 1235, number))  # unknown
                await transport._send_rtp(b"\xa0\x60" + bytes(20))  # malformed
                await transport._send_rtp(b"\x80\xc8\x00\x09" + os.urandom(24))  # no RTCP
                await transport.transport._send(b"\x80\x60" + os.urandom(50))  # another key
                await transport.transport._send(b"\xff")
                await transport.transport._send(b"\x00" * 30)

        for _ in range(5):
            peer.do(disturb)
            numbers += [read(next(frames)).frame for _ in range(10)]
        assert gaps(numbers) == []
        stats = rx.stats()
        assert stats.connection["unknown"] == 200
        assert stats.connection["undecryptable"] >= 200
        assert stats.connection["malformed"] >= 200
        assert stats.video["foreign"] == 200
        assert stats.video["lost"] == stats.video["decode_errors"] == 0
        assert rx.status == "connected"


def test_a_far_side_that_closes_its_media_ends_the_call() -> None:
    """Though it says nothing of it in its signalling."""
    with peering() as peer, Receiver("/public/any", space=peer) as rx:
        next(rx.video.frames())
        peer.do(lambda pc: pc.close())
        assert rx.wait("ended", 30) == "destroyed"
        assert rx.errors[0].name == "ConnectionLost"
        assert "the media connection was lost" in rx.end_reason


def test_another_sender_takes_the_place_of_the_first() -> None:
    """Frames go on with the next keyframe, and their time goes on, too."""
    with peering() as peer, Receiver("/public/any", space=peer) as rx:
        frames = rx.video.frames(policy="bounded", limit=1000)
        before = [next(frames) for _ in range(10)]

        async def change(pc: RTCPeerConnection) -> None:
            sender = pc.getTransceivers()[1].sender
            old: MediaStreamTrack = sender.track
            sender.replaceTrack(None)
            old.stop()
            sender._ssrc = 0x1234567
            sender.transport._rtp_router.register_sender(sender, ssrc=sender._ssrc)
            sender.replaceTrack(NumberedVideo())

        peer.do(change)
        after = [next(frames) for _ in range(10)]
        assert read(after[-1]).frame >= 8
        stamps = [frame.pts for frame in before + after]
        assert stamps == sorted(set(stamps))
        assert [frame.index for frame in before + after] == list(range(1, 21))
