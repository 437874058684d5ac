"""Conversations: what clients read in them by REST, and hear as it comes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .fabric import Event

__all__ = ["MESSAGE", "Message", "PastCall"]

MESSAGE = "conversation.message"
"""The event that a message comes as; the SDK takes it for every address that it shows."""


@dataclass(frozen=True, slots=True)
class PastCall:
    """A call that is over.

    Args:
        status: ``"answered"``, or why it was not: a Q.850 name.
        started: when it began to ring, in Unix milliseconds.
        ended: when it was over, in Unix milliseconds.
    """

    status: str
    started: int
    ended: int

    def wire(self) -> dict[str, Any]:
        """Return it as JSON; the SDK reads each."""
        return {"status": self.status, "start_time": self.started, "end_time": self.ended}


@dataclass(frozen=True, slots=True)
class Message:
    """Something that was written, or a call that is over.

    Args:
        id: its own.
        group_id: the conversation's.
        conversation: the conversation's name, for people.
        sender_id: the address of who wrote or called.
        sender: the name of who did.
        ts: when, in Unix milliseconds; no two of one conversation have the same.
        text: what was written; None where it is a call.
        call: the call, where it is one.
    """

    id: str
    group_id: str
    conversation: str
    sender_id: str
    sender: str
    ts: int
    text: str | None = field(default=None, repr=False)
    call: PastCall | None = None

    def wire(self) -> dict[str, Any]:
        """Return it as JSON; the SDK sorts texts from calls by ``subtype``."""
        return {
            "id": self.id,
            "type": "message",
            "subtype": "chat" if self.call is None else "log",
            "kind": "text" if self.call is None else "call",
            "hidden": False,
            "group_id": self.group_id,
            "conversation_name": self.conversation,
            "from_fabric_address_id": self.sender_id,
            "user_name": self.sender,
            "ts": self.ts,
            "text": self.text,
            "details": {} if self.call is None else self.call.wire(),
            "metadata": {},
        }

    def event(self) -> Event:
        """Return the event that tells it to a client."""
        return Event(MESSAGE, self.wire())
