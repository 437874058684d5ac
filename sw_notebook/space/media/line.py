"""The media connection of one call: ICE, DTLS and SRTP by aiortc, answers in our shape."""

from __future__ import annotations

import logging
from collections.abc import Callable

from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpTransceiver, RTCSessionDescription
from aiortc.contrib.media import MediaBlackhole
from aiortc.rtcrtpparameters import RTCRtpCodecParameters

from sw_notebook.exceptions import SDPError
from sw_notebook.signaling.sdp import (
    Description,
    Section,
    choose_codecs,
    offer_for_aiortc,
    shape_answer,
)
from sw_notebook.space.resources import Resource

from . import hooks
from .echo import return_audio, return_video
from .feed import Feed
from .studio import Studio

__all__ = ["Line"]

logger = logging.getLogger("sw_notebook.space")


class Line:
    """What a caller and a resource send one another.

    Call :meth:`open` with the offer, :meth:`answer` when the resource answers, and
    :meth:`close` in any case.

    Args:
        resource: what was called.
        studio: where the space's own media comes from.
        changed: called with each new state: connecting, connected, failed, closed.
    """

    def __init__(self, resource: Resource, studio: Studio, changed: Callable[[str], None]) -> None:
        self.directions: dict[str, str] = {}
        self._resource = resource
        self._studio = studio
        self._offer: Description | None = None
        self._accepted: dict[int, str] = {}
        self._feeds: list[Feed] = []
        self._sink = MediaBlackhole()
        # No ICE servers: nothing leaves the machine, and nothing is waited for.
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._connection.on(
            "connectionstatechange", lambda: changed(self._connection.connectionState)
        )

    @property
    def state(self) -> str:
        """How far the media connection is: new, connecting, connected, failed, closed."""
        return str(self._connection.connectionState)

    @property
    def dropped(self) -> int:
        """How many frames were dropped because they could not be sent in time."""
        return sum(feed.dropped for feed in self._feeds)

    async def open(self, sdp: str) -> None:
        """Take the offer.

        Raises:
            SDPError: it cannot be answered, and why.
        """
        offer = Description.parse(sdp).check_offer()
        accepted = choose_codecs(offer, self._resource.kinds)
        try:
            await self._connection.setRemoteDescription(
                RTCSessionDescription(offer_for_aiortc(offer, accepted), "offer")
            )
        except Exception as error:
            # aiortc says what it cannot read by whatever its parser stumbles over.
            raise SDPError(
                f"the offer cannot be used ({type(error).__name__}); check it"
            ) from error
        self._offer, self._accepted = offer, accepted
        for index, transceiver in zip(accepted, self._connection.getTransceivers(), strict=True):
            self._attach(transceiver, offer.sections[index], accepted[index])
        await self._sink.start()

    async def answer(self) -> str:
        """Return the answer, and begin to connect.

        Raises:
            SDPError: this machine has no address to offer.
        """
        assert self._offer is not None, "open() comes first"
        await self._connection.setLocalDescription(await self._connection.createAnswer())
        answer = shape_answer(
            self._connection.localDescription.sdp, self._offer, self._accepted.keys()
        )
        for index, section in enumerate(Description.parse(answer).sections):
            if index in self._accepted:
                self.directions[section.kind] = section.direction
        return answer

    def hold(self, held: bool) -> None:
        """Stop sending, or go on; the connection stays."""
        for feed in self._feeds:
            feed.held = held
            if not held:
                feed.ask_for_keyframe()

    async def close(self) -> None:
        """End the connection and all feeds; safe to call twice."""
        for feed in self._feeds:
            feed.stop()
        await self._sink.stop()
        await self._connection.close()

    def _attach(self, transceiver: RTCRtpTransceiver, offered: Section, number: str) -> None:
        listens = offered.direction in ("sendrecv", "recvonly")
        sends = offered.direction in ("sendrecv", "sendonly")
        echo = self._resource.media == "echo"
        codec = _codec(offered, number)
        if hooks.missing():
            # Plain aiortc: it decodes what comes, and encodes an echo anew.
            track = transceiver.receiver.track
            if sends and listens and echo:
                self._connection.addTrack(track)
            elif sends:
                self._sink.addTrack(track)
        elif sends and not (listens and echo):
            hooks.tap(transceiver.receiver, codec.clockRate)
        if listens and not (echo and hooks.missing()):
            feed = self._feed(transceiver, codec)
            self._feeds.append(feed)
            self._connection.addTrack(feed)
            hooks.on_keyframe_request(transceiver.sender, feed.ask_for_keyframe)

    def _feed(self, transceiver: RTCRtpTransceiver, codec: RTCRtpCodecParameters) -> Feed:
        audio = transceiver.kind == "audio"
        match self._resource.media:
            case "echo" if audio:
                return return_audio(transceiver.receiver, codec)
            case "echo":
                return return_video(transceiver.receiver, codec)
            case "silence":
                return self._studio.silence()
            case _:
                return self._studio.tone() if audio else self._studio.bars(codec.name.lower())


def _codec(section: Section, number: str) -> RTCRtpCodecParameters:
    return RTCRtpCodecParameters(
        mimeType=f"{section.kind}/{section.codecs()[number]}",
        clockRate=48_000 if section.kind == "audio" else 90_000,
        payloadType=int(number),
    )
