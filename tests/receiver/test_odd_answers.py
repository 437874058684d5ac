"""Answers as no honest far side writes them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from hypothesis import example, given

from sw_notebook.exceptions import SDPError
from sw_notebook.receiver.child.media import Media, Outlets
from sw_notebook.signaling.sdp import Description, shape_answer
from tests.signaling.odd import odd
from tests.space.media.test_line import NumberedVideo, Tone


def media() -> Media:
    """What a receiver receives with, to which nothing is ever sent."""
    nowhere = Outlets(show=lambda _, memory: None, wake=lambda _: None)
    return Media(
        ("audio", "video"),
        ("VP8", "H264"),
        (),
        relay_only=False,
        plain=False,
        outlets=nowhere,
        changed=lambda _: None,
    )


async def answers() -> list[str]:
    """What aiortc answers to a receiver, and the same in FreeSWITCH's shape."""
    asking = media()
    offer = await asking.offer()
    await asking.close()
    other = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    await other.setRemoteDescription(RTCSessionDescription(offer, "offer"))
    for track in (Tone(), NumberedVideo()):
        other.addTrack(track)
    await other.setLocalDescription(await other.createAnswer())
    answer = other.localDescription.sdp
    await other.close()
    return [answer, shape_answer(answer, Description.parse(offer), (0, 1))]


ANSWERS = asyncio.run(answers())


@pytest.fixture(autouse=True)
def no_packet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is connected to: an odd answer may name anybody."""

    async def stay(_: Any) -> None:
        pass

    monkeypatch.setattr(RTCPeerConnection, "_RTCPeerConnection__connect", stay)


HIDDEN = ANSWERS[1].replace("RTP/SAVPF 96", "RTP/SAVPF 096")


@given(odd(ANSWERS))
@example(HIDDEN)
@example(HIDDEN.replace("096", "٩٦"))
def test_an_odd_answer_is_taken_or_refused_in_words(answer: str) -> None:
    """By aiortc, too, and what is taken can be received."""

    async def take() -> None:
        receiving = media()
        try:
            await receiving.offer()
            await receiving.accept(answer)
            assert set(receiving.sources) == set(receiving.directions) <= {"audio", "video"}
        except SDPError as error:
            assert str(error)  # noqa: PT017
        finally:
            await receiving.close()

    asyncio.run(take())
