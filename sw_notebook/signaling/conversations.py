"""Conversations: what is written in them, as clients read it by REST and hear it as it comes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .fabric import Event

__all__ = ["MESSAGE", "Message"]

MESSAGE = "conversation.message"
"""The event that a message comes as; the SDK takes it for every address that it shows."""


@dataclass(frozen=True, slots=True)
class Message:
    """Something that was written.

    Args:
        id: its own.
        group_id: the conversation's.
        conversation: the conversation's name, for people.
        sender_id: the address of who wrote it.
        sender: the name of who wrote it.
        ts: when, in Unix milliseconds; no two of one conversation have the same.
        text: what.
    """

    id: str
    group_id: str
    conversation: str
    sender_id: str
    sender: str
    ts: int
    text: str = field(repr=False)

    def wire(self) -> dict[str, Any]:
        """Return it as JSON; the SDK needs ``id``, ``subtype``, ``text``, ``ts`` and the sender."""
        return {
            "id": self.id,
            "type": "message",
            "subtype": "chat",
            "kind": "text",
            "hidden": False,
            "group_id": self.group_id,
            "conversation_name": self.conversation,
            "from_fabric_address_id": self.sender_id,
            "user_name": self.sender,
            "ts": self.ts,
            "text": self.text,
            "details": {},
            "metadata": {},
        }

    def event(self) -> Event:
        """Return the event that tells it to a client."""
        return Event(MESSAGE, self.wire())
