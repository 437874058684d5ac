"""Making rooms and scripts through the management API, and deleting them."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from sw_notebook.space import LoopbackSpace
from sw_notebook.space.scripts import Script
from sw_notebook.space.settings import Settings

from .client import Refused, client
from .meeting import meeting
from .running import Running

ROOMS = "/api/fabric/resources/conference_rooms"
SCRIPTS = "/api/fabric/resources/swml_scripts"
ADDRESSES = "/api/fabric/addresses"
Make = Callable[..., httpx.Response]
numbers = itertools.count()


@pytest.fixture
def make(space: LoopbackSpace) -> Iterator[Make]:
    """Return a function that makes something with a new name; it is deleted after the test."""
    auth = (space.project_id, space.api_token)
    with httpx.Client(base_url=space.url, auth=auth, trust_env=False) as http:
        made = []

        def make(path: str, **body: Any) -> httpx.Response:
            answer = http.post(path, json={"name": f"made-{next(numbers)}", **body})
            if answer.status_code == 201:
                made.append(answer.json()["id"])
            return answer

        yield make
        for resource_id in made:
            http.delete(f"/api/fabric/resources/{resource_id}")


def main(*steps: Any) -> str:
    """Return a script with these steps."""
    return json.dumps({"version": "1.0.0", "sections": {"main": list(steps)}})


def listed(space: LoopbackSpace, name: str) -> list[dict[str, Any]]:
    """Return the addresses of that name that a subscriber finds."""
    headers = {"Authorization": f"Bearer {space.token().reveal()}"}
    answer = httpx.get(
        space.url + ADDRESSES, params={"name": name}, headers=headers, trust_env=False
    )
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


async def test_a_room_is_made_found_and_deleted(
    space: LoopbackSpace, http: httpx.Client, make: Make
) -> None:
    """With a name for people; who calls it is in a room of that name."""
    made = make(ROOMS, name="garden", display_name="The garden")
    assert made.status_code == 201
    (address,) = listed(space, "/public/garden")
    assert (address["display_name"], address["type"]) == ("The garden", "room")
    assert address["resource_id"] == made.json()["id"]
    async with meeting(space, "ada", receive="audio") as ada:
        await ada.dial("/public/garden")
        room = (await ada.client.event("call.joined"))["room_session"]
        assert (room["name"], room["display_name"]) == ("/public/garden", "The garden")
    auth = (space.project_id, space.api_token)
    path = f"/api/fabric/resources/{made.json()['id']}"
    gone = [await asyncio.to_thread(http.delete, path, auth=auth) for _ in range(2)]
    assert [answer.status_code for answer in gone] == [204, 404]
    (opens,) = listed(space, "/public/garden")  # as any name does
    assert opens["display_name"] == "garden"


async def test_a_script_leads_to_a_room(space: LoopbackSpace, make: Make) -> None:
    """The one that its own name opens, too."""
    room = f"made-{next(numbers)}"
    script = make(SCRIPTS, contents=main("answer", {"join_room": {"name": room}})).json()
    async with (
        meeting(space, "ada", receive="audio") as ada,
        meeting(space, "bob", receive="audio") as bob,
    ):
        await ada.dial(script["swml_script"]["address"])
        await bob.dial(f"/public/{room}")
        there = (await bob.client.event("call.joined"))["room_session"]["members"]
        assert [member["name"] for member in there] == ["ada", "bob"]


async def test_a_script_that_is_silent_ends(space: LoopbackSpace, make: Make) -> None:
    """After the time that it says."""
    script = make(SCRIPTS, contents=main({"answer": {}}, {"play": "silence: 0.2"})).json()
    async with meeting(space, "ada", receive="audio") as ada:
        await ada.dial(script["swml_script"]["address"])
        assert (await ada.client.event("verto.bye"))["cause"] == "NORMAL_CLEARING"


@pytest.mark.parametrize(
    ("contents", "words"),
    [
        (None, "has no steps"),
        ("version: 1.0.0", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ({"sections": {"main": "answer"}}, "has no steps"),
        ({"sections": {"main": []}}, "has no steps"),
        (main("answer"), "does nothing"),
        (main({"ai": {"prompt": "x"}}), "has the step 'ai'"),
        (main({"play": "say: hello"}), "plays something else than silence"),
        (main({"play": {"urls": [1]}}), "plays something else than silence"),
        (main({"join_room": 1}), "joins a room without a name"),
        (main({"join_room": "echo"}), "names a room whose name is taken"),
        (main({"join_room": "a b"}), "names a room whose name is 1 to 64 letters"),
        (main({"join_room": "a"}, {"play": "silence: 1"}), "has steps beside join_room"),
        (main({"answer": {}, "play": "silence: 1"}), "has a step that is no method"),
        (main(3), "has a step that is no method"),
    ],
)
def test_scripts_that_this_space_cannot_do(make: Make, contents: Any, words: str) -> None:
    """One sentence says what it is."""
    answer = make(SCRIPTS, contents=contents)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["attribute"] == "contents"
    assert words in error["message"]


@pytest.mark.parametrize("path", [ROOMS, SCRIPTS])
@pytest.mark.parametrize(
    ("name", "words"),
    [
        (None, "is missing"),
        (7, "is missing"),
        ("a/b", "is 1 to 64 letters"),
        ("x" * 65, "is 1 to 64 letters"),
        ("echo", "is taken"),
    ],
)
def test_names_that_cannot_be_had(make: Make, path: str, name: Any, words: str) -> None:
    """Nor one that is there already."""
    answer = make(path, name=name, contents=main({"play": "silence:1"}))
    assert answer.status_code == 422
    assert words in answer.json()["errors"][0]["message"]


def test_a_name_is_had_once(make: Make) -> None:
    """Whatever has it."""
    name = make(ROOMS).json()["conference_room"]["name"]
    answer = make(SCRIPTS, name=name, contents=main({"play": "silence:1"}))
    assert "is taken" in answer.json()["errors"][0]["message"]
    for long in ("x" * 101, 3):
        assert make(ROOMS, display_name=long).status_code == 422


def test_the_project_alone_makes(space: LoopbackSpace, http: httpx.Client) -> None:
    """A subscriber's token does not."""
    headers = {"Authorization": f"Bearer {space.token().reveal()}"}
    for path in (ROOMS, SCRIPTS):
        assert http.post(path, json={"name": "x"}, headers=headers).status_code == 401
    assert http.delete("/api/fabric/resources/x", headers=headers).status_code == 401


async def test_made_rooms_are_limited_and_open_where_others_do_not() -> None:
    """A space without open rooms has those that were made; a guest can be let into one."""
    settings = Settings(open_rooms=False, max_resources=1)
    async with Running().serving(settings) as running:
        ask = running.ask
        made = await asyncio.to_thread(ask, "POST", ROOMS, {"name": "garden"})
        more = await asyncio.to_thread(ask, "POST", ROOMS, {"name": "cellar"})
        assert "one too many" in more.json()["errors"][0]["message"]
        guests = {"allowed_addresses": ["/public/garden"]}
        guest = await asyncio.to_thread(ask, "POST", "/api/fabric/guests/tokens", guests)
        async with client(running, guest.json()["token"]) as one:
            await one.connect()
            with pytest.raises(Refused, match="v=0"):  # and not for the destination
                await one.invite("/public/garden", "no sdp")
        path = f"/api/fabric/resources/{made.json()['id']}"
        assert (await asyncio.to_thread(ask, "DELETE", path)).status_code == 204
        again = await asyncio.to_thread(ask, "POST", ROOMS, {"name": "cellar"})
        assert again.status_code == 201


def test_scripts_are_read_as_they_come() -> None:
    """As text or as an object, a method alone or with its parameters."""
    object_ = {"sections": {"main": ["answer", {"play": {"urls": ["silence:1", "silence: 0.5"]}}]}}
    assert Script.read(object_) == Script.read(json.dumps(object_)) == Script(None, 1.5)
    assert Script.read(main({"join_room": "x"})) == Script("x", 0.0)
