"""One section of a media connection: what it sends, and what becomes of what it receives."""

from __future__ import annotations

from aiortc import RTCPeerConnection, RTCRtpTransceiver
from aiortc.contrib.media import MediaBlackhole
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtp import RtpPacket

from sw_notebook.signaling.rooms import Member
from sw_notebook.signaling.sdp import Direction, Section
from sw_notebook.space.resources import Resource

from . import hooks
from .echo import Take, return_audio, return_video
from .feed import Feed
from .hall import Attendance
from .impairment import Impairments
from .mixer import Voice
from .outlet import Outlet
from .phone import Phone
from .player import Player
from .relay import Party, Relay, Relays
from .stage import Seat
from .studio import Studio
from .tally import Tally

__all__ = ["Part"]


class Part:
    """The sound or the picture of a call.

    Args:
        transceiver: aiortc's side of it.
        offered: the section that offered it.
        number: the payload type that was chosen.
        resource: what was called.
        studio: where the space's own media comes from.
        attendance: the way into a room, where one was called.
        far: the other side, where this call has one for itself.
    """

    def __init__(
        self,
        transceiver: RTCRtpTransceiver,
        offered: Section,
        number: str,
        resource: Resource,
        studio: Studio,
        attendance: Attendance | None = None,
        far: Relays | Phone | None = None,
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
        self._far = far
        self._listens = False
        self._received = Tally()
        self._take: Take | None = None
        self._outlet: Outlet | None = None
        self._party: Party | Voice | Seat | None = None
        self._relay: Relay | None = None
        self._player: Player | None = None
        self._guest: Voice | Seat | None = None
        self._sends = self._held = self._muted = self._deaf = False
        if hooks.missing():
            return
        hooks.tap(transceiver.receiver, self._codec.clockRate, self._arrived)
        self._outlet = Outlet(transceiver.sender)
        if self._media == "relay":
            relays = far if isinstance(far, Relays) else studio.relays
            self._relay = relays.relay(self._codec.name.lower())
            self._party = Party(self._relay, transceiver, self._codec, self._outlet)
        elif attendance is not None:
            self._party = attendance.join(transceiver, self._codec)
        if self._party is not None:
            self._take = self._party.take

    @property
    def kind(self) -> str:
        """Sound or picture: ``"audio"`` or ``"video"``."""
        return self.transceiver.kind

    @property
    def received(self) -> dict[str, int]:
        """How many packets and frames (distinct RTP time stamps) came from the caller."""
        return self._received.describe()

    @property
    def sent(self) -> dict[str, int]:
        """How much was sent to the caller, and what became of it; empty where nobody counts."""
        return self._outlet.describe() if self._outlet is not None else {}

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
        self._sends = sends = direction in ("sendrecv", "sendonly")
        if self._outlet is None:
            self._follow_plainly(sends, connection, sink)
            return
        self._let_send()
        if self._listens and self.feed is None:
            self.feed = self._party.feed if self._party is not None else self._make_feed()
            connection.addTrack(self.feed)
            hooks.on_keyframe_request(self.transceiver.sender, self.feed.ask_for_keyframe)

    def lead_to(
        self, resource: Resource, phone: Phone | None, attendance: Attendance | None
    ) -> None:
        """Let a caller who was put through to another get what a place plays from now on.

        What the caller gets stays one stream, as it does in a relay where another one speaks.
        """
        assert self._relay is not None
        assert isinstance(self._party, Party)
        self._party.send(False)
        self._take = None
        self._media, self._far = resource.media, phone
        if attendance is not None:
            self._guest = attendance.join(self.transceiver, self._codec)
            self._guest.send(self._sends)
            self._take, feed = self._guest.take, self._guest.feed
        elif self.kind in resource.kinds:
            feed = self._make_feed()
        else:
            return
        self._player = Player(self._relay, self._codec, feed)
        self._let_hear()

    def hold(self, held: bool) -> None:
        """Send nothing, or go on, if the caller listens; pictures go on with a keyframe."""
        self._held = held
        self._let_hear()

    def heed(self, member: Member) -> None:
        """Pass on nothing of who is muted, and no sound to who is deaf; rooms do it themselves."""
        audio = self.kind == "audio"
        self._muted = member.audio_muted if audio else member.video_muted
        self._deaf = audio and member.deaf
        self._let_send()
        self._let_hear()

    @property
    def _in_room(self) -> bool:
        return isinstance(self._guest or self._party, Voice | Seat)

    def _let_send(self) -> None:
        taker = self._guest or self._party
        if taker is not None:
            taker.send(self._sends and (self._in_room or not self._muted))

    def _let_hear(self) -> None:
        if self.feed is None:
            return
        deaf = self._deaf and not self._in_room
        held = self._held or deaf or not self._listens
        if self.feed.held and not held:
            self.feed.ask_for_keyframe()
        self.feed.held = held

    def impair(self, asked: Impairments | None) -> None:
        """Let what is sent suffer this from now on, or nothing."""
        if self._outlet is not None:
            self._outlet.impair(asked)

    async def close(self) -> None:
        """Send nothing more; safe to call twice."""
        if self.feed is not None:
            self.feed.stop()
        if self._party is not None:
            await self._party.close()
        if self._guest is not None:
            await self._guest.close()
        if self._player is not None:
            await self._player.close()
        if self._outlet is not None:
            await self._outlet.close()

    async def _arrived(self, packet: RtpPacket) -> None:
        if packet.payload_type != self._codec.payloadType:
            return
        self._received.add(packet.timestamp)
        if self._take is not None and (self._in_room or not self._muted):
            await self._take(packet)

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
        audio = self.kind == "audio"
        match self._media:
            case "echo" if audio:
                feed, self._take = return_audio()
                return feed
            case "echo":
                feed, self._take = return_video(self.transceiver.receiver, self._codec)
                return feed
            case "phone" if isinstance(self._far, Phone):
                return self._far.feed()
            case "silence":
                return self._studio.silence()
            case _ if audio:
                return self._studio.tone()
            case "late":
                return self._studio.late_bars(self._codec.name.lower())
            case _:
                return self._studio.bars(self._codec.name.lower())
