"""Blind transfers: who is in a call hands the far side over to another destination."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable

from sw_notebook.signaling.causes import cause
from sw_notebook.signaling.jsonrpc import CALL_ERROR, INVALID_PARAMS

from .bridge import Bridge
from .calls import Calls
from .conference import Conference
from .legs import Leg
from .refusal import Refusal
from .resources import Resource

__all__ = ["transfer"]

logger = logging.getLogger("sw_notebook.space")


def transfer(calls: Calls, leg: Leg, destination: str | None) -> Callable[[], None]:
    """Check a transfer, and return what carries it out once the client is told so.

    The call of who transfers ends.  A person on the other side goes on to the destination in the
    same call, with the media connection that it has; if nobody is there, that call ends and says
    why.

    Args:
        calls: the calls of the space.
        leg: the call of who transfers; the destination is one that its token may call.
        destination: where to; as in an invite, the address may carry its query.

    Raises:
        Refusal: it cannot be, and the call goes on as it was.
    """
    if destination is None:
        raise Refusal(INVALID_PARAMS, "a transfer needs a destination; name one")
    resource = calls.routes.open(leg.session, destination.partition("?")[0])
    room = _admit(calls, leg, leg.bridge, resource) if leg.bridge is not None else None
    return functools.partial(_carry_out, calls, leg, resource, room)


def _admit(calls: Calls, leg: Leg, bridge: Bridge, resource: Resource) -> Conference | None:
    """Return the room that a person is handed over to, if it is one."""
    winner = bridge.winner
    # Who was handed over stays answered while somebody else is rung: there is nobody to lead on.
    if leg.state != "answered" or winner is None or winner.state != "answered":
        raise Refusal(CALL_ERROR, "this call is not answered yet; transfer it after that")
    if resource.media == "relay" and resource.person is None:
        raise Refusal(
            CALL_ERROR,
            f"a person cannot be handed over to {resource.name}; transfer to a room, or let them "
            "dial it",
        )
    return calls.rooms.admit(resource) if resource.room is not None else None


def _carry_out(calls: Calls, leg: Leg, resource: Resource, room: Conference | None) -> None:
    logger.info("call %s is transferred to %s", leg.call_id, resource.name)
    bridge, leg.bridge = leg.bridge, None
    others = bridge.others(leg) if bridge is not None else []
    calls.end(leg, cause("BLIND_TRANSFER"))
    for other in others:
        assert bridge is not None
        variables = bridge.user_variables if other is bridge.caller else {}
        person = resource.person is not None
        onward = Bridge(other, variables, bridge.relays) if person else None
        calls.lead_on(other, resource, bridge=onward, room=room)
