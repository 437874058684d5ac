"""People who are rung, for the tests: what their clients do, as the browser SDK does it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from .client import Caller, Client, client
from .running import Running

BOB = "/private/bob"


@contextlib.asynccontextmanager
async def online(running: Running, reference: str, **more: Any) -> AsyncIterator[Client]:
    """Return a client of somebody that can be rung, with a token like this."""
    async with client(running, running.token_of(reference, **more)) as one:
        await one.connect()
        await one.rpc("subscriber.online", {})
        yield one


class Callee:
    """Somebody's call that rings."""

    def __init__(self, signalling: Client, invite: dict[str, Any]) -> None:
        self.client = signalling
        self.invite = invite
        self.call_id = str(invite["callID"])
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))

    async def answer(self, *media: Any) -> dict[str, Any]:
        """Answer with these tracks."""
        offer = RTCSessionDescription(self.invite["sdp"], "offer")
        await self.connection.setRemoteDescription(offer)
        for track in media:
            self.connection.addTrack(track)
        await self.connection.setLocalDescription(await self.connection.createAnswer())
        return await self.send(self.connection.localDescription.sdp)

    async def send(self, sdp: str) -> dict[str, Any]:
        """Send an answer as it is."""
        dialog = {"callID": self.call_id, "pingSupported": True}
        params = {"dialogParams": dialog, "sdp": sdp}
        return await self.client.verto("verto.answer", params, self.call_id)

    async def bye(self, cause: str = "USER_BUSY", code: str = "17") -> None:
        """Reject, as the SDK does, or hang up."""
        params = {"cause": cause, "causeCode": code, "dialogParams": {"callID": self.call_id}}
        await self.client.verto("verto.bye", params, self.call_id)

    def track(self, kind: str) -> Any:
        """Return the track of what is received."""
        return next(r.track for r in self.connection.getReceivers() if r.track.kind == kind)


@contextlib.asynccontextmanager
async def rings(signalling: Client) -> AsyncIterator[Callee]:
    """Return the call that rings a client."""
    callee = Callee(signalling, await signalling.event("verto.invite"))
    try:
        yield callee
    finally:
        await callee.connection.close()


async def invite(call: Caller, destination: str = BOB) -> dict[str, Any]:
    """Offer a call and do not wait for its answer."""
    await call.connection.setLocalDescription(await call.connection.createOffer())
    sdp = call.connection.localDescription.sdp
    return await call.client.invite(destination, sdp, call.call_id)


async def cause(signalling: Client, call_id: str) -> tuple[str, int]:
    """Wait for the bye of a call and return why."""
    bye = await signalling.event("verto.bye")
    assert bye["callID"] == call_id
    return bye["cause"], bye["causeCode"]


async def nobody_is_left(running: Running) -> None:
    """Check that the space holds no call any more."""
    assert await asyncio.to_thread(running.legs) == []
