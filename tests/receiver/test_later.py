"""What a far side says of the media later in a call: a receiver follows none of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from aiortc import RTCPeerConnection

from sw_notebook import CallEnded, Receiver
from sw_notebook.exceptions import ReceiverError

from .peer import Peer, peering
from .reading import children, gaps, read, until

SOONER = "from sw_notebook.receiver.child import participant; participant.{} = {}"


@pytest.fixture(autouse=True)
def no_process_left() -> Iterator[None]:
    """Each call takes its process along."""
    yield
    until(lambda: not children())


def offer_anew(peer: Peer) -> str:
    """Let it offer its media again, without the sound; it awaits an answer from then on."""

    async def offer(pc: RTCPeerConnection) -> None:
        pc.getTransceivers()[0].direction = "inactive"
        await pc.setLocalDescription(await pc.createOffer())

    peer.do(offer)
    assert peer.connection is not None
    return peer.connection.localDescription.sdp


def come_back(peer: Peer) -> None:
    """Let the socket be lost, and wait until the receiver is there again."""
    peer.cut()
    until(lambda: peer.heard.count("subscriber.online") == 2)


@pytest.mark.parametrize(
    "method", ["verto.media", "verto.answer", "verto.modify", "verto.attach", "verto.invite"]
)
def test_another_description_changes_nothing(
    method: str, in_the_process: Callable[[str], None]
) -> None:
    """Media goes on as it was agreed on, and no frame is missing."""
    in_the_process(SOONER.format("ATTACH_SECONDS", 0.5))
    with peering() as peer, Receiver("/public/any", space=peer) as rx:
        frames = rx.video.frames(policy="bounded", limit=1000)
        numbers = [read(next(frames)).frame]
        if method == "verto.attach":
            come_back(peer)
        peer.tell(method, sdp=offer_anew(peer), action="updateMedia")
        numbers += [read(next(frames)).frame for _ in range(45)]
        assert gaps(numbers) == []
        assert next(rx.audio.blocks(0.1)).level > -20
        assert rx.status == "connected"
        assert [error.name for error in rx.errors if error.fatal] == []
        assert [change.status for change in rx.history].count("connected") == 1
    assert rx.end_reason == "hung up"


@pytest.mark.parametrize("plain", [False, True], ids=["fast", "plain"])
def test_media_that_stopped_with_the_socket_ends_the_call(
    plain: bool, in_the_process: Callable[[str], None]
) -> None:
    """As with FreeSWITCH, which then waits for an answer to its offer; no loop waits for ever."""
    in_the_process(SOONER.format("ATTACH_SECONDS", 0.5))

    async def stop(pc: RTCPeerConnection) -> None:
        for sender in pc.getSenders():
            sender.replaceTrack(None)

    with peering() as peer, Receiver("/public/any", space=peer, plain=plain) as rx:
        frames = rx.video.frames()
        next(frames)
        peer.do(stop)
        come_back(peer)
        peer.tell("verto.attach", sdp=offer_anew(peer))
        with pytest.raises(ReceiverError, match="stopped sending"):
            for _ in frames:
                pass
        assert rx.wait("ended") == "destroyed"
        assert [error.name for error in rx.errors] == ["SignalingLost", "ConnectionLost"]
        assert peer.heard[-1] == "verto.bye"


def test_an_answer_that_no_description_follows_ends_the_call(
    in_the_process: Callable[[str], None],
) -> None:
    """One sentence, and the far side hears of it."""
    in_the_process(SOONER.format("MEDIA_SECONDS", 0.5))
    with peering(says=lambda _: [("verto.answer", "")]) as peer:
        rx = Receiver("/public/any", space=peer)
        with pytest.raises(CallEnded, match="no media connection came about"), rx:
            pass
        assert [error.name for error in rx.errors] == ["NoMedia"]
        assert peer.heard[-1] == "verto.bye"
