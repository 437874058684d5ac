"""What people have written and called to one another and in rooms, and who may read it."""

from __future__ import annotations

import time
import uuid
from collections import deque
from collections.abc import Iterable

from sw_notebook.signaling.conversations import Message, PastCall

from .resources import Resource

__all__ = ["MEMBERS", "Conversation", "Conversations"]

MEMBERS = 1000
"""How many may be in one conversation."""


class Conversation:
    """What is written in one place.

    Args:
        name: for people.
        keeps: how many messages are kept; those that came first are forgotten first.
    """

    def __init__(self, name: str, keeps: int) -> None:
        self.id = str(uuid.uuid4())
        self.name = name
        self._members: dict[str, None] = {}
        self._messages: deque[Message] = deque(maxlen=keeps)
        self._last = 0

    def __contains__(self, reference: str) -> bool:
        """Whether somebody of that name may read it."""
        return reference in self._members

    @property
    def newest_first(self) -> list[Message]:
        """All messages that are kept."""
        return list(reversed(self._messages))

    def get(self, message_id: str) -> Message | None:
        """Return the message of that id, if it is kept."""
        return next((one for one in self._messages if one.id == message_id), None)

    def add(self, references: Iterable[str]) -> None:
        """Let these read it, and what is there already.

        Raises:
            ValueError: they would be too many.
        """
        members = {**self._members, **dict.fromkeys(references)}
        if len(members) > MEMBERS:
            raise ValueError(f"this conversation has {MEMBERS} members, and takes no more")
        self._members = members

    def write(self, sender: Resource, text: str) -> Message:
        """Keep a message of somebody, and return it."""
        return self._keep(sender, text, None)

    def record(self, sender: Resource, call: PastCall) -> Message:
        """Keep a call of somebody, and return the message that tells it."""
        return self._keep(sender, None, call)

    def _keep(self, sender: Resource, text: str | None, call: PastCall | None) -> Message:
        # Who sorts by the time shall have the order in which they came.
        self._last = max(time.time_ns() // 1_000_000, self._last + 1)
        message = Message(
            id=str(uuid.uuid4()),
            group_id=self.id,
            conversation=self.name,
            sender_id=sender.id,
            sender=sender.display_name,
            ts=self._last,
            text=text,
            call=call,
        )
        self._messages.append(message)
        return message


class Conversations:
    """All conversations of a space: one of each two people, and one of each room.

    Args:
        limit: how many there may be.
        keeps: how many messages each keeps.
    """

    def __init__(self, limit: int, keeps: int) -> None:
        self._limit = limit
        self._keeps = keeps
        self._by_place: dict[str | frozenset[str], Conversation] = {}
        self._by_id: dict[str, Conversation] = {}

    def join(self, reference: str, other: Resource) -> Conversation:
        """Return the conversation of somebody with a person, or the one of a room, as its member.

        The other person is a member at once, and finds there what was written meanwhile.

        Raises:
            ValueError: there are too many conversations or members, or this is no place for one.
        """
        if other.person is not None:
            members = frozenset({reference, other.person})
            found = self._at(members, ", ".join(sorted(members)))
            found.add(members)
        elif other.room is not None:
            found = self._at(other.room, other.address()["display_name"])
            found.add([reference])
        else:
            raise ValueError("only people and rooms have conversations; write to one of them")
        return found

    def of_room(self, resource: Resource, reference: str) -> Conversation | None:
        """Return the conversation of a room that somebody has joined; None where there is none."""
        found = None if resource.room is None else self._by_place.get(resource.room)
        return found if found is not None and reference in found else None

    def get(self, group_id: str, reference: str) -> Conversation | None:
        """Return a conversation that somebody is a member of; None also where there is none."""
        found = self._by_id.get(group_id)
        return found if found is not None and reference in found else None

    def _at(self, place: str | frozenset[str], name: str) -> Conversation:
        found = self._by_place.get(place)
        if found is None:
            if len(self._by_id) >= self._limit:
                raise ValueError(
                    f"this space has {self._limit} conversations; write in one of them"
                )
            found = self._by_place[place] = Conversation(name, self._keeps)
            self._by_id[found.id] = found
        return found
