"""Faults on purpose, for all who are there and who come."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx
import pytest

from sw_notebook.exceptions import SpaceRequestError
from sw_notebook.signaling.jsonrpc import CALL_ERROR
from sw_notebook.space import LoopbackSpace
from sw_notebook.space.faults import Faults
from sw_notebook.space.media import hooks
from sw_notebook.space.media.impairment import Impairments

from .client import Refused, caller, client
from .media.test_line import strips
from .running import Running

Until = Callable[[Callable[[], bool]], Awaitable[None]]


@pytest.fixture
def faulty(space: LoopbackSpace) -> Iterator[LoopbackSpace]:
    """A space that is well again after the test."""
    yield space
    space.inject()


async def test_every_call_loses_packets(faulty: LoopbackSpace) -> None:
    """The one that is up, and the one that comes; both are well again afterwards."""
    async with caller(faulty, receive="video") as first, caller(faulty, receive="video") as second:
        await first.dial("/public/bars")
        await asyncio.to_thread(faulty.inject, loss=0.3, seed=3)
        await second.dial("/public/bars")
        await strips(first.video, 5)
        await strips(second.video, 5)
        assert [leg["impaired"]["loss"] for leg in faulty.legs()] == [0.3, 0.3]
        assert all(leg["sent"]["video"]["lost"] for leg in faulty.legs())
        await asyncio.to_thread(faulty.inject)
        assert [leg["impaired"] for leg in faulty.legs()] == [None, None]


async def test_everything_is_said_late_and_in_order(faulty: LoopbackSpace, until: Until) -> None:
    """What was said before is not overtaken by what is said after, and done it is at once."""
    done: list[str] = []
    async with client(faulty, faulty.token("late").reveal()) as one:

        async def ask(method: str) -> None:
            await one.rpc(method, {})
            done.append(method)

        await one.connect()
        await asyncio.to_thread(faulty.inject, reply_delay=3)
        late = asyncio.create_task(ask("subscriber.online"))
        person = {"reference": "late", "connected": True, "online": True}
        await until(lambda: person in faulty.about()["people"])
        await asyncio.to_thread(faulty.inject)
        assert done == []
        await ask("signalwire.ping")
        await late
        assert done == ["subscriber.online", "signalwire.ping"]


async def test_two_answers_are_as_late_as_one(faulty: LoopbackSpace) -> None:
    """A slow network takes no longer for more."""
    await asyncio.to_thread(faulty.inject, reply_delay=0.5)
    async with client(faulty) as one:
        await one.connect()
        begun = time.monotonic()
        await asyncio.gather(*(one.rpc("signalwire.ping", {"timestamp": n}) for n in range(60)))
        assert 0.5 <= time.monotonic() - begun < 20  # one after the other takes 30


async def test_sockets_are_cut_and_may_come_back(faulty: LoopbackSpace) -> None:
    """Those that are open, and those that open; until it is over."""
    async with caller(faulty, receive="video") as call:
        await call.dial("/public/bars")
        state, protocol = call.client.state, call.client.protocol
        await asyncio.to_thread(faulty.inject, drop_after=0.1)
        assert await call.client.closed() == 1006
        async with client(faulty) as again:
            assert await again.closed() == 1006
        await strips(call.video, 3)
        await asyncio.to_thread(faulty.inject)
        async with client(faulty) as again:
            await again.connect(authorization_state=state, protocol=protocol)
            assert (await again.bye(call.call_id))["message"] == "CALL ENDED"


async def test_the_next_calls_are_hung_up(faulty: LoopbackSpace) -> None:
    """So many, with the cause that was asked for, and then no more."""
    await asyncio.to_thread(faulty.inject, refuse=2, refuse_with="USER_BUSY")
    async with caller(faulty, receive="audio") as call:
        for left in (1, 0):
            created = await call.client.invite("/public/bars", "v=0", "c")
            assert created["message"] == "CALL CREATED"
            assert created["memberID"]
            bye = await call.client.event("verto.bye")
            assert bye == {"callID": "c", "cause": "USER_BUSY", "causeCode": 17}
            assert faulty.faults()["refuse"] == left
        assert faulty.legs() == []
        await call.dial("/public/bars")


async def test_the_next_call_is_refused_with_a_code(faulty: LoopbackSpace) -> None:
    """In the place of its creation."""
    await asyncio.to_thread(faulty.inject, refuse=1, refuse_with=-32603)
    async with client(faulty) as one:
        await one.connect()
        with pytest.raises(Refused, match="refused, as was asked for") as refused:
            await one.invite("/public/bars", "v=0")
        assert refused.value.code == -32603
        with pytest.raises(Refused) as refused:
            await one.invite("/public/@nowhere", "v=0")
        assert refused.value.code == CALL_ERROR


BAD: list[dict[str, Any]] = [
    {"reply_delay": -1},
    {"reply_delay": 10.5},
    {"reply_delay": float("nan")},
    {"reply_delay": True},
    {"drop_after": 0},
    {"drop_after": 3601},
    {"drop_after": "soon"},
    {"refuse": -1},
    {"refuse": 1.5},
    {"refuse": 1001},
    {"refuse": True},
    {"refuse_with": "BORED"},
    {"refuse_with": 200},
    {"refuse_with": True},
    {"refuse_with": None},
    {"loss": 2},
    {"burst": (1, 2)},
]


@pytest.mark.parametrize("asked", BAD, ids=str)
def test_ranges_are_checked(faulty: LoopbackSpace, asked: dict[str, Any]) -> None:
    """At once, and at the door, whatever is said to it."""
    (name,) = asked
    with pytest.raises(ValueError, match=f"^{name} is .*; give "):
        faulty.inject(**asked)
    with pytest.raises(ValueError, match=f"^{name} is .*; give "):
        Faults.read(asked)


@pytest.mark.parametrize(
    "body",
    [
        {"luck": 1},
        {"media": {}},
        {"refuse": [1]},
        {"loss": {}},
        {"refuse_with": []},
        {"refuse_with": {}},
        {"refuse_with": 10**400},
        *({name: 10**400} for name in ("reply_delay", "drop_after", "refuse", "loss", "delay")),
        {"burst": [10**400, 1]},
    ],
    ids=lambda body: str(body)[:40],
)
def test_the_door_refuses_what_is_none(space: LoopbackSpace, body: dict[str, Any]) -> None:
    """With words."""
    with pytest.raises(SpaceRequestError, match=r"there is no fault|; give ") as refused:
        space._request("POST", "/api/loopback/faults", body)
    assert refused.value.status == 400


def test_the_door_is_the_project_s(space: LoopbackSpace) -> None:
    """Others could do harm."""
    for method in ("GET", "POST"):
        answer = httpx.request(method, f"{space.url}/api/loopback/faults", trust_env=False)
        assert answer.status_code == 401


def test_faults_cross_the_wire() -> None:
    """Flat, and back."""
    faults = Faults(Impairments(loss=0.5, burst=(5, 1)), 1.5, 2, 3, -32000)
    assert Faults.read(faults.dump()) == faults
    assert Faults.read({}) == Faults()


async def test_without_the_hooks_media_cannot_suffer(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And says so; the rest can."""
    monkeypatch.setattr(hooks, "missing", lambda: ["x"])
    path = "/api/loopback/faults"
    refused = await asyncio.to_thread(running.ask, "POST", path, {"loss": 0.1})
    assert (refused.status_code, "cannot impair" in refused.text) == (409, True)
    done = await asyncio.to_thread(running.ask, "POST", path, {"refuse": 1})
    assert done.json()["refuse"] == 1
