"""aiortc as its examples use it: in a thread of the process whose cells look at the frames."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import av
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from websockets.asyncio.client import connect

__all__ = ["naive"]


@contextlib.contextmanager
def naive(
    url: str, take: Callable[[av.VideoFrame], object] | None, every: float = 0.0
) -> Iterator[None]:
    """Receive from a projector for a while.

    Args:
        url: of the projector.
        take: called with each frame, in the thread; None asks for no frame.
        every: seconds between two frames that are asked for.
    """
    ready, over = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def run() -> None:
        loops.append(asyncio.get_running_loop())
        async with _connected(url) as pc:
            ready.set()
            taking = asyncio.ensure_future(_take(pc, take, every))
            await over.wait()
            taking.cancel()

    thread = threading.Thread(target=asyncio.run, args=(run(),), name="naive")
    thread.start()
    assert ready.wait(30)
    try:
        yield
    finally:
        loops[0].call_soon_threadsafe(over.set)
        thread.join()


async def _take(
    pc: RTCPeerConnection, take: Callable[[av.VideoFrame], object] | None, every: float
) -> None:
    _sound, video = (receiver.track for receiver in pc.getReceivers())
    while take is not None:
        frame: Any = await video.recv()
        take(frame)
        await asyncio.sleep(every)


@contextlib.asynccontextmanager
async def _connected(url: str) -> AsyncIterator[RTCPeerConnection]:
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    up = asyncio.Event()
    pc.on("connectionstatechange", lambda: up.set() if pc.connectionState == "connected" else None)
    for kind in ("audio", "video"):
        pc.addTransceiver(kind, direction="recvonly")
    await pc.setLocalDescription(await pc.createOffer())
    async with connect(url.replace("http", "ws")) as socket:
        invite = {"method": "verto.invite", "params": {"sdp": pc.localDescription.sdp}}
        params = {"callID": "naive", "message": invite}
        frame = {"jsonrpc": "2.0", "id": "1", "method": "webrtc.verto", "params": params}
        await socket.send(json.dumps(frame))
        await pc.setRemoteDescription(RTCSessionDescription(await _answer(socket), "answer"))
        await up.wait()
        try:
            yield pc
        finally:
            await pc.close()


async def _answer(socket: Any) -> str:
    async for text in socket:
        frame = json.loads(text)
        if frame.get("method") == "signalwire.event":
            return str(frame["params"]["params"]["params"]["sdp"])
    raise ConnectionError("the projector did not answer")
