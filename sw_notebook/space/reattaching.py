"""A client that comes back to a call that it had: whether it may, and what changes hands."""

from __future__ import annotations

from dataclasses import replace

from sw_notebook.signaling.jsonrpc import CALL_ERROR

from .legs import Leg
from .refusal import Refusal
from .resources import Resource
from .sessions import Session

__all__ = ["again", "may_come_back", "taken_up"]


def may_come_back(leg: Leg) -> bool:
    """Whether a call can be taken up again: one to a person, a phone or of a screen cannot."""
    return (leg.bridge, leg.phone, leg.parent) == (None, None, None) and leg.state == "answered"


def taken_up(leg: Leg | None, session: Session, resource: Resource) -> Leg:
    """Return the call that a client takes up again with new media, as a page does after a reload.

    It is the client's own, by the same session or by another of the same subscriber whose page
    is gone.

    Args:
        leg: the call of that id.
        session: who takes it up.
        resource: where that client says it leads.

    Raises:
        Refusal: it is over, somebody else's, or none that can be taken up.
    """
    if leg is None or not _its_own(leg, session):
        raise Refusal(CALL_ERROR, "CALL DOES NOT EXIST: it is over, or not yours; dial anew")
    if leg.resource.name != resource.name:
        raise Refusal(
            CALL_ERROR,
            f"that call does not lead to {resource.name[:200]} any more; hang up and dial anew",
        )
    if not may_come_back(leg):
        raise Refusal(
            CALL_ERROR,
            "a call that is not answered, to a person or a phone, or of a screen cannot be taken "
            "up again here; dial anew",
        )
    return leg


def again(before: Leg, session: Session, resource: Resource) -> Leg:
    """Begin a call where the one before it takes place, as the same member with new media."""
    leg = Leg(before.call_id, session, resource, before.node_id, before.conference)
    leg.member = replace(leg.member, member_id=before.member.member_id)
    leg.created, leg.since = before.created, before.since
    leg.conference.expect(leg)
    return leg


def _its_own(leg: Leg, session: Session) -> bool:
    same = leg.session.claims.subscriber_id == session.claims.subscriber_id
    return leg.session is session or (same and not leg.session.connected)
