"""A client that comes back to a call that it had: whether it may, and what changes hands."""

from __future__ import annotations

from dataclasses import replace

from sw_notebook.signaling.jsonrpc import CALL_ERROR

from .legs import Leg
from .refusal import Refusal
from .sessions import Session

__all__ = ["again", "may_come_back", "taken_up"]


def may_come_back(leg: Leg) -> bool:
    """Whether a call can be taken up again: one that rings, or of a screen, cannot."""
    rings = leg.bridge is not None and leg.bridge.winner is None  # also after a transfer
    return leg.state == "answered" and leg.parent is None and not rings


def taken_up(leg: Leg | None, session: Session, destination: str) -> Leg:
    """Return the call that a client takes up again with new media, as a page does after a reload.

    It is the client's own, by the same session or by another of the same subscriber whose page
    is gone.

    Args:
        leg: the call of that id.
        session: who takes it up.
        destination: where that client says it leads.

    Raises:
        Refusal: it is over, somebody else's, or none that can be taken up.
    """
    if leg is None or not _its_own(leg, session):
        raise Refusal(CALL_ERROR, "CALL DOES NOT EXIST: it is over, or not yours; dial anew")
    if leg.resource.name != destination:
        raise Refusal(
            CALL_ERROR,
            f"that call does not lead to {destination[:200]} any more; hang up and dial anew",
        )
    if not may_come_back(leg):
        raise Refusal(
            CALL_ERROR,
            "a call that is not answered, or of a screen, cannot be taken up again; dial anew",
        )
    return leg


def again(before: Leg, session: Session) -> Leg:
    """Begin a call where the one before it takes place, as the same member with new media."""
    leg = Leg(before.call_id, session, before.resource, before.node_id, before.conference)
    leg.before, leg.bridge, leg.phone = before, before.bridge, before.phone
    leg.member = replace(leg.member, member_id=before.member.member_id)
    leg.created, leg.since = before.created, before.since
    leg.conference.expect(leg)
    return leg


def _its_own(leg: Leg, session: Session) -> bool:
    same = leg.session.claims.subscriber_id == session.claims.subscriber_id
    return leg.session is session or (same and not leg.session.connected)
