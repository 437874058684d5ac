"""The ``call.*`` methods, as the SDK's buttons send them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from sw_notebook.signaling.jsonrpc import INVALID_PARAMS, METHOD_NOT_FOUND
from sw_notebook.space import LoopbackSpace

from .client import Caller, Refused, caller


@pytest_asyncio.fixture
async def call(space: LoopbackSpace) -> AsyncIterator[Caller]:
    """Return a call that is up, whose member has joined."""
    async with caller(space, receive="audio") as call:
        await call.dial("/public/bars")
        await call.client.event("layout.changed")
        yield call


async def ask(call: Caller, method: str, **params: Any) -> dict[str, Any]:
    """Send a method about oneself."""
    me = {"node_id": "n", "call_id": call.call_id, "member_id": call.member_id}
    return await call.client.rpc(method, {"self": me, "target": me, **params})


@pytest.mark.parametrize(
    ("method", "params", "changed"),
    [
        ("call.mute", {"channels": ["audio"]}, {"audio_muted": True}),
        ("call.mute", {"channels": ["video"]}, {"video_muted": True}),
        (
            "call.unmute",
            {"channels": ["audio", "video"]},
            {"audio_muted": False, "video_muted": False},
        ),
        ("call.deaf", {}, {"deaf": True}),
        ("call.undeaf", {}, {"deaf": False}),
        ("call.raisehand", {}, {"handraised": True}),
        ("call.lowerhand", {}, {"handraised": False}),
        ("call.audioflags.set", {"auto_gain": False}, {"auto_gain": False}),
        ("call.lowbitrate.set", {"lowbitrate": True}, {"lowbitrate": True}),
        ("call.microphone.volume.set", {"volume": 20}, {"input_volume": 20}),
        ("call.speaker.volume.set", {"volume": -50}, {"output_volume": -50}),
        ("call.microphone.sensitivity.set", {"sensitivity": 80}, {"input_sensitivity": 80}),
    ],
)
async def test_a_member_changes(
    call: Caller, method: str, params: dict[str, Any], changed: dict[str, Any]
) -> None:
    """The answer has a string code, and the change comes as an event."""
    assert await ask(call, method, **params) == {"code": "200", "message": "OK"}
    member = (await call.client.event("member.updated"))["member"]
    assert member["member_id"] == call.member_id
    assert member["updated"] == list(changed)
    assert {name: member[name] for name in changed} == changed


async def test_mutes_are_listed(call: Caller, space: LoopbackSpace) -> None:
    """Where tests and people look."""
    await ask(call, "call.mute", channels=["video"])
    assert space.legs()[0]["video_muted"]


async def test_layouts_are_listed_and_set(call: Caller) -> None:
    """The SDK asks for the list as soon as it has joined."""
    listed = await ask(call, "call.layout.list")
    assert "grid-responsive" in listed["layouts"]
    await ask(call, "call.layout.set", layout="2x2", positions={})
    assert (await call.client.event("layout.changed"))["layout"]["id"] == "2x2"


@pytest.mark.parametrize("method", ["call.end", "call.member.remove"])
async def test_a_member_ends_the_call(call: Caller, space: LoopbackSpace, method: str) -> None:
    """And is told as if the far side had hung up."""
    await ask(call, method)
    await call.client.event("verto.bye")
    assert space.legs() == []


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("call.mute", {"channels": ["smell"]}, INVALID_PARAMS),
        ("call.mute", {"channels": [["audio"]]}, INVALID_PARAMS),
        ("call.mute", {"channels": "audio"}, INVALID_PARAMS),
        ("call.microphone.volume.set", {"volume": 75}, INVALID_PARAMS),
        ("call.microphone.volume.set", {}, INVALID_PARAMS),
        ("call.layout.set", {"layout": "spiral"}, INVALID_PARAMS),
        ("call.mute", {"target": {"member_id": "other"}}, INVALID_PARAMS),
        ("call.dance", {}, METHOD_NOT_FOUND),
    ],
)
async def test_what_makes_no_sense_is_refused(
    call: Caller, method: str, params: dict[str, Any], code: int
) -> None:
    """With the code for it, and the call goes on."""
    with pytest.raises(Refused) as refused:
        await ask(call, method, **params)
    assert refused.value.code == code
    assert await ask(call, "call.layout.list")
