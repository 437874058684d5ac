"""The calls of a space: how they begin, what can be done in them, and how they end."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Iterator
from typing import Any

from sw_notebook.exceptions import SDPError
from sw_notebook.signaling import rooms, verto
from sw_notebook.signaling.causes import Cause, cause
from sw_notebook.signaling.jsonrpc import CALL_ERROR, FORBIDDEN, INVALID_PARAMS

from .legs import Leg
from .media.line import Line
from .media.studio import Studio
from .resources import Resource, find
from .sessions import Session

__all__ = ["Calls", "Refusal"]

logger = logging.getLogger("sw_notebook.space")

MEDIA_SECONDS = 20.0
"""How long a call may take to connect its media."""


class Refusal(Exception):
    """A request that the space refuses, with the code and the words to do it with."""

    def __init__(self, code: int, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(reason)


class Calls:
    """All calls of a space."""

    def __init__(self) -> None:
        self.node_id = f"{uuid.uuid4()}@loopback"
        self.studio = Studio()
        self._legs: dict[str, Leg] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def __iter__(self) -> Iterator[Leg]:
        return iter(list(self._legs.values()))

    def get(self, call_id: str) -> Leg | None:
        """Return the call of that id, if it is up."""
        return self._legs.get(call_id)

    def of(self, session: Session) -> list[Leg]:
        """Return the calls of a client."""
        return [leg for leg in self if leg.session is session]

    # ------------------------------------------------------------------ beginning

    async def invite(self, session: Session, invite: verto.Invite) -> tuple[Leg, dict[str, Any]]:
        """Take a call; return it and the result to answer with, before :meth:`proceed`.

        Raises:
            Refusal: it cannot be taken.  The codes are those whose words the SDK keeps: -32003
                where the caller may not call there, -32002 where nothing is there, or the call
                is up already, -32602 where the offer cannot be used.
        """
        dialog = invite.dialog
        resource = self._resource(session, dialog.destination)
        if dialog.attach:
            raise Refusal(CALL_ERROR, "this space cannot take a call up again; dial anew")
        if dialog.screen_share or dialog.additional_device:
            raise Refusal(CALL_ERROR, "this space takes one leg per call; share in another call")
        if dialog.call_id in self._legs:
            raise Refusal(CALL_ERROR, "a call with this callID is up; use another id")
        leg = Leg(dialog.call_id, session, resource, self.node_id)
        leg.line = Line(resource, self.studio, lambda state: self._media_changed(leg, state))
        self._legs[leg.call_id] = leg
        try:
            await leg.line.open(invite.sdp)
        except SDPError as error:
            self._forget(leg)
            raise Refusal(INVALID_PARAMS, str(error)) from None
        except BaseException:
            self._forget(leg)
            raise
        result = {
            "callID": leg.call_id,
            "message": "CALL CREATED",
            "memberID": leg.member.member_id,
            "sessid": leg.call_id,
        }
        return leg, result

    def proceed(self, leg: Leg) -> None:
        """Let the resource answer, now that the caller knows that the call was created."""
        if self._legs.get(leg.call_id) is leg:
            leg.session.send(leg.enter("created"))
            leg.answering = asyncio.create_task(self._answer(leg))

    def _resource(self, session: Session, name: str) -> Resource:
        resource = find(name)
        if resource is None:
            raise Refusal(CALL_ERROR, f"no such destination: {name[:200]}")
        if not session.claims.may_call(name):
            raise Refusal(FORBIDDEN, f"the token does not allow {name}")
        if resource.refuses is not None:
            raise Refusal(FORBIDDEN, resource.refuses)
        return resource

    async def _answer(self, leg: Leg) -> None:
        assert leg.line is not None
        if leg.resource.answer_after:
            leg.session.send(leg.enter("ringing"))
            await asyncio.sleep(leg.resource.answer_after)
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
        leg.media_timer = asyncio.get_running_loop().call_later(
            MEDIA_SECONDS, self._media_changed, leg, "late"
        )
        send = leg.session.send
        send(verto.answer_event(leg.call_id, answer))
        send(leg.enter("answered"))
        send(rooms.call_joined(leg.room, leg.member, [leg.member]))
        send(rooms.layout_changed(leg.room, [leg.member]))

    def _media_changed(self, leg: Leg, state: str) -> None:
        logger.info("call %s: media %s", leg.call_id, state)
        if state == "connected" and leg.media_timer is not None:
            leg.media_timer.cancel()
        elif state == "late" and leg.line is not None and leg.line.state != "connected":
            logger.warning("call %s: no media after %g s", leg.call_id, MEDIA_SECONDS)
            self.end(leg, cause("DESTINATION_OUT_OF_ORDER"))
        elif state in ("failed", "closed"):
            self.end(leg, cause("MEDIA_TIMEOUT"))

    # ------------------------------------------------------------------ in a call

    def handle(self, session: Session, message: verto.VertoMessage) -> dict[str, Any]:
        """Do what a Verto message about a call asks for, and return the result.

        Raises:
            Refusal: there is no such call, or it cannot do that.
        """
        leg = self.own(session, message.call_id)
        match message:
            case verto.Bye(cause=why):
                self.end(leg, why, tell=False)
                code = {"cause": why.name, "causeCode": why.number}
                return {"callID": leg.call_id, "message": "CALL ENDED", **code}
            case verto.Modify(action="hold" | "unhold" as action):
                self._hold(leg, action == "hold")
                state = "held" if leg.held else "active"
                return {"callID": leg.call_id, "action": action, "holdState": state}
            case verto.Modify(action=action):
                raise Refusal(CALL_ERROR, f"this space cannot do {action[:40]!r} in a call yet")
            case verto.Info(digits=digits):
                leg.digits = (leg.digits + digits)[-256:]
                return {"message": "SENT"}
            case verto.Answer():
                raise Refusal(CALL_ERROR, "this call was not offered to you; nothing to answer")
        return {"message": "OK"}

    def own(self, session: Session, call_id: str) -> Leg:
        """Return a call of this client, or raise :class:`Refusal`."""
        leg = self._legs.get(call_id)
        if leg is None or leg.session is not session:
            raise Refusal(CALL_ERROR, "CALL DOES NOT EXIST")
        return leg

    @staticmethod
    def _hold(leg: Leg, held: bool) -> None:
        leg.held = held
        if leg.line is not None:
            leg.line.hold(held)

    # ------------------------------------------------------------------ ending

    def end(self, leg: Leg, why: Cause, *, tell: bool = True) -> None:
        """End a call; a second time does nothing.

        Args:
            leg: the call.
            why: what to tell its caller and the log.
            tell: whether the caller gets a bye; not when it was the one to hang up.
        """
        if self._legs.get(leg.call_id) is not leg:
            return
        logger.info("call %s to %s ends: %s", leg.call_id, leg.resource.name, why.name)
        if tell:
            leg.session.send(verto.bye_event(leg.call_id, why))
        leg.session.send(leg.enter("ended"))
        self._forget(leg)

    def end_all(self, session: Session | None, why: Cause) -> None:
        """End the calls of a client, or of all."""
        for leg in self if session is None else self.of(session):
            self.end(leg, why)

    async def close(self) -> None:
        """End everything and wait until it has ended; safe to call twice."""
        self.end_all(None, cause("NORMAL_TEMPORARY_FAILURE"))
        if self._closing:
            await asyncio.wait(self._closing)
        await self.studio.close()

    def _forget(self, leg: Leg) -> None:
        self._legs.pop(leg.call_id, None)
        if leg.media_timer is not None:
            leg.media_timer.cancel()
        task = asyncio.create_task(self._hang_up(leg))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    @staticmethod
    async def _hang_up(leg: Leg) -> None:
        if leg.answering is not None:
            leg.answering.cancel()
            await asyncio.wait([leg.answering])
        if leg.line is not None:
            await leg.line.close()
