"""Calls from one client to another: ringing, who answers first, and the end of both sides."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Callable

from sw_notebook.exceptions import SDPError
from sw_notebook.signaling import verto
from sw_notebook.signaling.causes import Cause, cause
from sw_notebook.signaling.jsonrpc import CALL_ERROR, INVALID_PARAMS

from .legs import Leg
from .media.relay import Relays
from .people import People, person
from .refusal import Refusal
from .sessions import Session

__all__ = ["Bridge", "Switchboard"]

logger = logging.getLogger("sw_notebook.space")


class Bridge:
    """Two sides of one call: the caller's leg, and those that ring until one of them answers.

    Args:
        caller: the leg of who calls.
        user_variables: what it passes along.
        relays: where the media of the caller is already; none where the call begins.
    """

    def __init__(
        self, caller: Leg, user_variables: dict[str, object], relays: Relays | None = None
    ) -> None:
        self.caller = caller
        self.user_variables = user_variables
        self.relays = relays or Relays()
        self.ringing: list[Leg] = []
        self.winner: Leg | None = None
        self.settled: asyncio.Future[Cause | None] = asyncio.get_running_loop().create_future()
        """Is there once somebody has answered (None), or nobody will (why)."""

    def settle(self, why: Cause | None) -> None:
        """Say how the ringing ended; a second time does nothing."""
        if not self.settled.done():
            self.settled.set_result(why)

    def others(self, leg: Leg) -> list[Leg]:
        """Return the other side of a leg, where it has been put through to one."""
        if self.winner is None:
            return []
        return [one for one in (self.caller, self.winner) if one is not leg]

    def replace(self, before: Leg, leg: Leg) -> None:
        """Let another leg be the side that this one was."""
        if before is self.caller:
            self.caller = leg
        if before is self.winner:
            self.winner = leg
        self.ringing = [leg if one is before else one for one in self.ringing]

    def left(self, leg: Leg, why: Cause) -> list[tuple[Leg, Cause]]:
        """Take a leg out that has ended; return the others that end with it, and why."""
        ringing = [one for one in self.ringing if one is not leg]
        if leg is self.caller:
            self.ringing = []
            cancelled = cause("ORIGINATOR_CANCEL")
            return [(one, why if one is self.winner else cancelled) for one in ringing]
        if leg is self.winner:
            return [(self.caller, why)]
        self.ringing = ringing
        if not ringing:
            self.settle(why)
        return []


class Switchboard:
    """Rings people, and puts through to the first client of theirs that answers.

    Args:
        people: who there is.
        no_answer_seconds: how long to ring.
        busy: whether a client is in a call.
        spare: how many more legs there may be.
        begin: begins the leg of a client that is to ring.
        end: ends a leg.
    """

    def __init__(
        self,
        people: People,
        no_answer_seconds: float,
        *,
        busy: Callable[[Session], bool],
        spare: Callable[[], int],
        begin: Callable[[Session, Bridge], Leg],
        end: Callable[[Leg, Cause], None],
    ) -> None:
        self._people = people
        self._no_answer_seconds = no_answer_seconds
        self._busy = busy
        self._spare = spare
        self._begin = begin
        self._end = end

    async def ring(self, bridge: Bridge) -> bool:
        """Ring until somebody answers, who is :attr:`Bridge.winner` then; else end the call.

        A client that is in a call already does not ring, nor does the one that calls, nor do
        more than the space has calls left for.
        """
        caller = bridge.caller
        assert caller.resource.person is not None
        there = self._people.online(caller.resource.person)
        free = [s for s in there if s is not caller.session and not self._busy(s)]
        if not free:
            self._end(caller, cause("USER_BUSY" if there else "USER_NOT_REGISTERED"))
            return False
        rung = free[: self._spare()]
        if len(rung) < len(free):
            logger.warning(
                "call %s rings %d of %d clients: no more calls can be up",
                caller.call_id,
                len(rung),
                len(free),
            )
        if not rung:
            self._end(caller, cause("NORMAL_CIRCUIT_CONGESTION"))
            return False
        caller.ring()
        bridge.ringing = [self._begin(session, bridge) for session in rung]
        for leg in list(bridge.ringing):
            await self._offer(bridge, leg)
        settled, _ = await asyncio.wait([bridge.settled], timeout=self._no_answer_seconds)
        why = bridge.settled.result() if settled else cause("NO_ANSWER")
        for leg in list(bridge.ringing):
            if why is not None or leg is not bridge.winner:
                self._end(leg, why or cause("LOSE_RACE"))
        if why is not None:
            self._end(caller, why)
        return why is None

    async def _offer(self, bridge: Bridge, leg: Leg) -> None:
        assert leg.line is not None
        assert bridge.caller.line is not None
        try:
            offer = await leg.line.offer(bridge.caller.line.agreed)
        except SDPError as error:
            logger.warning("call %s cannot be offered: %s", leg.call_id, error)
            self._end(leg, cause("INCOMPATIBLE_DESTINATION"))
            return
        if leg not in bridge.ringing:
            return  # it has ended meanwhile
        callee = bridge.caller.resource
        claims = bridge.caller.session.claims
        address = None if claims.guest else person(claims.reference)
        leg.session.send(
            verto.invite_event(
                leg.call_id,
                offer,
                node_id=leg.node_id,
                caller=(claims.reference, address.name if address is not None else "anonymous"),
                callee=(callee.display_name, callee.name),
                user_variables=bridge.user_variables,
            )
        )
        leg.session.send(leg.enter("ringing"))

    async def answer(self, leg: Leg, sdp: str) -> Callable[[], None]:
        """Take the answer of a client that rings; return what follows once it is told so.

        Raises:
            Refusal: it does not ring, another client was faster, or the answer cannot be used,
                in which case it goes on ringing.
        """
        bridge = leg.bridge
        if bridge is None or leg is bridge.caller or leg.line is None:
            raise Refusal(CALL_ERROR, "this call was not offered to you; nothing to answer")
        if bridge.winner is leg:
            raise Refusal(CALL_ERROR, "this call is answered already; change it with updateMedia")
        if bridge.winner is not None:
            raise Refusal(CALL_ERROR, "another client was faster to answer; this one can hang up")
        bridge.winner = leg
        try:
            await leg.line.accept(sdp)
        except SDPError as error:
            bridge.winner = None
            raise Refusal(INVALID_PARAMS, str(error)) from None
        return functools.partial(bridge.settle, None)
