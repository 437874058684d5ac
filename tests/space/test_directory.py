"""The directory: what can be called, in pages, and who is there."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from sw_notebook.space import LoopbackSpace

from .client import caller
from .meeting import Tone, ask, meeting
from .ringing import BOB, cause, invite, online, rings
from .running import Running


def get(space: LoopbackSpace, path: str, reference: str = "ada") -> httpx.Response:
    """Ask as this person."""
    headers = {"Authorization": f"Bearer {space.token(reference).reveal()}"}
    return httpx.get(space.url + path, headers=headers, trust_env=False)


def test_pages_follow_one_another(space: LoopbackSpace) -> None:
    """Each names the next one; together they are the whole, in order and without repetition."""
    path: str | None = "/api/fabric/addresses?sort_by=name&sort_order=asc&page_size=3"
    names: list[str] = []
    while path is not None:
        found = get(space, path).json()
        assert 0 < len(found["data"]) <= 3
        names += [address["name"] for address in found["data"]]
        path = found["links"].get("next")
    whole = get(space, "/api/fabric/addresses").json()["data"]
    assert names == sorted(address["name"] for address in whole)


def test_people_are_listed_once_they_have_a_token(space: LoopbackSpace) -> None:
    """With their channels; the same address is theirs in their own profile."""
    space.token("zoe")
    (found,) = get(space, "/api/fabric/addresses?type=subscriber&search=zoe").json()["data"]
    assert (found["name"], found["type"]) == ("/private/zoe", "subscriber")
    assert found["channels"]["video"] == "/private/zoe?channel=video"
    assert get(space, "/api/fabric/subscriber/info", "zoe").json()["fabric_addresses"] == [found]
    assert get(space, f"/api/fabric/addresses/{found['id']}").json() == found


async def test_who_can_be_rung(running: Running) -> None:
    """Whoever is online; busy is who has no client without a call."""

    def presence() -> str:
        answer = httpx.get(
            f"{running.url}/api/fabric/addresses?name={BOB}",
            headers={"Authorization": f"Bearer {running.token()}"},
            trust_env=False,
        )
        return str(answer.json()["data"][0]["presence"])

    await asyncio.to_thread(
        running.ask, "POST", "/api/fabric/subscribers/tokens", {"reference": "bob"}
    )
    assert await asyncio.to_thread(presence) == "offline"
    async with online(running, "bob") as bob:
        assert await asyncio.to_thread(presence) == "online"
        async with caller(running, receive="audio") as ada:
            await invite(ada)
            async with rings(bob) as callee:
                assert await asyncio.to_thread(presence) == "busy"
                async with online(running, "bob"):
                    assert await asyncio.to_thread(presence) == "online"
                await callee.bye()
                await cause(ada.client, ada.call_id)
        assert await asyncio.to_thread(presence) == "online"
        await bob.rpc("subscriber.offline", {})
        assert await asyncio.to_thread(presence) == "offline"


def test_a_name_finds_what_nobody_lists(space: LoopbackSpace) -> None:
    """A number is not in the list, and says by its name that it is simulated."""
    (found,) = get(space, "/api/fabric/addresses?name=%2B15551234567").json()["data"]
    assert found["display_name"] == "simulated phone +15551234567"
    assert get(space, "/api/fabric/addresses?name=/private/nobody").json()["data"] == []


async def test_a_room_is_locked_while_it_is(space: LoopbackSpace) -> None:
    """By its name and by its id; nothing else is."""

    async def locked(name: str) -> bool:
        path = f"/api/fabric/addresses?name={name}"
        (found,) = (await asyncio.to_thread(get, space, path)).json()["data"]
        by_id = await asyncio.to_thread(get, space, f"/api/fabric/addresses/{found['id']}")
        assert by_id.json() == found
        return bool(found["locked"])

    async with meeting(space, "ada", Tone(440)) as ada:
        await ada.dial("/public/private-talk")
        assert not await locked("/public/private-talk")
        await ask(ada, "call.lock")
        assert await locked("/public/private-talk")
        assert not await locked("/public/echo")
        await ask(ada, "call.unlock")
        assert not await locked("/public/private-talk")
        await ask(ada, "call.lock")
    assert not await locked("/public/private-talk"), "the room is closed, and opens anew"


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("/private/ada", True),
        ("/public/standup", True),
        ("/public/echo", False),
        ("%2B15551234567", False),
    ],
)
def test_texts_are_a_channel_where_they_are_taken(
    space: LoopbackSpace, name: str, texts: bool
) -> None:
    """And where the directory has none, a conversation is refused."""
    (found,) = get(space, f"/api/fabric/addresses?name={name}").json()["data"]
    channel = f"{found['name']}?channel=messaging" if texts else None
    assert found["channels"].get("messaging") == channel
    (own,) = get(space, "/api/fabric/subscriber/info").json()["fabric_addresses"]
    asked = {"from_fabric_address_id": own["id"], "fabric_address_ids": [own["id"], found["id"]]}
    headers = {"Authorization": f"Bearer {space.token('ada').reveal()}"}
    joined = httpx.post(
        f"{space.url}/api/fabric/conversations/join", json=asked, headers=headers, trust_env=False
    )
    assert joined.is_success is texts


@pytest.mark.parametrize(
    "query", ["page_size=0", "page_size=101", "page_number=-1", "sort_by=id", "sort_order=up"]
)
def test_a_query_that_means_nothing(space: LoopbackSpace, query: str) -> None:
    """It is refused with what would do."""
    refused = get(space, f"/api/fabric/addresses?{query}")
    assert refused.status_code == 400
    assert refused.json()["error"]
