"""The calls of a space: how they begin, and how they end."""

from __future__ import annotations

import asyncio
import functools
import logging
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from sw_notebook.exceptions import SDPError
from sw_notebook.signaling import verto
from sw_notebook.signaling.causes import Cause, cause
from sw_notebook.signaling.jsonrpc import CALL_ERROR, INVALID_PARAMS
from sw_notebook.signaling.sdp import Description

from .bridge import Bridge, Switchboard
from .conference import Conference
from .fates import Fates
from .legs import Leg
from .media.line import Line
from .media.phone import Phone
from .media.studio import Studio
from .networks import Networks
from .people import People
from .reattaching import again, may_come_back, taken_up
from .refusal import Refusal
from .resources import Resource, find
from .rooms import Rooms
from .routes import Routes
from .sessions import Session
from .settings import Settings

__all__ = ["Calls", "created"]

logger = logging.getLogger("sw_notebook.space")

MEDIA_SECONDS = 20.0
"""How long a call may take to connect its media."""
RELOAD_SECONDS = 5.0
"""How long a call outlives that its client has closed the media, as a page does when it reloads."""
RING_SECONDS = 2.0
"""How long a simulated phone rings."""


def created(call_id: str, member_id: str) -> dict[str, Any]:
    """Return the result that tells a caller that the call was created; the SDK needs each."""
    return {
        "callID": call_id,
        "message": "CALL CREATED",
        "memberID": member_id,
        "sessid": call_id,
    }


class Calls:
    """All calls of a space.

    Args:
        settings: how long the resources that fail or are late take to do so.
        people: who can be rung.
        over: is told of each call that is over, and why, while it is still as it was.
    """

    def __init__(
        self, settings: Settings, people: People, over: Callable[[Leg, Cause], None]
    ) -> None:
        self._settings = settings
        self._over = over
        self.people = people
        self.node_id = f"{uuid.uuid4()}@loopback"
        self.studio = Studio(settings.late_keyframe_seconds)
        self.rooms = Rooms(settings)
        self.routes = Routes(self.rooms, people)
        self.networks = Networks(self)
        self._fates = Fates(settings, self.end, self._forget)
        self._legs: dict[str, Leg] = {}
        self.switchboard = Switchboard(
            people,
            settings.no_answer_seconds,
            busy=lambda session: bool(self.of(session)),
            spare=lambda: settings.max_calls - len(self._legs),
            begin=self._callee,
            end=self.end,
        )
        self._closing: set[asyncio.Task[None]] = set()

    def __iter__(self) -> Iterator[Leg]:
        return iter(list(self._legs.values()))

    def get(self, call_id: str) -> Leg | None:
        """Return the call of that id, if it is up."""
        return self._legs.get(call_id)

    def of(self, session: Session) -> list[Leg]:
        """Return the calls of a client."""
        return [leg for leg in self if leg.session is session]

    def own(self, session: Session, call_id: str) -> Leg:
        """Return a call of this client, or raise :class:`Refusal`."""
        leg = self._legs.get(call_id)
        if leg is None or leg.session is not session:
            raise Refusal(CALL_ERROR, "CALL DOES NOT EXIST")
        return leg

    # ------------------------------------------------------------------ beginning

    async def invite(self, session: Session, invite: verto.Invite) -> tuple[Leg, dict[str, Any]]:
        """Take a call; return it and the result to answer with, before :meth:`proceed`.

        One that the client takes up again is the same member's with new media; the media and
        the screens that it had are gone.

        Raises:
            Refusal: it cannot be taken.  The codes are those whose words the SDK keeps: -32003
                where the caller may not call there, -32002 where nothing is there, or the call
                is up already, -32602 where the offer cannot be used.
        """
        dialog = invite.dialog
        before = self._legs.get(dialog.call_id)
        if dialog.attach:
            leg = again(taken_up(before, session, dialog.destination), session)
        elif before is not None:
            raise Refusal(CALL_ERROR, "a call with this callID is up; use another id")
        else:
            leg = self._leg(session, self.routes.open(session, dialog.destination), dialog)
        leg.pings = dialog.pings
        try:
            await self._open(leg, invite.sdp)
            if dialog.attach:
                before = self._legs.get(leg.call_id)  # it may have ended meanwhile
                self._replace(taken_up(before, session, dialog.destination), leg)
        except SDPError as error:
            self._forget(leg)
            raise Refusal(INVALID_PARAMS, str(error)) from None
        except BaseException:
            self._forget(leg)
            raise
        return leg, created(leg.call_id, leg.member.member_id)

    def _leg(self, session: Session, resource: Resource, dialog: verto.Dialog) -> Leg:
        """Begin a call where it is to take place."""
        most = self._settings.max_calls
        if len(self._legs) >= most:
            raise Refusal(CALL_ERROR, f"this space has {most} calls up; try later")
        parent, kind = None, dialog.kind
        if kind != "member":
            parent = self._legs.get(str(dialog.user_variables.get("memberCallId")))
            parent = parent if parent is not None and parent.session is session else None
        conference = self.rooms.admit(resource, kind, parent)
        leg = Leg(dialog.call_id, session, resource, self.node_id, conference, parent, kind)
        conference.expect(leg)
        self._legs[leg.call_id] = leg
        if resource.person is not None:
            leg.bridge = Bridge(leg, dialog.user_variables)
        if resource.media == "phone":
            leg.phone = self._phone(leg)
        return leg

    def _replace(self, before: Leg, leg: Leg) -> None:
        """Let a call go on as this one."""
        logger.info("call %s is taken up again", leg.call_id)
        for child in leg.conference.children(leg):
            self.end(child, cause("NORMAL_CLEARING"))
        if leg.bridge is not None:
            leg.bridge.replace(before, leg)
        self._forget(before)
        self._legs[leg.call_id] = leg

    def _callee(self, session: Session, bridge: Bridge) -> Leg:
        """Begin the leg of a client that is to ring."""
        caller = bridge.caller
        leg = Leg(str(uuid.uuid4()), session, caller.resource, self.node_id, caller.conference)
        leg.conference.expect(leg)
        leg.bridge = bridge
        leg.line = self._line(leg)
        self._legs[leg.call_id] = leg
        return leg

    def _line(self, leg: Leg) -> Line:
        line = Line(
            leg.resource,
            self.studio,
            lambda state: self._media_changed(leg, state),
            leg.attendance,
            leg.bridge.relays if leg.bridge is not None else leg.phone,
        )
        self.networks.reach(line)
        return line

    def _phone(self, leg: Leg) -> Phone:
        def with_caller(act: Callable[[Leg], None]) -> None:
            current = self._legs.get(leg.call_id)  # which may have taken the call up again
            if current is not None:
                act(current)

        def hang_up(current: Leg) -> None:
            self.end(current, cause("NORMAL_CLEARING"))

        return Phone(
            functools.partial(with_caller, hang_up), functools.partial(with_caller, self._hand_over)
        )

    def _hand_over(self, leg: Leg) -> None:
        """Let a telephone hand its caller over to the bars, of which it can pass on the sound."""
        bars = find("/public/bars")
        assert bars is not None
        assert leg.phone is not None
        logger.info("call %s to %s is handed over to %s", leg.call_id, leg.resource.name, bars.name)
        leg.resource = bars
        leg.phone.connect(self.studio.tone())

    async def _open(self, leg: Leg, sdp: str) -> None:
        if leg.resource.media is None:
            Description.parse(sdp).check_offer()  # it never answers, but reads
            return
        leg.line = self._line(leg)
        await leg.line.open(sdp, leg.before.line if leg.before is not None else None)

    def proceed(self, leg: Leg) -> None:
        """Let the resource answer, now that the caller knows that the call was created.

        A caller who named no candidate cannot be reached, which FreeSWITCH says only now, too.
        """
        if self._legs.get(leg.call_id) is leg:
            leg.session.send(leg.enter("created"))
            if leg.line is not None and not leg.line.reachable:
                logger.warning("call %s: the offer has no UDP candidate", leg.call_id)
                self.end(leg, cause("INCOMPATIBLE_DESTINATION"))
                return
            leg.answering = asyncio.create_task(self._answer(leg))

    def lead_on(
        self, leg: Leg, resource: Resource, *, bridge: Bridge | None, room: Conference | None
    ) -> None:
        """Let a call whose other side has handed it over go on to where that one said.

        It ends where nobody is there, and says why.

        Args:
            leg: the call, which is answered.
            resource: where to; no relay.
            bridge: the two sides of it, where it rings a person.
            room: where it takes place, where it is a room.
        """
        self._over(leg, cause("BLIND_TRANSFER"))
        leg.resource, leg.bridge, leg.since = resource, bridge, time.time()
        if room is not None:
            leg.move(room)
        if resource.media == "phone":
            leg.phone = self._phone(leg)
        leg.answering = asyncio.create_task(self._lead_on(leg))

    async def _lead_on(self, leg: Leg) -> None:
        try:
            await self._reach(leg)
        except Exception:
            logger.exception("call %s cannot go on to %s", leg.call_id, leg.resource.name)
            self.end(leg, cause("NORMAL_TEMPORARY_FAILURE"))

    async def _reach(self, leg: Leg) -> None:
        if not await self._ring(leg):
            return
        if leg.bridge is not None:
            self._join_winner(leg.bridge)
            return
        assert leg.line is not None
        leg.line.lead_to(leg.resource, leg.phone, leg.attendance)
        self._fates.begin(leg)
        if leg.attendance is not None:
            leg.conference.join(leg)
        if leg.phone is not None:
            await asyncio.sleep(RING_SECONDS)
            leg.phone.answer()

    async def _ring(self, leg: Leg) -> bool:
        """Wait until the far side answers; False where it does not, and the call has ended."""
        if leg.bridge is not None:
            return await self.switchboard.ring(leg.bridge)
        wait = leg.resource.answer_after
        if leg.resource.fails == "no-answer":
            wait = self._settings.no_answer_seconds
        if wait:
            leg.ring()
            await asyncio.sleep(wait)
        if leg.resource.media is None:
            self.end(leg, cause("USER_BUSY" if leg.resource.fails == "busy" else "NO_ANSWER"))
            return False
        return True

    async def _answer(self, leg: Leg) -> None:
        rings = leg.before is None
        leg.before = None
        if rings and not await self._ring(leg):
            return
        assert leg.line is not None
        try:
            answer = await leg.line.answer()
        except SDPError as error:
            logger.warning("call %s cannot be answered: %s", leg.call_id, error)
            self.end(leg, cause("INCOMPATIBLE_DESTINATION"))
            return
        except Exception:
            logger.exception("call %s cannot be answered", leg.call_id)
            self.end(leg, cause("NORMAL_TEMPORARY_FAILURE"))
            return
        self._await_media(leg)
        send = leg.session.send
        early = rings and leg.phone is not None
        if leg.phone is not None and early:
            leg.ring()
            send(verto.media_event(leg.call_id, answer))
            await asyncio.sleep(RING_SECONDS)
            leg.phone.answer()
        send(verto.answer_event(leg.call_id, None if early else answer))
        send(leg.enter("answered"))
        leg.conference.join(leg)
        if leg.bridge is not None and rings:
            self._join_winner(leg.bridge)

    def _join_winner(self, bridge: Bridge) -> None:
        winner = bridge.winner
        assert winner is not None
        self._await_media(winner)
        winner.session.send(winner.enter("answered"))
        winner.conference.join(winner)

    def _await_media(self, leg: Leg) -> None:
        leg.media_timer = asyncio.get_running_loop().call_later(
            MEDIA_SECONDS, self._media_changed, leg, "late"
        )

    def _media_changed(self, leg: Leg, state: str) -> None:
        logger.info("call %s: media %s", leg.call_id, state)
        if self._legs.get(leg.call_id) is not leg:
            return
        if state == "connected":
            if leg.media_timer is not None:
                leg.media_timer.cancel()
            self._fates.begin(leg)
        elif state == "late" and leg.line is not None and leg.line.state != "connected":
            logger.warning("call %s: no media after %g s", leg.call_id, MEDIA_SECONDS)
            self.end(leg, cause("DESTINATION_OUT_OF_ORDER"))
        elif state == "closed" and may_come_back(leg):
            later, gone = asyncio.get_running_loop().call_later, cause("MEDIA_TIMEOUT")
            leg.media_timer = later(RELOAD_SECONDS, self.end, leg, gone)
        elif state in ("failed", "closed"):
            self.end(leg, cause("MEDIA_TIMEOUT"))

    # ------------------------------------------------------------------ ending

    def end(self, leg: Leg, why: Cause, *, tell: bool = True, reason: str = "left") -> None:
        """End a call; a second time does nothing.

        Args:
            leg: the call.
            why: what to tell its caller and the log.
            tell: whether the caller gets a bye; not when it was the one to hang up.
            reason: what to tell the others in its room.
        """
        if self._legs.get(leg.call_id) is not leg:
            return
        logger.info("call %s to %s ends: %s", leg.call_id, leg.resource.name, why.name)
        self._over(leg, why)
        if tell:
            leg.session.send(verto.bye_event(leg.call_id, why))
        leg.session.send(leg.enter("ended"))
        children = leg.conference.children(leg)
        self._forget(leg, reason)
        for child in children:
            self.end(child, why)
        for other, its_why in leg.bridge.left(leg, why) if leg.bridge is not None else []:
            self.end(other, its_why)

    def end_all(self, session: Session | None, why: Cause) -> None:
        """End the calls of a client, or of all."""
        for leg in self if session is None else self.of(session):
            self.end(leg, why)

    async def close(self) -> None:
        """End everything and wait until it has ended; safe to call twice."""
        self.end_all(None, cause("SYSTEM_SHUTDOWN"))
        if self._closing:
            await asyncio.wait(self._closing)
        await self.rooms.close()
        await self.studio.close()

    def _forget(self, leg: Leg, reason: str = "left") -> None:
        if self._legs.get(leg.call_id) is leg:
            del self._legs[leg.call_id]
        leg.conference.leave(leg, reason)
        for timer in (leg.media_timer, leg.fate):
            if timer is not None:
                timer.cancel()
        if leg.answering is not None and leg.answering is not asyncio.current_task():
            leg.answering.cancel()  # now: it may be due to go on in this turn of the loop
        task = asyncio.create_task(self._hang_up(leg))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    @staticmethod
    async def _hang_up(leg: Leg) -> None:
        if leg.answering is not None:
            await asyncio.wait([leg.answering])
        if leg.line is not None:
            await leg.line.close()
