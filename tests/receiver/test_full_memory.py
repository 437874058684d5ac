"""A picture that grows in mid-call, where there is no memory for a larger one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiortc import RTCPeerConnection

from sw_notebook import Receiver
from sw_notebook.exceptions import ReceiverError
from tests.space.media.test_line import Tone

from .peer import peering
from .reading import children, until
from .test_peers import Growing

SMALL, LARGE = (320, 180), (1600, 900)
LIMIT = 15 << 20
"""Bytes: enough for the sound and for small pictures, but not for large ones."""

WHY = r"no more video comes: no 17 MiB of shared memory .* free some memory.*\. Do so, then dial"


@pytest.fixture(autouse=True)
def limited(in_the_process: Callable[[str], None]) -> Iterator[None]:
    """No memory of a receiver's process may be larger; its process is gone in the end."""
    in_the_process(f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, {(LIMIT, LIMIT)})")
    yield
    until(lambda: not children())


async def grow(pc: RTCPeerConnection) -> None:
    """Let the camera send large pictures from now on."""
    [camera] = [s.track for s in pc.getSenders() if isinstance(s.track, Growing)]
    camera.sizes = (LARGE,)


def see_the_last(rx: Receiver, peer: Any, **options: Any) -> None:
    """Look at small pictures, and at nothing else: the loop ends in words."""
    frames = rx.video.frames(**options)
    first = next(frames).copy()
    peer.do(grow)
    seen = [first]
    with pytest.raises(ReceiverError, match=WHY):
        seen.extend(frame.copy() for frame in frames)
    assert {(frame.width, frame.height) for frame in seen} == {SMALL}
    assert max(frame.y.std() for frame in seen) < 6


def test_a_call_without_sound_ends_in_words() -> None:
    """There is nothing left to receive; the far side hears of it."""
    with (
        peering(tracks=lambda: [Growing((SMALL,))]) as peer,
        Receiver("/public/any", space=peer, audio=False) as rx,
    ):
        see_the_last(rx, peer)
        assert rx.wait("ended") == "destroyed"
        assert [(e.kind, e.name, e.fatal) for e in rx.errors] == [
            ("kernel", "NoSharedMemory", True)
        ]
        until(lambda: peer.heard[-1] == "verto.bye")


@pytest.mark.parametrize("policy", ["latest", "bounded"])
def test_the_sound_goes_on(policy: str) -> None:
    """Without a gap; pictures are not decoded any more, and everybody who asks for some is told."""
    with (
        peering(tracks=lambda: [Tone(), Growing((SMALL,))]) as peer,
        Receiver("/public/any", space=peer) as rx,
    ):
        blocks = rx.audio.blocks(0.1)
        stamps = [next(blocks).pts]
        see_the_last(rx, peer, policy=policy)
        before = rx.stats().video
        with pytest.raises(ReceiverError, match=WHY):
            next(rx.video.frames())
        # what was there is still right
        last = rx.video.latest()
        assert last is not None
        assert {(f.width, f.height) for f in [last, *rx.video.window(60)]} == {SMALL}
        until(lambda: rx.stats().video["received"] > before["received"] + 50)
        after = rx.stats().video
        # looked at, they would be put together
        assert (after["packets"], after["decoded"]) == (before["packets"], before["decoded"])
        for block in (next(blocks) for _ in range(10)):
            assert block.level > -20
            assert not block.gaps.any()
            stamps.append(block.pts)
        assert stamps == [stamps[0] + 4800 * index for index in range(11)]
        assert rx.status == "connected"
        assert [(e.kind, e.name, e.fatal) for e in rx.errors] == [
            ("kernel", "NoSharedMemory", False)
        ]
    assert rx.end_reason == "hung up"


def test_the_next_call_begins_anew() -> None:
    """As there may be memory by then, or smaller pictures."""
    with (
        peering(tracks=lambda: [Tone(), Growing((SMALL,))]) as peer,
        Receiver("/public/any", space=peer) as rx,
    ):
        see_the_last(rx, peer)
        rx.hangup()
        rx.wait("ended")
        rx.dial()
        frame = next(rx.video.frames())
        assert (frame.width, frame.height) == SMALL
        assert list(rx.errors) == []


def test_aiortc_itself_receives() -> None:
    """The same where the pictures come from its own code."""
    with (
        peering(tracks=lambda: [Tone(), Growing((SMALL,))]) as peer,
        Receiver("/public/any", space=peer, plain=True) as rx,
    ):
        blocks = rx.audio.blocks(0.1)
        see_the_last(rx, peer)
        assert next(blocks).level > -20
        assert [(e.name, e.fatal) for e in rx.errors] == [("NoSharedMemory", False)]
