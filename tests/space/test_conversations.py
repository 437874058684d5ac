"""The store of what people have written."""

from __future__ import annotations

import pytest

from sw_notebook.space import conversations
from sw_notebook.space.conversations import Conversation, Conversations
from sw_notebook.space.people import person
from sw_notebook.space.resources import Resource, find
from sw_notebook.space.rooms import room


def somebody(reference: str) -> Resource:
    """Return the address of a person."""
    found = person(reference)
    assert found is not None
    return found


ALICE, BOB, CAROL = (somebody(name) for name in ("alice", "bob", "carol"))


def texts(conversation: Conversation) -> list[str | None]:
    """What is in it, the newest first."""
    return [message.text for message in conversation.newest_first]


def test_two_people_have_one_conversation() -> None:
    """Whoever begins it; both are members at once, and nobody else is."""
    kept = Conversations(9, 9)
    ours = kept.join("alice", BOB)
    assert kept.join("bob", ALICE) is ours
    assert kept.join("alice", CAROL) is not ours
    assert kept.get(ours.id, "bob") is ours
    assert kept.get(ours.id, "carol") is None
    assert kept.get("nonsense", "alice") is None
    assert ours.name == "alice, bob"


def test_one_can_write_to_oneself() -> None:
    """And is alone there."""
    kept = Conversations(9, 9)
    own = kept.join("alice", ALICE)
    assert kept.get(own.id, "alice") is own
    assert kept.join("bob", ALICE) is not own


def test_a_room_has_one_conversation() -> None:
    """Of those who have joined it, by whatever address leads there."""
    kept = Conversations(9, 9)
    staff = kept.join("alice", room("staff", "The staff"))
    assert staff.name == "The staff"
    assert kept.get(staff.id, "bob") is None
    assert kept.join("bob", room("staff", address="/public/welcome")) is staff
    assert kept.get(staff.id, "bob") is kept.get(staff.id, "alice") is staff


@pytest.mark.parametrize("name", ["/public/echo", "/public/busy"])
def test_what_has_no_conversation(name: str) -> None:
    """There is nobody who would read it."""
    place = find(name)
    assert place is not None
    with pytest.raises(ValueError, match="only people and rooms have conversations"):
        Conversations(9, 9).join("alice", place)


def test_messages_are_kept_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """No two have the same time, even where the clock stands still."""
    monkeypatch.setattr("time.time_ns", lambda: 5_000_000_000)
    ours = Conversations(9, 9).join("alice", BOB)
    said = [ours.write(who, text) for who, text in ((ALICE, "1"), (BOB, "2"), (ALICE, "3"))]
    assert texts(ours) == ["3", "2", "1"]
    assert [message.ts for message in said] == [5000, 5001, 5002]
    assert [message.sender for message in said] == ["alice", "bob", "alice"]
    assert ours.get(said[1].id) is said[1]
    assert ours.get("nonsense") is None


def test_old_messages_are_forgotten() -> None:
    """Those that came first, in this conversation alone."""
    kept = Conversations(9, 2)
    ours, other = kept.join("alice", BOB), kept.join("alice", CAROL)
    other.write(ALICE, "stays")
    first = ours.write(ALICE, "1")
    for text in ("2", "3"):
        ours.write(ALICE, text)
    assert texts(ours) == ["3", "2"]
    assert ours.get(first.id) is None
    assert texts(other) == ["stays"]


def test_there_is_an_end_to_conversations() -> None:
    """Those that are there go on."""
    kept = Conversations(2, 9)
    ours, staff = kept.join("alice", BOB), kept.join("alice", room("staff"))
    for place in (CAROL, room("other")):
        with pytest.raises(ValueError, match="this space has 2 conversations"):
            kept.join("alice", place)
    assert kept.join("bob", ALICE) is ours
    assert kept.join("bob", room("staff")) is staff


def test_there_is_an_end_to_members(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those who are there stay, and may join again."""
    monkeypatch.setattr(conversations, "MEMBERS", 2)
    kept, staff = Conversations(9, 9), room("staff")
    joined = [kept.join(name, staff) for name in ("alice", "bob")]
    with pytest.raises(ValueError, match="has 2 members, and takes no more"):
        kept.join("carol", staff)
    assert "carol" not in joined[0]
    assert kept.join("alice", staff) is joined[0]


def test_a_room_is_found_by_who_has_joined() -> None:
    """Others have no part in it, and what is no room has none."""
    kept, staff, echo = Conversations(9, 9), room("staff"), find("/public/echo")
    assert echo is not None
    assert kept.of_room(staff, "alice") is None
    ours = kept.join("alice", staff)
    assert kept.of_room(staff, "alice") is ours
    assert kept.of_room(staff, "bob") is None
    assert kept.of_room(echo, "alice") is None


def test_a_text_does_not_show() -> None:
    """A message may end up in a log."""
    message = Conversations(9, 9).join("alice", BOB).write(ALICE, "a secret")
    assert "secret" not in repr(message)
    assert message.wire()["text"] == "a secret"
