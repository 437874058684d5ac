"""Handing a call to another destination."""

from __future__ import annotations

import pytest

from sw_notebook.signaling.jsonrpc import CALL_ERROR, FORBIDDEN, INVALID_PARAMS
from sw_notebook.space import LoopbackSpace

from .client import Refused, caller


async def test_a_transfer_ends_the_leg_after_its_answer(space: LoopbackSpace) -> None:
    """The caller learns that it worked, then that its part is over; the log says where to."""
    async with caller(space, receive="audio") as call:
        await call.dial("/public/bars")
        before = len(call.client.order)
        done = await call.client.modify(
            call.call_id, "transfer", destination="/public/echo?channel=audio"
        )
        assert done == {"callID": call.call_id, "action": "transfer", "holdState": "active"}
        bye = await call.client.event("verto.bye")
        assert bye == {"callID": call.call_id, "cause": "BLIND_TRANSFER", "causeCode": 800}
        assert (await call.client.event("call.state"))["call_state"] == "ended"
        assert call.client.order[before:][-3:] == ["reply", "verto.bye", "call.state"]
        assert space.legs() == []
        with pytest.raises(Refused, match="CALL DOES NOT EXIST"):
            await call.client.modify(call.call_id, "hold")
        assert space.log_file is not None
        log = space.log_file.read_text()
        assert f"call {call.call_id} is transferred to /public/echo" in log


@pytest.mark.parametrize(
    ("extra", "code", "words"),
    [
        ({"destination": "/public/@nowhere"}, CALL_ERROR, "no such destination"),
        ({"destination": "/public/silence"}, FORBIDDEN, "does not allow /public/silence"),
        ({"destination": "/public/forbidden"}, FORBIDDEN, "refuses calls"),
        ({"destination": 5}, INVALID_PARAMS, "needs destination as a string"),
        ({"destination": ""}, INVALID_PARAMS, "needs a destination"),
        ({}, INVALID_PARAMS, "needs a destination"),
    ],
)
async def test_a_transfer_that_cannot_be(
    space: LoopbackSpace, extra: dict[str, str], code: int, words: str
) -> None:
    """It is refused as an invite would be, and the call goes on."""
    token = space.token("ada", allowed_addresses=["/public/bars", "/public/forbidden"])
    async with caller(space, receive="audio", token=token.reveal()) as call:
        await call.dial("/public/bars")
        with pytest.raises(Refused, match=words) as refused:
            await call.client.modify(call.call_id, "transfer", **extra)
        assert refused.value.code == code
        assert await call.audio.recv()
        assert [leg["call_id"] for leg in space.legs()] == [call.call_id]
