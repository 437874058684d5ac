"""How members take up sound, changed by others: their own clients have to do it."""

from __future__ import annotations

import pytest

from sw_notebook.space import LoopbackSpace

from .meeting import ask, meeting


@pytest.mark.parametrize("by", ["another", "oneself"])
async def test_a_members_client_is_told_how_to_take_up_sound(space: LoopbackSpace, by: str) -> None:
    """By the browser's own words, and all of them; not where nothing has changed."""
    async with (
        meeting(space, "ada", receive="audio") as ada,
        meeting(space, "bob", receive="audio") as bob,
    ):
        for call in (ada, bob):
            await call.dial("/public/flags")
            await call.client.event("layout.changed")
        who = ada if by == "another" else bob
        flags = {"echo_cancellation": False, "auto_gain": True, "noise_suppression": True}
        await ask(who, "call.audioflags.set", bob, **flags)
        assert await bob.client.event("verto.mediaParams") == {
            "callID": bob.call_id,
            "mediaParams": {
                "audio": {
                    "echoCancellation": False,
                    "noiseSuppression": True,
                    "autoGainControl": True,
                }
            },
        }
        await ask(who, "call.audioflags.set", bob, **flags)
        await ask(who, "call.audioflags.set", bob, auto_gain=False)
        told = await bob.client.event("verto.mediaParams")
        audio = {"echoCancellation": False, "noiseSuppression": True, "autoGainControl": False}
        assert told["mediaParams"] == {"audio": audio}
        assert bob.client.order.count("verto.mediaParams") == 2
        await ask(ada, "call.raisehand")
        await ada.client.event("member.updated")
        assert "verto.mediaParams" not in ada.client.order
