"""What is written and called: kept for who was not there, and told to who is."""

from __future__ import annotations

import time

from sw_notebook.signaling.causes import Cause
from sw_notebook.signaling.conversations import Message, PastCall

from .conversations import Conversation, Conversations
from .credentials import Claims
from .legs import Leg
from .people import person
from .resources import Resource
from .sessions import Sessions

__all__ = ["History", "sender"]


def sender(claims: Claims) -> Resource | None:
    """Return the address that the owner of a token writes and calls from; a guest has none."""
    return None if claims.guest else person(claims.reference)


class History:
    """The conversations of a space, whose members hear at once of what comes to them.

    Args:
        conversations: where it is kept.
        sessions: the clients of the space.
    """

    def __init__(self, conversations: Conversations, sessions: Sessions) -> None:
        self.conversations = conversations
        self._sessions = sessions

    def write(self, conversation: Conversation, who: Resource, text: str) -> Message:
        """Keep what somebody writes, and return it."""
        return self._tell(conversation, conversation.write(who, text))

    def call_over(self, leg: Leg, why: Cause) -> None:
        """Keep that a call is over, as its caller's.

        One to a person is in the conversation of the two, answered or not.  Having been in a room
        is in the room's, where the caller has joined that before.

        Args:
            leg: the call, as it was until now.
            why: it ends.
        """
        caller = sender(leg.session.claims)
        if caller is None or leg.member.type != "member":
            return
        conversation = self._conversation(leg)
        if conversation is None:
            return
        answered = leg.state == "answered" if leg.bridge is None else leg.bridge.winner is not None
        call = PastCall(
            status="answered" if answered else why.name,
            started=int(leg.since * 1000),
            ended=int(time.time() * 1000),
        )
        self._tell(conversation, conversation.record(caller, call))

    def _conversation(self, leg: Leg) -> Conversation | None:
        reference, resource = leg.session.claims.reference, leg.resource
        if resource.person is None:
            return self.conversations.of_room(resource, reference)
        if resource.person == reference:
            return None  # who was called, whose caller has it already
        try:
            return self.conversations.join(reference, resource)
        except ValueError:
            return None  # there are too many; the call was one all the same

    def _tell(self, conversation: Conversation, message: Message) -> Message:
        for session in self._sessions:
            if not session.claims.guest and session.claims.reference in conversation:
                session.send(message.event())
        return message
