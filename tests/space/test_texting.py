"""Writing and reading, asked through HTTP as the SDK does."""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from sw_notebook.space.people import person
from sw_notebook.space.rooms import room
from sw_notebook.space.settings import Settings

from .client import client
from .running import Running

JOIN = "/api/fabric/conversations/join"
WRITE = "/api/fabric/messages"


class Writer:
    """Somebody who writes and reads.

    Args:
        running: where.
        name: who.
        more: what else the token says.
    """

    def __init__(self, running: Running, name: str, **more: Any) -> None:
        self.token = running.token_of(name, **more)
        own = person(name)
        self.id = own.id if own is not None else ""
        self._url = running.url

    async def ask(self, method: str, path: str, body: object = None) -> httpx.Response:
        """Ask with the token."""
        headers = {"Authorization": f"Bearer {self.token}"}
        async with httpx.AsyncClient(base_url=self._url, trust_env=False, headers=headers) as http:
            return await http.request(method, path, json=body)

    async def finds(self, name: str) -> str:
        """Return the id of an address, found by its name."""
        found = await self.ask("GET", f"/api/fabric/addresses?name={name}")
        address_id: str = found.json()["data"][0]["id"]
        return address_id

    async def joining(self, address_id: str) -> httpx.Response:
        """Join, and return what is answered."""
        both = {"from_fabric_address_id": self.id, "fabric_address_ids": [address_id, self.id]}
        return await self.ask("POST", JOIN, both)

    async def joins(self, name: str) -> str:
        """Join the conversation with an address, and return its id."""
        joined = await self.joining(await self.finds(name))
        assert joined.status_code == 200, joined.text
        group_id: str = joined.json()["group_id"]
        return group_id

    async def writes(self, group_id: str, text: object) -> httpx.Response:
        """Write."""
        said = {"group_id": group_id, "from_fabric_address_id": self.id, "text": text}
        return await self.ask("POST", WRITE, said)

    async def reads(self, group_id: str, query: str = "page_size=100") -> list[str]:
        """Return what the first page has, the newest first."""
        found = await self.ask("GET", f"/api/fabric/conversations/{group_id}/messages?{query}")
        assert found.status_code == 200, found.text
        return [message["text"] for message in found.json()["data"]]


async def three(running: Running) -> tuple[Writer, Writer, Writer]:
    """Return three people who have addresses."""
    assert running.keys is not None
    for name in ("alice", "bob", "carol"):
        body = {"reference": name}
        made = await asyncio.to_thread(running.ask, "POST", "/api/fabric/subscribers/tokens", body)
        assert made.status_code == 200
    return Writer(running, "alice"), Writer(running, "bob"), Writer(running, "carol")


@pytest_asyncio.fixture
async def people(running: Running) -> tuple[Writer, Writer, Writer]:
    """Alice, Bob and Carol."""
    return await three(running)


@pytest_asyncio.fixture
async def small(tmp_path: Path) -> AsyncIterator[Running]:
    """Return a space that takes little of everything, and logs its frames."""
    settings = Settings(
        max_conversations=2, max_messages=3, max_text=5, log_frames=tmp_path / "frames.jsonl"
    )
    async with Running().serving(settings) as running:
        yield running


People = tuple[Writer, Writer, Writer]


async def test_two_write_to_one_another(running: Running, people: People) -> None:
    """Each hears it at once, also the one who writes; nobody else does."""
    alice, bob, carol = people
    ours = await alice.joins("/private/bob")
    assert await bob.joins("/private/alice") == ours
    async with (
        client(running, alice.token) as at_alice,
        client(running, bob.token) as at_bob,
        client(running, carol.token) as at_carol,
    ):
        for one in (at_alice, at_bob, at_carol):
            await one.connect()
        sent = (await alice.writes(ours, "how are you?")).json()
        for one in (at_alice, at_bob):
            assert await one.event("conversation.message") == sent
        assert (sent["subtype"], sent["text"]) == ("chat", "how are you?")
        assert (sent["group_id"], sent["from_fabric_address_id"]) == (ours, alice.id)
        assert sent["user_name"] == "alice"
        await carol.writes(await carol.joins("/private/carol"), "nothing for you")
        assert (await at_carol.event("conversation.message"))["text"] == "nothing for you"
        assert await at_bob.rpc("signalwire.ping", {"timestamp": 1})
        assert at_bob.order.count("conversation.message") == 1
    found = await bob.ask("GET", f"/api/fabric/conversations/{ours}/messages/{sent['id']}")
    assert found.json() == sent


async def test_who_was_not_there_finds_it(people: People) -> None:
    """In the order in which it was written, the newest first; also who has not joined before."""
    alice, bob, _ = people
    ours = await alice.joins("/private/bob")
    for text in ("1", "2", "3"):
        await alice.writes(ours, text)
    assert await bob.reads(await bob.joins("/private/alice")) == ["3", "2", "1"]


async def test_a_room_is_for_who_has_joined(running: Running, people: People) -> None:
    """Who has not is told nothing, and hears nothing; who comes later finds what was written."""
    alice, bob, carol = people
    staff = await alice.joins("/public/staff")
    assert await bob.joins("/public/staff") == staff
    async with client(running, bob.token) as at_bob, client(running, carol.token) as at_carol:
        await at_bob.connect()
        await at_carol.connect()
        await alice.writes(staff, "hello all")
        assert (await at_bob.event("conversation.message"))["conversation_name"] == "staff"
        assert await carol.joins("/public/staff") == staff
        await bob.writes(staff, "and hello")
        assert (await at_carol.event("conversation.message"))["text"] == "and hello"
    assert await carol.reads(staff) == ["and hello", "hello all"]


async def test_strangers_are_told_nothing(people: People) -> None:
    """What somebody is no member of is not there for them, whatever they try."""
    alice, _, carol = people
    ours = await alice.joins("/private/bob")
    sent = (await alice.writes(ours, "a secret")).json()
    base = f"/api/fabric/conversations/{ours}/messages"
    for answer in (
        await carol.ask("GET", base),
        await carol.ask("GET", f"{base}/{sent['id']}"),
        await carol.writes(ours, "let me in"),
    ):
        assert answer.status_code == 404
        assert "no such conversation of yours" in answer.json()["error"]
        assert "secret" not in answer.text
    assert await alice.reads(ours) == ["a secret"]


async def test_nobody_writes_as_somebody_else(people: People) -> None:
    """The sender is the token's own address."""
    alice, bob, carol = people
    ours = await alice.joins("/private/bob")
    forged = {"group_id": ours, "from_fabric_address_id": alice.id, "text": "I am Alice"}
    both = {"from_fabric_address_id": alice.id, "fabric_address_ids": [bob.id, alice.id]}
    for who, path, body in ((bob, WRITE, forged), (carol, JOIN, both)):
        refused = await who.ask("POST", path, body)
        assert refused.status_code == 403
        assert "somebody else's" in refused.json()["error"]
    assert await alice.reads(ours) == []


async def test_guests_have_no_conversations(running: Running, people: People) -> None:
    """Even one who has the name of a member."""
    alice, bob, _ = people
    ours = await alice.joins("/private/bob")
    guest = Writer(running, "bob", guest=True)
    assert (await guest.joining(alice.id)).status_code == 403
    assert (await guest.writes(ours, "x")).status_code == 403
    assert (await guest.ask("GET", f"/api/fabric/conversations/{ours}/messages")).status_code == 404
    async with client(running, guest.token) as at_guest, client(running, bob.token) as at_bob:
        await at_guest.connect()
        await at_bob.connect()
        await alice.writes(ours, "for bob")
        await at_bob.event("conversation.message")
        assert await at_guest.rpc("signalwire.ping", {"timestamp": 1})
        assert "conversation.message" not in at_guest.order


async def test_a_token_says_to_whom_one_writes_first(running: Running, people: People) -> None:
    """Who may not call an address begins no conversation there, and answers all the same."""
    alice, bob, _ = people
    bound = Writer(running, "bob", allowed=["/public/echo"])
    assert (await bound.joining(alice.id)).status_code == 404
    ours = await alice.joins("/private/bob")
    await alice.writes(ours, "how are you?")
    assert (await bound.writes(ours, "well")).status_code == 200
    assert await bob.reads(ours) == ["well", "how are you?"]


async def test_without_a_token_nothing_is_told(running: Running, people: People) -> None:
    """By none of the routes."""
    alice, _, _ = people
    ours = await alice.joins("/private/bob")
    alice.token = "nonsense"
    base = f"/api/fabric/conversations/{ours}/messages"
    for method, path in (("POST", JOIN), ("POST", WRITE), ("GET", base), ("GET", f"{base}/x")):
        assert (await alice.ask(method, path, {})).status_code == 401


async def test_pages_follow_one_another(people: People) -> None:
    """Each names the next one; what is written meanwhile hides nothing."""
    alice, _, _ = people
    ours = await alice.joins("/private/bob")
    for number in range(7):
        await alice.writes(ours, str(number))
    path: str | None = f"/api/fabric/conversations/{ours}/messages?page_size=3"
    texts: list[str] = []
    while path is not None:
        found = (await alice.ask("GET", path)).json()
        texts += [message["text"] for message in found["data"]]
        path = found["links"].get("next")
        await alice.writes(ours, "later")
    assert [text for text in dict.fromkeys(texts) if text != "later"] == list("6543210")
    assert await alice.reads(ours, "page_size=3&page_number=50") == []


@pytest.mark.parametrize("query", ["page_size=0", "page_size=101", "page_number=-1", "page_size=x"])
async def test_a_page_that_is_none(people: People, query: str) -> None:
    """It is refused with what would do."""
    alice, _, _ = people
    ours = await alice.joins("/private/bob")
    refused = await alice.ask("GET", f"/api/fabric/conversations/{ours}/messages?{query}")
    assert refused.status_code == 400
    assert "goes from" in refused.json()["error"]


@pytest.mark.parametrize(
    "others",
    [None, "x", [], [1], [None], {"a": 1}, ["x", "y"]],
    ids=["none", "text", "empty", "number", "null", "object", "three"],
)
async def test_a_join_that_means_nothing(people: People, others: object) -> None:
    """It is refused in words."""
    alice, _, _ = people
    asked = {"from_fabric_address_id": alice.id, "fabric_address_ids": others}
    refused = await alice.ask("POST", JOIN, asked)
    assert refused.status_code == 422
    (fault,) = refused.json()["errors"]
    assert fault["attribute"] == "fabric_address_ids"


async def test_places_that_have_no_conversation(people: People) -> None:
    """An address that is not there, one that nobody reads, and a room that nobody has found."""
    alice, _, _ = people
    for address_id in (str(uuid.uuid4()), "", room("never-looked-up").id):
        assert (await alice.joining(address_id)).status_code == 404
    for name in ("/public/echo", "%2B15551234567"):
        refused = await alice.joining(await alice.finds(name))
        assert refused.status_code == 409
        assert "only people and rooms" in refused.json()["error"]


@pytest.mark.parametrize("field", ["group_id", "from_fabric_address_id", "text"])
@pytest.mark.parametrize("value", [None, 1, [], {}, ["x"], True])
async def test_a_message_that_means_nothing(people: People, field: str, value: object) -> None:
    """It is refused in words, and nothing is kept."""
    alice, _, _ = people
    ours = await alice.joins("/private/bob")
    said = {"group_id": ours, "from_fabric_address_id": alice.id, "text": "x", field: value}
    refused = await alice.ask("POST", WRITE, said)
    assert refused.status_code == 422
    (fault,) = refused.json()["errors"]
    assert fault["attribute"] == field
    assert await alice.reads(ours) == []


async def test_any_text_can_be_written(running: Running, people: People) -> None:
    """Of any alphabet, and what is half a character, too; the reader's socket lives on."""
    alice, bob, _ = people
    ours = await alice.joins("/private/bob")
    odd = "\N{SNOWMAN} \x00 \ud800 <b>&amp;\n"
    async with client(running, bob.token) as at_bob:
        await at_bob.connect()
        body = {"group_id": ours, "from_fabric_address_id": alice.id, "text": odd}
        headers = {"Authorization": f"Bearer {alice.token}"}
        async with httpx.AsyncClient(trust_env=False, headers=headers) as http:
            sent = await http.post(running.url + WRITE, content=json.dumps(body))
        assert sent.status_code == 200
        assert (await at_bob.event("conversation.message"))["text"] == odd
        assert await at_bob.rpc("signalwire.ping", {"timestamp": 1}) == {"timestamp": 1}


async def test_each_limit_has_a_sentence(small: Running) -> None:
    """A text that is too long, a conversation too many; the oldest messages go."""
    alice, bob, carol = await three(small)
    ours = await alice.joins("/private/bob")
    refused = await alice.writes(ours, "123456")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["message"] == "has at most 5 characters"
    for text in ("1", "2", "3", "12345"):
        assert (await alice.writes(ours, text)).status_code == 200
    assert await bob.reads(ours) == ["12345", "3", "2"]
    await carol.joins("/public/staff")
    full = await carol.joining(alice.id)
    assert full.status_code == 409
    assert "this space has 2 conversations" in full.json()["error"]
    assert (await bob.writes(ours, "on")).status_code == 200


async def test_texts_are_in_no_log(
    small: Running, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither in the space's, nor among its frames."""
    caplog.set_level(logging.DEBUG)
    alice, bob, _ = await three(small)
    ours = await alice.joins("/private/bob")
    async with client(small, bob.token) as at_bob:
        await at_bob.connect()
        await alice.writes(ours, "sesam")
        await alice.writes(ours, "sesam, too long")
        await at_bob.event("conversation.message")
    frames = (tmp_path / "frames.jsonl").read_text()
    assert "conversation.message" in frames
    assert "sesam" not in frames
    ours_log = [one.getMessage() for one in caplog.records if one.name.startswith("sw_notebook")]
    assert any("writes 5 characters" in line for line in ours_log)
    assert "sesam" not in "\n".join(ours_log)


async def test_a_client_that_was_away_hears_it() -> None:
    """What was written while its socket was lost comes with the next one."""
    async with Running().serving(Settings(resume_seconds=60)) as running:
        alice, bob, _ = await three(running)
        ours = await alice.joins("/private/bob")
        async with client(running, bob.token) as before:
            await before.connect()
            while not before.state:
                await before.events.get()
        await alice.writes(ours, "are you there?")
        async with client(running, bob.token) as after:
            await after.connect(protocol=before.protocol, authorization_state=before.state)
            assert (await after.event("conversation.message"))["text"] == "are you there?"
