"""The Verto messages about a call that is there: what they do to it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sw_notebook.exceptions import SDPError
from sw_notebook.signaling import verto
from sw_notebook.signaling.jsonrpc import CALL_ERROR, INVALID_PARAMS

from .calls import Calls
from .legs import Leg
from .refusal import Refusal
from .sessions import Session
from .transferring import transfer

__all__ = ["Outcome", "handle"]

logger = logging.getLogger("sw_notebook.space")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a Verto message.

    Args:
        result: what to answer with.
        then: what follows once the answer is out, if anything does.
    """

    result: dict[str, Any]
    then: Callable[[], None] | None = None


async def handle(calls: Calls, session: Session, message: verto.VertoMessage) -> Outcome:
    """Do what a Verto message about a call asks for, and return what came of it.

    Raises:
        Refusal: there is no such call, or it cannot do that.
    """
    leg = calls.own(session, message.call_id)
    match message:
        case verto.Bye(cause=why):
            calls.end(leg, why, tell=False)
            code = {"cause": why.name, "causeCode": why.number}
            return Outcome({"callID": leg.call_id, "message": "CALL ENDED", **code})
        case verto.Modify(action="hold" | "unhold" as action):
            _hold(leg, action == "hold")
            return Outcome(_modified(leg, action))
        case verto.Modify(action="transfer" as action, destination=destination):
            then = transfer(calls, leg, destination)
            return Outcome(_modified(leg, action), then)
        case verto.Modify(action="updateMedia" as action, sdp=sdp):
            answer = await _update(calls, leg, sdp)
            return Outcome({**_modified(leg, action), "sdp": answer})
        case verto.Modify(action=action):
            raise Refusal(CALL_ERROR, f"this space cannot do {action[:40]!r} in a call yet")
        case verto.Info(digits=digits):
            _press(leg, digits)
            return Outcome({"message": "SENT"})
        case verto.Pong():
            leg.asked_by = None
        case verto.Answer(sdp=sdp, pings=pings):
            connect = await calls.switchboard.answer(leg, sdp)
            leg.pings = pings
            return Outcome({"callID": leg.call_id, "message": "CALL ANSWERED"}, connect)
    return Outcome({"message": "OK"})


def _modified(leg: Leg, action: str) -> dict[str, Any]:
    state = "held" if leg.held else "active"
    return {"callID": leg.call_id, "action": action, "holdState": state}


def _hold(leg: Leg, held: bool) -> None:
    leg.held = held
    if leg.line is not None:
        leg.line.hold(held)


async def _update(calls: Calls, leg: Leg, sdp: str | None) -> str:
    if sdp is None:
        raise Refusal(INVALID_PARAMS, "other media need an sdp; send an offer")
    if leg.line is None or leg.state != "answered":
        raise Refusal(CALL_ERROR, "this call is not answered yet; change its media after that")
    try:
        answer = await leg.line.update(sdp)
    except SDPError as error:
        raise Refusal(INVALID_PARAMS, str(error)) from None
    calls.own(leg.session, leg.call_id)  # it may have ended meanwhile
    logger.info("call %s: media updated", leg.call_id)
    leg.conference.refresh(leg)
    return answer


def _press(leg: Leg, digits: str) -> None:
    leg.digits = (leg.digits + digits)[-256:]
    if leg.phone is not None:
        leg.phone.press(digits)
    if leg.bridge is not None:
        for other in leg.bridge.others(leg):
            other.session.send(verto.info_event(other.call_id, digits))
