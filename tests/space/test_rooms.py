"""Rooms by their signalling: who is there, who is told what, and what members may do."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from sw_notebook.signaling.jsonrpc import CALL_ERROR, FORBIDDEN, INVALID_PARAMS
from sw_notebook.space import LoopbackSpace
from sw_notebook.space.media import hooks
from sw_notebook.space.settings import Settings

from .client import Caller, Refused
from .meeting import Tone, ask, meeting
from .running import Running

numbers = itertools.count()


@pytest.fixture
def room() -> str:
    """Return a room that nobody was in."""
    return f"/public/room-{next(numbers)}"


async def joined(call: Caller, room: str, **dialog: Any) -> dict[str, Any]:
    """Dial, and return what came with ``call.joined``."""
    await call.dial(room, **dialog)
    found = await call.client.event("call.joined")
    await call.client.event("layout.changed")
    return found


def names(members: list[dict[str, Any]]) -> list[str]:
    """Return their names."""
    return [member["name"] for member in members]


@pytest_asyncio.fixture
async def pair(space: LoopbackSpace, room: str) -> AsyncIterator[tuple[Caller, Caller]]:
    """Return two who are in a room and have been told so."""
    async with (
        meeting(space, "ada", receive="audio") as ada,
        meeting(space, "bob", receive="audio") as bob,
    ):
        await joined(ada, room)
        await joined(bob, room)
        await ada.client.event("layout.changed")
        yield ada, bob


async def test_a_newcomer_is_told_who_is_there_and_the_others_of_it(
    space: LoopbackSpace, room: str
) -> None:
    """All in one room, with what the SDK needs to show them."""
    async with (
        meeting(space, "ada", Tone(500)) as ada,
        meeting(space, "bob", Tone(700)) as bob,
    ):
        first = await joined(ada, room)
        assert names(first["room_session"]["members"]) == ["ada"]
        second = await joined(bob, room)
        assert names(second["room_session"]["members"]) == ["ada", "bob"]
        for name in ("room_id", "room_session_id"):
            assert first[name] == second[name]
        assert {"self", "member", "lock", "layout", "screenshare"} <= set(second["capabilities"])
        came = await ada.client.event("member.joined")
        assert came["member"]["member_id"] == bob.member_id
        assert came["room_session_id"] == first["room_session_id"]
        layers = (await ada.client.event("layout.changed"))["layout"]["layers"]
        assert [layer["member_id"] for layer in layers] == [ada.member_id, bob.member_id]
        assert [layer["width"] for layer in layers] == [50, 50]
        await bob.client.bye(bob.call_id)
        left = await ada.client.event("member.left")
        assert (left["member"]["member_id"], left["reason"]) == (bob.member_id, "left")
        layers = (await ada.client.event("layout.changed"))["layout"]["layers"]
        assert [layer["width"] for layer in layers] == [100]


async def test_who_only_receives_is_there_but_not_on_the_canvas(
    pair: tuple[Caller, Caller], space: LoopbackSpace, room: str
) -> None:
    """It has a layer, as it may have had one before, but none that shows."""
    ada, bob = pair
    async with meeting(space, "cy", Tone(500)) as cy:
        told = await joined(cy, room)
        visible = {m["name"]: m["visible"] for m in told["room_session"]["members"]}
        assert visible == {"ada": False, "bob": False, "cy": True}
        layers = (await ada.client.event("layout.changed"))["layout"]["layers"]
        shown = {layer["member_id"]: layer["visible"] for layer in layers}
        assert shown == {cy.member_id: True, ada.member_id: False, bob.member_id: False}


async def test_a_member_that_begins_to_send_comes_onto_the_canvas(
    pair: tuple[Caller, Caller],
) -> None:
    """And everybody is told."""
    ada, bob = pair
    transceiver = ada.connection.getTransceivers()[0]
    transceiver.sender.replaceTrack(Tone(500))
    transceiver.direction = "sendrecv"
    await ada.update()
    updated = (await bob.client.event("member.updated"))["member"]
    assert (updated["member_id"], updated["visible"]) == (ada.member_id, True)
    layers = (await bob.client.event("layout.changed"))["layout"]["layers"]
    assert [layer["visible"] for layer in layers] == [True, False]


@pytest.mark.parametrize(
    ("method", "params", "changed"),
    [
        ("call.mute", {"channels": ["audio", "video"]}, {"audio_muted": True, "video_muted": True}),
        ("call.unmute", {"channels": ["audio"]}, {"audio_muted": False}),
        ("call.deaf", {}, {"deaf": True}),
        ("call.undeaf", {}, {"deaf": False}),
        ("call.raisehand", {}, {"handraised": True}),
        ("call.lowerhand", {}, {"handraised": False}),
        ("call.audioflags.set", {"noise_suppression": False}, {"noise_suppression": False}),
        ("call.lowbitrate.set", {"lowbitrate": True}, {"lowbitrate": True}),
        ("call.microphone.volume.set", {"volume": 50}, {"input_volume": 50}),
        ("call.speaker.volume.set", {"volume": -50}, {"output_volume": -50}),
        ("call.microphone.sensitivity.set", {"sensitivity": 100}, {"input_sensitivity": 100}),
    ],
)
async def test_members_change_one_another(
    pair: tuple[Caller, Caller], method: str, params: dict[str, Any], changed: dict[str, Any]
) -> None:
    """Everybody is told of it, the one who is changed, too."""
    ada, bob = pair
    await ask(ada, method, bob, **params)
    for one in pair:
        member = (await one.client.event("member.updated"))["member"]
        assert member["member_id"] == bob.member_id
        assert member["updated"] == list(changed)
        assert {name: member[name] for name in changed} == changed


async def test_several_are_changed_at_once(pair: tuple[Caller, Caller]) -> None:
    """By a list of targets."""
    ada, bob = pair
    me = {"node_id": "n", "call_id": ada.call_id, "member_id": ada.member_id}
    targets = [{**me, "member_id": one.member_id} for one in pair]
    await ada.client.rpc("call.deaf", {"self": me, "targets": targets})
    deaf = [(await bob.client.event("member.updated"))["member"] for _ in targets]
    assert [member["member_id"] for member in deaf] == [ada.member_id, bob.member_id]


async def test_layouts_and_positions_are_set_for_all(space: LoopbackSpace, room: str) -> None:
    """By anybody, for anybody."""
    async with meeting(space, "ada", Tone(500)) as ada, meeting(space, "bob", Tone(700)) as bob:
        await joined(ada, room)
        await joined(bob, room)
        await ada.client.event("layout.changed")

        async def places() -> dict[str, str]:
            layout = (await ada.client.event("layout.changed"))["layout"]
            return {layer["member_id"]: layer["position"] for layer in layout["layers"]}

        where = {bob.member_id: "reserved-1"}
        await ask(bob, "call.layout.set", layout="highlight-1-responsive", positions=where)
        assert await places() == {ada.member_id: "standard-1", bob.member_id: "reserved-1"}
        await ask(ada, "call.member.position.set", bob, position="off-canvas")
        assert await places() == {ada.member_id: "reserved-1", bob.member_id: "off-canvas"}
        me = {"node_id": "n", "call_id": ada.call_id, "member_id": ada.member_id}
        them = {"target": {**me, "member_id": bob.member_id}, "position": "auto"}
        await ada.client.rpc("call.member.position.set", {"self": me, "targets": [them]})
        assert await places() == {ada.member_id: "reserved-1", bob.member_id: "standard-1"}


async def test_a_locked_room_lets_nobody_in(
    pair: tuple[Caller, Caller], space: LoopbackSpace, room: str
) -> None:
    """Until it is unlocked; those inside are told of both."""
    ada, bob = pair
    await ask(ada, "call.lock")
    assert (await bob.client.event("call.updated"))["room_session"]["locked"] is True
    async with meeting(space, "cy", receive="audio") as cy:
        with pytest.raises(Refused, match="is locked") as refused:
            await cy.dial(room)
        assert refused.value.code == FORBIDDEN
        await ask(bob, "call.unlock")
        assert (await ada.client.event("call.updated"))["room_session"]["locked"] is True
        assert (await ada.client.event("call.updated"))["room_session"]["locked"] is False
        told = await joined(cy, room)
        assert names(told["room_session"]["members"]) == ["ada", "bob", "cy"]


async def test_a_member_is_removed(pair: tuple[Caller, Caller]) -> None:
    """As the SDK asks for it: by a list of targets."""
    ada, bob = pair
    me = {"node_id": "n", "call_id": ada.call_id, "member_id": ada.member_id}
    them = {"node_id": "n", "call_id": bob.call_id, "member_id": bob.member_id}
    await ada.client.rpc("call.member.remove", {"self": me, "targets": [them]})
    await bob.client.event("verto.bye")
    left = await ada.client.event("member.left")
    assert (left["member"]["member_id"], left["reason"]) == (bob.member_id, "removed")


async def test_a_call_ends_for_all(
    pair: tuple[Caller, Caller], space: LoopbackSpace, room: str
) -> None:
    """And the room is gone; who comes next is in another one."""
    ada, bob = pair
    await ask(ada, "call.end", bob)
    for one in pair:
        await one.client.event("verto.bye")
    assert not [leg for leg in space.legs() if leg["room"] == room]
    assert room not in [found["name"] for found in space.about()["rooms"]]


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("call.mute", {"target": {"member_id": "other"}}),
        ("call.mute", {"target": "other"}),
        ("call.mute", {"targets": "all", "target": None}),
        ("call.mute", {"targets": [1], "target": None}),
        ("call.deaf", {"target": {"call_id": "c"}}),
        ("call.member.remove", {"target": {"member_id": "other"}}),
        ("call.microphone.volume.set", {"volume": 51}),
        ("call.microphone.volume.set", {"volume": "loud"}),
        ("call.microphone.volume.set", {"volume": True}),
        ("call.speaker.volume.set", {"volume": -51}),
        ("call.microphone.sensitivity.set", {"sensitivity": 101}),
        ("call.microphone.sensitivity.set", {"sensitivity": -1}),
        ("call.audioflags.set", {"auto_gain": "yes"}),
        ("call.lowbitrate.set", {"lowbitrate": 1}),
        ("call.layout.set", {"layout": 3}),
        ("call.layout.set", {"layout": "2x2", "positions": ["auto"]}),
        ("call.layout.set", {"layout": "2x2", "positions": {"other": "auto"}}),
        ("call.member.position.set", {"position": "playback"}),
        ("call.member.position.set", {"position": 1}),
        ("call.member.position.set", {}),
    ],
)
async def test_what_makes_no_sense_is_refused(
    pair: tuple[Caller, Caller], method: str, params: dict[str, Any]
) -> None:
    """With one sentence, and nobody is told anything; the call goes on."""
    ada, bob = pair
    with pytest.raises(Refused) as refused:
        await ask(ada, method, bob, **params)
    assert refused.value.code == INVALID_PARAMS
    assert len(refused.value.message) < 120
    await ask(ada, "call.raisehand", bob)
    assert (await bob.client.event("member.updated"))["member"]["updated"] == ["handraised"]
    assert "layout.changed" not in bob.client.order[bob.client.order.index("layout.changed") + 1 :]


async def test_a_wrong_position_changes_nothing(pair: tuple[Caller, Caller]) -> None:
    """Not even the layout that came with it."""
    ada, bob = pair
    with pytest.raises(Refused, match="positions are auto"):
        await ask(ada, "call.layout.set", layout="2x2", positions={bob.member_id: "standard-1000"})
    await ask(ada, "call.member.position.set", bob, position="auto")
    assert (await bob.client.event("layout.changed"))["layout"]["id"] == "grid-responsive"


async def test_only_members_have_a_say(
    pair: tuple[Caller, Caller], space: LoopbackSpace, room: str
) -> None:
    """Not those in other rooms, and nobody in the name of another."""
    ada, bob = pair
    async with meeting(space, "cy", receive="audio") as cy:
        await joined(cy, f"{room}-next-door")
        with pytest.raises(Refused, match="no such member in this call"):
            await ask(cy, "call.mute", bob, channels=["audio"])
        cy.call_id, own = ada.call_id, cy.call_id
        with pytest.raises(Refused, match="CALL DOES NOT EXIST"):
            await ask(cy, "call.mute", bob, channels=["audio"])
        cy.call_id = own
    assert not any(leg["audio_muted"] for leg in space.legs())


# ---------------------------------------------------------------------- screens and devices


@contextlib.asynccontextmanager
async def another_leg(call: Caller, **more: Any) -> AsyncIterator[Caller]:
    """Return another call of the same client, as the SDK makes it for a screen."""
    from aiortc import RTCConfiguration, RTCPeerConnection

    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    connection.addTransceiver("audio", direction="recvonly")
    try:
        yield Caller(call.client, connection)
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("flag", "type"), [("screenShare", "screen"), ("additionalDevice", "device")]
)
async def test_a_screen_or_device_joins_as_a_member_of_its_own(
    pair: tuple[Caller, Caller], room: str, flag: str, type: str
) -> None:
    """With its parent, and in a locked room, too; it goes with its parent."""
    ada, bob = pair
    await ask(bob, "call.lock")
    variables = {"memberCallId": ada.call_id, "memberId": ada.member_id}
    async with another_leg(ada) as extra:
        told = await joined(extra, room, userVariables=variables, **{flag: True})
        assert told["origin_call_id"] == ada.call_id
        assert told["member_id"] == extra.member_id != ada.member_id
        member = (await bob.client.event("member.joined"))["member"]
        assert (member["type"], member["parent_id"]) == (type, ada.member_id)
        assert member["name"] == f"ada ({type})"
        await ada.client.bye(ada.call_id)
        gone = [(await bob.client.event("member.left"))["member"]["member_id"] for _ in range(2)]
        assert gone == [ada.member_id, extra.member_id]


async def test_a_screen_needs_a_call_in_the_room(
    pair: tuple[Caller, Caller], space: LoopbackSpace, room: str
) -> None:
    """Of the same client; and what is no room takes none."""
    ada, bob = pair
    async with another_leg(ada) as extra:
        for parent, destination in (
            (bob.call_id, room),
            ("unknown", room),
            (["list"], room),
            (ada.call_id, f"{room}-next-door"),
        ):
            with pytest.raises(Refused, match="belongs to a call in the same room"):
                await extra.dial(
                    destination, screenShare=True, userVariables={"memberCallId": parent}
                )
        with pytest.raises(Refused, match="join rooms only"):
            await extra.dial("/public/bars", screenShare=True)
    assert len([leg for leg in space.legs() if leg["room"]]) == 2


# ---------------------------------------------------------------------- limits


async def test_a_full_room_says_so() -> None:
    """And lets the next one in when somebody has left."""
    async with (
        Running().serving(Settings(max_members=1)) as running,
        meeting(running, "ada", receive="audio") as ada,
        meeting(running, "bob", receive="audio") as bob,
    ):
        await joined(ada, "/public/small")
        with pytest.raises(Refused, match="is full: 1 are there") as refused:
            await bob.dial("/public/small")
        assert refused.value.code == CALL_ERROR
        await ada.client.bye(ada.call_id)
        await joined(bob, "/public/small")


async def test_there_are_only_so_many_rooms() -> None:
    """One that is open can still be joined."""
    async with (
        Running().serving(Settings(max_rooms=1)) as running,
        meeting(running, "ada", receive="audio") as ada,
        meeting(running, "bob", receive="audio") as bob,
    ):
        await joined(ada, "/public/one")
        with pytest.raises(Refused, match="1 rooms open"):
            await bob.dial("/public/two")
        await joined(bob, "/public/one")


@pytest.mark.parametrize("name", ["", "-x", "a b", "x" * 65, "a/b", "ä", "..", "@x"])
async def test_room_names_have_a_rule(space: LoopbackSpace, name: str) -> None:
    """What breaks it is no destination."""
    async with meeting(space, "ada", receive="audio") as ada:
        with pytest.raises(Refused, match="no such destination"):
            await ada.dial(f"/public/{name}")


async def test_an_aiortc_without_the_hooks_has_no_rooms(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says so."""
    monkeypatch.setattr(hooks, "missing", lambda: ["something"])
    async with meeting(running, "ada", receive="audio") as ada:
        with pytest.raises(Refused, match="cannot open rooms with this aiortc") as refused:
            await ada.dial("/public/standup")
        assert refused.value.code == CALL_ERROR


async def test_who_has_not_joined_has_no_say(running: Running) -> None:
    """An invite that was taken is not enough."""
    async with meeting(running, "ada", receive="audio") as ada:
        await ada.connection.setLocalDescription(await ada.connection.createOffer())
        offer = ada.connection.localDescription.sdp
        ada.member_id = (await ada.client.invite("/public/slow", offer, ada.call_id))["memberID"]
        for method in ("call.lock", "call.raisehand", "call.end"):
            with pytest.raises(Refused, match="has not joined yet"):
                await ask(ada, method)


async def test_rooms_need_not_open() -> None:
    """Where the space says so, a room has to be made first."""
    async with (
        Running().serving(Settings(open_rooms=False)) as running,
        meeting(running, "ada", receive="audio") as ada,
    ):
        with pytest.raises(Refused, match="no such destination: /public/standup"):
            await ada.dial("/public/standup")
