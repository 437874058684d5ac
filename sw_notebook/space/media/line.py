"""The media connection of one call: ICE, DTLS and SRTP by aiortc, answers in our shape."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Mapping

from aiortc import (
    RTCConfiguration,
    RTCIceTransport,
    RTCPeerConnection,
    RTCRtpSender,
    RTCRtpTransceiver,
    RTCSessionDescription,
)
from aiortc.contrib.media import MediaBlackhole

from sw_notebook.exceptions import SDPError
from sw_notebook.signaling.negotiation import answer_for_aiortc
from sw_notebook.signaling.reoffer import Agreement
from sw_notebook.signaling.rooms import Member
from sw_notebook.signaling.sdp import (
    Description,
    Direction,
    Section,
    choose_codecs,
    offer_for_aiortc,
    shape_answer,
    shape_offer,
)
from sw_notebook.space.resources import Resource

from . import hooks
from .hall import Attendance
from .impairment import Impairments
from .part import Part
from .phone import Phone
from .relay import Relays
from .restarts import Restarts
from .studio import Studio

__all__ = ["Line"]

_MIRRORED: dict[Direction, Direction] = {
    "sendrecv": "sendrecv",
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "inactive": "inactive",
}

logger = logging.getLogger("sw_notebook.space")


class Line:
    """What a caller and a resource send one another.

    Call :meth:`open` with the offer and :meth:`answer` when the resource answers; or, where the
    space calls, :meth:`offer` and :meth:`accept` with the answer.  Then :meth:`update` with each
    later offer, and :meth:`close` in any case.

    Args:
        resource: what was called.
        studio: where the space's own media comes from.
        changed: called with each new state: connecting, connected, failed, closed.
        attendance: the way into a room, where one was called.
        far: the other side, where this call has one for itself.
    """

    def __init__(
        self,
        resource: Resource,
        studio: Studio,
        changed: Callable[[str], None],
        attendance: Attendance | None = None,
        far: Relays | Phone | None = None,
    ) -> None:
        self.directions: dict[str, str] = {}
        self.impairments: Impairments | None = None
        self._resource = resource
        self._studio = studio
        self._attendance = attendance
        self._far = far
        self._agreement = Agreement(Description((), ()), {})
        self._place: tuple[Resource, Phone | None, Attendance | None] | None = None
        self._parts: dict[int, Part] = {}
        self._held = False
        self._member: Member | None = None
        self._origin, self._version = str(int(time.time())), 0
        self._restarts = Restarts()
        self._back: asyncio.TimerHandle | None = None
        self._changing = asyncio.Lock()
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
    def reachable(self) -> bool:
        """Whether the offer names a candidate that can be tried; a name of mDNS is one."""
        offer = self._agreement.offer
        accepted = (offer.sections[index] for index in self._agreement.accepted)
        found = (value.split() for section in accepted for value in section.values("candidate"))
        return any(words[2].lower() == "udp" for words in found)

    @property
    def interrupted(self) -> bool:
        """Whether all datagrams are lost at present."""
        return self._restarts.silent

    @property
    def dropped(self) -> int:
        """How many frames were dropped because they could not be sent in time."""
        return sum(part.feed.dropped for part in self._parts.values() if part.feed is not None)

    @property
    def received(self) -> dict[str, dict[str, int]]:
        """How many packets and frames came from the caller, by kind."""
        return {part.kind: part.received for part in self._parts.values()}

    @property
    def sent(self) -> dict[str, dict[str, int]]:
        """How many packets and frames were sent to the caller, and what became of them."""
        return {part.kind: part.sent for part in self._parts.values()}

    # ------------------------------------------------------------------ offers and answers

    async def open(self, sdp: str, before: Line | None = None) -> None:
        """Take the offer.

        Args:
            sdp: the offer.
            before: the line of the same call in whose place this one comes, whose codecs its
                other side understands.

        Raises:
            SDPError: it cannot be answered, and why.
        """
        offer = Description.parse(sdp).check_offer()
        codecs = {} if before is None else {k: name for k, (name, _) in before.agreed.items()}
        agreement = Agreement(offer, choose_codecs(offer, self._resource.kinds, codecs))
        await _offer(self._connection, agreement)
        self._follow(agreement)
        await self._sink.start()

    async def answer(self) -> str:
        """Return the answer, and begin to connect.

        Raises:
            SDPError: this machine has no address to offer.
        """
        return await self._answer(self._agreement.offer)

    @property
    def agreed(self) -> dict[str, tuple[str, Direction]]:
        """What can be used of the offer, by kind: the codec, and who sends, as the client says."""
        sections = self._agreement.offer.sections
        return {
            sections[index].kind: (sections[index].codecs()[number], sections[index].direction)
            for index, number in sorted(self._agreement.accepted.items())
        }

    async def offer(self, wanted: Mapping[str, tuple[str, Direction]]) -> str:
        """Return what the space offers to a client.

        Args:
            wanted: by kind, the codec, and who sends, as the space is to say; sound comes first.

        Raises:
            SDPError: this machine has no address to offer.
        """
        for kind, (codec, direction) in sorted(wanted.items()):
            transceiver = self._connection.addTransceiver(kind, direction)
            known = RTCRtpSender.getCapabilities(kind).codecs
            transceiver.setCodecPreferences(
                [one for one in known if one.name.lower() == codec.lower()]
            )
        await self._connection.setLocalDescription(await self._connection.createOffer())
        self._version += 1
        offer = shape_offer(
            self._connection.localDescription.sdp, origin=self._origin, version=self._version
        )
        pairs = zip(
            self._connection.getTransceivers(), Description.parse(offer).sections, strict=True
        )
        for index, (transceiver, offered) in enumerate(pairs):
            self._parts[index] = self._part(transceiver, offered, next(iter(offered.codecs())))
        # Were checks answered before the answer is here, a browser could be connected while it
        # gathers: it then drops what STUN has yet to say, and the SDK sends no answer without that.
        self._listen(False)
        return offer

    async def accept(self, sdp: str) -> None:
        """Take the client's answer to :meth:`offer`, and begin to connect.

        Raises:
            SDPError: it cannot be used, and why.
        """
        answered = Description.parse(sdp)
        # It was not offered to share transports, but aiortc answers as if it were.
        session = tuple(line for line in answered.session if not line.startswith("a=group:"))
        text = answer_for_aiortc(
            str(Description(session, answered.sections)), self._connection.localDescription.sdp
        )
        if not self.interrupted:
            self._listen(True)
        try:
            await self._connection.setRemoteDescription(RTCSessionDescription(text, "answer"))
        except Exception as error:
            raise SDPError(
                f"the answer cannot be used ({type(error).__name__}); check it"
            ) from error
        answer = Description.parse(text)
        accepted = {index: section.formats[0] for index, section in enumerate(answer.sections)}
        self._agreement = Agreement(answer, accepted)
        for index, section in enumerate(answer.sections):
            self._parts[index].follow(section.direction, self._connection, self._sink)
            self._parts[index].hold(self._held)
            self.directions[section.kind] = _MIRRORED[section.direction]

    async def update(self, sdp: str) -> str:
        """Take another offer in the call, and return the answer.

        Directions may change, sections may stop, and one that was not accepted before may be
        accepted now.  New ICE credentials restart ICE: media goes on where it did until the new
        way is there.

        Raises:
            SDPError: it cannot be answered, and why; all goes on as before.
        """
        async with self._changing:
            offer = Description.parse(sdp).check_offer()
            agreement = self._agreement.renewed(offer, self._resource.kinds)
            await _rehearse(agreement)
            restarted = {
                self._transport(index): agreement.credentials(index)
                for index in self._agreement.restarts(agreement)
            }
            await self._restarts.begin(restarted)
            try:
                await _offer(self._connection, agreement)
                self._follow(agreement)
                await self._sink.start()
                answer = await self._answer(offer)
            except BaseException:
                await self._restarts.undo()
                raise
            self._restarts.finish()
            return answer

    async def _answer(self, offer: Description) -> str:
        await self._connection.setLocalDescription(await self._connection.createAnswer())
        if self.interrupted:
            self._restarts.silence(self._transports(), True)  # new sockets, too
        self._version += 1
        answer = shape_answer(
            self._connection.localDescription.sdp,
            offer,
            self._agreement.accepted.keys(),
            origin=self._origin,
            version=self._version,
        )
        self.directions = {
            section.kind: section.direction
            for section in Description.parse(answer).sections
            if not section.rejected
        }
        return answer

    def _follow(self, agreement: Agreement) -> None:
        self._agreement = agreement
        accepted = zip(agreement.accepted, self._connection.getTransceivers(), strict=True)
        for index, transceiver in accepted:
            offered = agreement.offer.sections[index]
            if index not in self._parts:
                number = agreement.accepted[index]
                self._parts[index] = self._part(transceiver, offered, number)
            self._parts[index].follow(offered.direction, self._connection, self._sink)
            self._parts[index].hold(self._held)

    def _part(self, transceiver: RTCRtpTransceiver, offered: Section, number: str) -> Part:
        part = Part(
            transceiver,
            offered,
            number,
            self._resource,
            self._studio,
            self._attendance,
            self._far,
        )
        part.impair(self.impairments)
        if self._place is not None:
            part.lead_to(*self._place)
        if self._member is not None:
            part.heed(self._member)
        return part

    # ------------------------------------------------------------------ in the call

    def hold(self, held: bool) -> None:
        """Stop sending, or go on; the connection stays."""
        self._held = held
        if self._attendance is not None:
            self._attendance.presence.held = held
        for part in self._parts.values():
            part.hold(held)

    def heed(self, member: Member) -> None:
        """Pass on nothing of a member who is muted, and no sound to one who is deaf."""
        self._member = member
        for part in self._parts.values():
            part.heed(member)

    def lead_to(
        self,
        resource: Resource,
        phone: Phone | None = None,
        attendance: Attendance | None = None,
    ) -> None:
        """Let a client that was put through to another one get what a place plays from now on.

        Args:
            resource: what plays; no relay.
            phone: the far end, where it is a telephone.
            attendance: the way into a room, where it is one.
        """
        self._place = (resource, phone, attendance)
        self._attendance = attendance
        if attendance is not None:
            attendance.presence.held = self._held
        for part in self._parts.values():
            part.lead_to(resource, phone, attendance)

    def interrupt(self, seconds: float | None) -> None:
        """Lose every datagram in both directions for so long; None means from now on."""
        if self._back is not None:
            self._back.cancel()
            self._back = None
        self._restarts.silence(self._transports(), True)
        if seconds is not None:
            loop = asyncio.get_running_loop()
            self._back = loop.call_later(seconds, self._resume)

    def impair(self, asked: Impairments | None) -> None:
        """Let the media that is sent suffer this from now on, or nothing."""
        self.impairments = asked
        for part in self._parts.values():
            part.impair(asked)

    def _resume(self) -> None:
        logger.info("the network of a call is back")
        self._back = None
        self._restarts.silence(self._transports(), False)

    async def close(self) -> None:
        """End the connection and all feeds; safe to call twice."""
        if self._back is not None:
            self._back.cancel()
        async with self._changing:
            for part in self._parts.values():
                await part.close()
            await self._restarts.close()
            await self._sink.stop()
            await self._connection.close()

    def _listen(self, wanted: bool) -> None:
        if not hooks.missing():
            for transport in self._transports():
                hooks.silence(transport, not wanted)

    def _transport(self, index: int) -> RTCIceTransport:
        return self._parts[index].transceiver.receiver.transport.transport

    def _transports(self) -> Iterator[RTCIceTransport]:
        return (self._transport(index) for index in self._parts)


async def _offer(connection: RTCPeerConnection, agreement: Agreement) -> None:
    text = offer_for_aiortc(agreement.offer, agreement.accepted)
    try:
        await connection.setRemoteDescription(RTCSessionDescription(text, "offer"))
    except Exception as error:
        # aiortc says what it cannot read by whatever its parser stumbles over.
        raise SDPError(f"the offer cannot be used ({type(error).__name__}); check it") from error


async def _rehearse(agreement: Agreement) -> None:
    """Let a connection that carries nothing see the offer first: aiortc cannot take one back."""
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    try:
        await _offer(connection, agreement)
    finally:
        await connection.close()
