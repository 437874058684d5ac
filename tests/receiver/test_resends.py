"""What gets lost on the way from a far side that resends in one way or the other."""

from __future__ import annotations

import collections
import functools
from collections.abc import Awaitable, Callable, Iterator

import pytest
from aiortc import RTCPeerConnection

from sw_notebook import Receiver
from sw_notebook.rtp.packets import is_rtcp
from tests.space.media.test_line import NumberedVideo

from .peer import peering, same, ways, without_resends
from .reading import children, gaps, read, until

EACH = 30
"""One in so many packets does not arrive."""


@pytest.fixture(autouse=True)
def no_process_left() -> Iterator[None]:
    """Each call takes its process along."""
    yield
    until(lambda: not children())


class Lossy:
    """Drops every 30th packet of a far side's media, resent or not, and counts them by type."""

    def __init__(self) -> None:
        self.sent: collections.Counter[int] = collections.Counter()
        self.dropped = 0

    async def use(self, pc: RTCPeerConnection) -> None:
        """Begin."""
        for way in ways(pc):
            vars(way).update(send_data=functools.partial(self._send, way.send_data))

    async def _send(
        self,
        send: Callable[[bytes, tuple[str, int]], Awaitable[None]],
        data: bytes,
        address: tuple[str, int],
    ) -> None:
        if 127 < data[0] < 192 and not is_rtcp(data):
            self.sent[data[1] & 0x7F] += 1
            if self.sent.total() % EACH == 0:
                self.dropped += 1
                return
        await send(data, address)


PATIENT = """
from sw_notebook.rtp import repair
repair.GIVE_UP_LEAST = repair.GIVE_UP_MOST = repair.REPEAT = 60.0
from sw_notebook.rtp import assembly
assembly.HISTORY = 1 << 14
"""
"""What a process of a receiver does first, to wait for resends and keyframes as long as it takes.

Else it gives up what has not come after 0.28 s or 100 packets, and asks again for a keyframe after
1 s: far more than an answer takes, but not where both sides share a machine that is busy.
"""


@pytest.mark.parametrize(
    ("offer", "streams"),
    [(same, 2), (without_resends, 1)],
    ids=["by RTX", "on the stream itself"],
)
def test_what_is_lost_is_sent_again(
    in_the_process: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    offer: Callable[[str], str],
    streams: int,
) -> None:
    """As FreeSWITCH does it, and as others do: every frame comes."""
    in_the_process(PATIENT)
    monkeypatch.setattr("aiortc.rtcrtpsender.RTP_HISTORY_SIZE", 1 << 14)
    network = Lossy()
    with (
        peering(offer=offer, tracks=lambda: [NumberedVideo()]) as peer,
        Receiver("/public/any", space=peer, audio=False) as rx,
    ):
        frames = rx.video.frames()
        next(frames)
        peer.do(network.use)
        while network.dropped < 10:
            next(frames)
        last = [read(next(frames)).frame for _ in range(5)]
        stats = rx.stats().video
        # all of them: what one resend lets through comes too fast for a loop in a busy process
        numbers = [read(frame).frame for frame in rx.video.window(60)]
        assert gaps(numbers) == []
        assert set(last) <= set(numbers)
        assert stats["recovered"] > 0
        assert (stats["lost"], stats["incomplete"], stats["decode_errors"]) == (0, 0, 0)
        assert stats["keyframes_asked"] == 1
        assert len(network.sent) == streams
