"""One section of a media connection: what it sends, and what becomes of what it receives."""

from __future__ import annotations

from aiortc import RTCPeerConnection, RTCRtpTransceiver
from aiortc.contrib.media import MediaBlackhole
from aiortc.rtcrtpparameters import RTCRtpCodecParameters

from sw_notebook.signaling.sdp import Direction, Section
from sw_notebook.space.resources import Resource

from . import hooks
from .echo import return_audio, return_video
from .feed import Feed
from .studio import Studio

__all__ = ["Part"]


class Part:
    """The sound or the picture of a call.

    Args:
        transceiver: aiortc's side of it.
        offered: the section that offered it.
        number: the payload type that was chosen.
        resource: what was called.
        studio: where the space's own media comes from.
    """

    def __init__(
        self,
        transceiver: RTCRtpTransceiver,
        offered: Section,
        number: str,
        resource: Resource,
        studio: Studio,
    ) -> None:
        self.transceiver = transceiver
        self.feed: Feed | None = None
        self._codec = RTCRtpCodecParameters(
            mimeType=f"{offered.kind}/{offered.codecs()[number]}",
            clockRate=48_000 if offered.kind == "audio" else 90_000,
            payloadType=int(number),
        )
        self._media = resource.media
        self._studio = studio
        self._listens = False

    def follow(
        self, direction: Direction, connection: RTCPeerConnection, sink: MediaBlackhole
    ) -> None:
        """Do what the caller offers now; again does nothing.

        Args:
            direction: who sends, seen from the caller.
            connection: where tracks are added.
            sink: takes what aiortc decodes and nobody wants.
        """
        self._listens = direction in ("sendrecv", "recvonly")
        sends = direction in ("sendrecv", "sendonly")
        echo = self._media == "echo"
        if hooks.missing():
            self._follow_plainly(sends, connection, sink)
            return
        if self._listens and self.feed is None:
            self.feed = self._make_feed()
            connection.addTrack(self.feed)
            hooks.on_keyframe_request(self.transceiver.sender, self.feed.ask_for_keyframe)
        if sends and not (echo and self.feed is not None):
            hooks.tap(self.transceiver.receiver, self._codec.clockRate)

    def hold(self, held: bool) -> None:
        """Send nothing, or go on, if the caller listens; pictures go on with a keyframe."""
        if self.feed is None:
            return
        held = held or not self._listens
        if self.feed.held and not held:
            self.feed.ask_for_keyframe()
        self.feed.held = held

    def _follow_plainly(
        self, sends: bool, connection: RTCPeerConnection, sink: MediaBlackhole
    ) -> None:
        """Let plain aiortc decode what comes, and encode an echo anew."""
        echo = self._media == "echo"
        track, sender = self.transceiver.receiver.track, self.transceiver.sender
        if sends and not (self._listens and echo):
            sink.addTrack(track)
        if not self._listens or sender.track is not None:
            return
        if not echo:
            self.feed = self._make_feed()
            connection.addTrack(self.feed)
            hooks.on_keyframe_request(sender, self.feed.ask_for_keyframe)
        elif sends:
            connection.addTrack(track)

    def _make_feed(self) -> Feed:
        audio = self.transceiver.kind == "audio"
        match self._media:
            case "echo" if audio:
                return return_audio(self.transceiver.receiver, self._codec)
            case "echo":
                return return_video(self.transceiver.receiver, self._codec)
            case "silence":
                return self._studio.silence()
            case _:
                codec = self._codec.name.lower()
                return self._studio.tone() if audio else self._studio.bars(codec)
