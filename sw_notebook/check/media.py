"""A receive-only peer connection, and the first that comes over it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError

from sw_notebook.receiver.child import hooks
from sw_notebook.signaling.negotiation import answer_for_aiortc, offer_from_aiortc

from .steps import StepFailed

__all__ = ["Media"]

_UDP = "check whether a firewall or VPN blocks UDP, and whether the space gives a TURN server"


class Media:
    """Receives audio and video.

    Args:
        ice_servers: ``RTCIceServer`` dicts that were checked.
    """

    def __init__(self, ice_servers: Sequence[dict[str, Any]]) -> None:
        servers = [RTCIceServer(**server) for server in ice_servers]
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=servers))
        self._settled: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._connection.on("connectionstatechange", self._changed)
        self._offer = ""
        self._waiting: set[str] = set()

    def _changed(self) -> None:
        state = self._connection.connectionState
        if state in ("connected", "failed", "closed") and not self._settled.done():
            self._settled.set_result(state)

    async def offer(self) -> str:
        """Gather all candidates, and return the offer.

        Raises:
            StepFailed: aiortc cannot, as with an ICE server whose name leads nowhere.
        """
        try:
            for kind in ("audio", "video"):  # FreeSWITCH answers in this order
                self._connection.addTransceiver(kind, direction="recvonly")
            await self._connection.setLocalDescription(await self._connection.createOffer())
        except Exception as error:  # noqa: BLE001 - of the network, or of an odd server's address
            raise StepFailed(
                f"aiortc cannot gather candidates ({type(error).__name__})",
                "check the network, and whether this machine reaches the space's ICE servers",
            ) from None
        self._offer = self._connection.localDescription.sdp
        return offer_from_aiortc(self._offer)

    async def accept(self, answer: str) -> str:
        """Take the answer, and return it as aiortc got it.

        Raises:
            SDPError: it accepts nothing.
            StepFailed: aiortc does not take it.
        """
        fixed = answer_for_aiortc(answer, self._offer)
        try:
            await self._connection.setRemoteDescription(RTCSessionDescription(fixed, "answer"))
        except Exception as error:  # noqa: BLE001 - aiortc raises what its parser happens to
            raise StepFailed(
                f"aiortc does not take the answer ({type(error).__name__})",
                "report it with these lines",
            ) from None
        return fixed

    async def arrives(self, facts: list[str]) -> None:
        """Wait until media is connected, and the first of each accepted kind has come.

        Args:
            facts: gets what is known, as soon as it is.

        Raises:
            StepFailed: the connection failed, or a track ended.
        """
        started = time.monotonic()
        tracks = [
            transceiver.receiver.track
            for transceiver in self._connection.getTransceivers()
            if transceiver.currentDirection == "recvonly"
        ]
        self._waiting = {track.kind for track in tracks}
        # shielded: whoever is cancelled here for being late asks then whether it had settled
        if await asyncio.shield(self._settled) != "connected":
            raise StepFailed("the media connection failed (ICE or DTLS)", _UDP)
        facts.append(f"ICE {', '.join(self._pairs())}")
        await asyncio.gather(*(self._first(track, started, facts) for track in tracks))

    async def _first(self, track: MediaStreamTrack, started: float, facts: list[str]) -> None:
        try:
            await track.recv()
        except MediaStreamError:
            raise StepFailed(f"the {track.kind} ended before it began", _UDP) from None
        self._waiting.discard(track.kind)
        facts.append(f"{track.kind} after {(time.monotonic() - started) * 1000:.0f} ms")

    def late(self) -> StepFailed:
        """Say what has not come, after the time that it had."""
        if not self._settled.done():
            return StepFailed("the media connection was not there in time", _UDP)
        return StepFailed(
            f"no {' and no '.join(sorted(self._waiting))} came in time",
            "dial a destination that plays something; an echo returns nothing to who sends nothing",
        )

    def _pairs(self) -> list[str]:
        """The types of the candidates in use, ours and theirs, as ``host/srflx``."""
        found = {
            pair
            for transceiver in self._connection.getTransceivers()
            for pair in hooks.pairs(transceiver.receiver.transport)
        }
        return sorted(found) or ["unknown"]

    async def aclose(self) -> None:
        """Let go of all sockets."""
        await self._connection.close()
