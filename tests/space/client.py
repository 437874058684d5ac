"""A client for the tests: the same frames as the browser SDK, and media by aiortc."""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from sw_notebook.signaling.sdp import Description
from sw_notebook.space import LoopbackSpace
from sw_notebook.space.media.hooks import IceRestart

from .running import Running


class Refused(Exception):
    """An error answer."""

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(code, message)


class Client:
    """One WebSocket to a space; call ``connect()`` before anything else."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, token: str) -> None:
        self.socket = socket
        self.token = token
        self.protocol = ""
        self.state = ""
        self.order: list[str] = []  # what came: "reply", or the kind of the event
        self.pings = 0
        self.ping = asyncio.Event()
        self.pongs = True  # for its calls; it acknowledges every frame
        self.events: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()
        self._replies: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for message in self.socket:
            frame = json.loads(message.data)
            if "method" not in frame:
                self.order.append("reply")
                reply = self._replies.pop(str(frame["id"]), None)
                if reply is not None:
                    reply.set_result(frame)
                continue
            await self.send({"jsonrpc": "2.0", "id": frame["id"], "result": {}})
            if frame["method"] == "signalwire.ping":
                self.pings += 1
                self.ping.set()
            if frame["method"] == "signalwire.event":
                params = frame["params"]
                if params["event_type"] == "signalwire.authorization.state":
                    self.state = params["params"]["authorization_state"]
                else:
                    assert self.protocol in params["event_channel"]
                method = params["params"].get("method", params["event_type"])
                if method == "verto.ping" and self.pongs:
                    await self._pong(params["params"]["params"])
                self.order.append(method)
                await self.events.put((params["event_type"], params["params"]))

    async def _pong(self, ping: dict[str, Any]) -> None:
        message = {"jsonrpc": "2.0", "id": "inner", "method": "verto.pong", "params": ping}
        params = {"callID": ping["callID"], "node_id": "", "message": message}
        number = str(uuid.uuid4())
        await self.send(
            {"jsonrpc": "2.0", "id": number, "method": "webrtc.verto", "params": params}
        )

    async def send(self, frame: dict[str, Any] | str) -> None:
        """Send a frame as it is."""
        with contextlib.suppress(ConnectionError):
            await self.socket.send_str(frame if isinstance(frame, str) else json.dumps(frame))

    async def reply_to(self, frame: dict[str, Any] | str, id: str) -> dict[str, Any]:
        """Send a frame and return the frame that answers it."""
        self._replies[id] = asyncio.get_running_loop().create_future()
        await self.send(frame)
        return await self._replies[id]

    async def rpc(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """Send a request and return its result, or raise ``Refused``."""
        number = str(uuid.uuid4())
        request = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        reply = await self.reply_to(request, number)
        if "error" in reply:
            raise Refused(reply["error"]["code"], reply["error"]["message"])
        result: dict[str, Any] = reply["result"]
        return result

    async def connect(self, **extra: str) -> dict[str, Any]:
        """Introduce oneself as the SDK does."""
        params: dict[str, Any] = {
            "version": {"major": 4, "minor": 0, "revision": 0},
            "event_acks": True,
            "authentication": {"jwt_token": self.token},
            "agent": "signalwire-js/4.0.0",
            **extra,
        }
        result = await self.rpc("signalwire.connect", params)
        self.protocol = result["protocol"]
        return result

    async def verto(self, method: str, params: dict[str, Any], call_id: str) -> dict[str, Any]:
        """Send a Verto message and return its inner result."""
        message = {"jsonrpc": "2.0", "id": "inner", "method": method, "params": params}
        reply = await self.rpc(
            "webrtc.verto", {"callID": call_id, "node_id": "", "message": message}
        )
        assert reply["code"] == "200"
        result: dict[str, Any] = reply["result"]["result"]
        return result

    async def invite(
        self, destination: str, sdp: str, call_id: str = "", **more: Any
    ) -> dict[str, Any]:
        """Call; return the inner result.  ``more`` goes into ``dialogParams``."""
        call_id = call_id or str(uuid.uuid4())
        dialog = {
            "callID": call_id,
            "destination_number": destination,
            "remote_caller_id_number": destination,
            "userVariables": {"memberCallId": call_id},
            "screenShare": False,
            "additionalDevice": False,
            "pingSupported": True,
            "version": 1000,
            **more,
        }
        return await self.verto("verto.invite", {"dialogParams": dialog, "sdp": sdp}, call_id)

    async def bye(self, call_id: str) -> dict[str, Any]:
        """Hang up."""
        params = {"dialogParams": {"callID": call_id}, "cause": "NORMAL_CLEARING"}
        return await self.verto("verto.bye", params, call_id)

    async def modify(self, call_id: str, action: str, **more: str) -> dict[str, Any]:
        """Change a call: hold, unhold, transfer or updateMedia."""
        params = {"dialogParams": {"callID": call_id}, "action": action, **more}
        return await self.verto("verto.modify", params, call_id)

    async def event(self, kind: str) -> dict[str, Any]:
        """Return the parameters of the next event of this kind; others before it are dropped.

        A Verto message is named by its own method, and its parameters are returned.
        """
        while True:
            found, params = await self.events.get()
            if found == "webrtc.message":
                found, params = params["method"], params["params"]
            if found == kind:
                return params

    async def closed(self) -> int | None:
        """Wait until the space closes the socket, and return the code."""
        await self._reader
        return self.socket.close_code

    async def close(self) -> None:
        """Close the socket."""
        await self.socket.close()
        await self._reader


def _token(space: LoopbackSpace | Running) -> str:
    return space.token() if isinstance(space, Running) else space.token().reveal()


@contextlib.asynccontextmanager
async def client(space: LoopbackSpace | Running, token: str | None = None) -> AsyncIterator[Client]:
    """Return a client whose socket is open."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{space.url}/", max_msg_size=0) as socket,
    ):
        made = Client(socket, token or _token(space))
        try:
            yield made
        finally:
            await made.close()


def with_mids(answer: str, offer: str) -> str:
    """Insert what a browser does without and aiortc asks for: the offer's ``mid`` lines."""
    found, asked = Description.parse(answer), Description.parse(offer)
    text = "".join(f"{line}\r\n" for line in found.session)
    for section, wanted in zip(found.sections, asked.sections, strict=True):
        text += f"{section}a=mid:{wanted.values('mid')[0]}\r\n"
    return text


class Caller:
    """A call with media; ``audio`` and ``video`` are what it receives."""

    def __init__(self, signalling: Client, connection: RTCPeerConnection) -> None:
        self.client = signalling
        self.connection = connection
        self.call_id = str(uuid.uuid4())
        self.member_id = ""
        self.answer = ""
        self._restarts: list[IceRestart] = []

    @property
    def audio(self) -> Any:
        """The track of received sound."""
        return self._received("audio")

    @property
    def video(self) -> Any:
        """The track of received pictures."""
        return self._received("video")

    def _received(self, kind: str) -> Any:
        return next(r.track for r in self.connection.getReceivers() if r.track.kind == kind)

    async def dial(self, destination: str, edit: Callable[[str], str] = str, **dialog: Any) -> None:
        """Offer what the connection has, and wait until the media is connected.

        Args:
            destination: whom to call.
            edit: returns the offer as the space gets it.
            dialog: more that the invite says.
        """
        await self.connection.setLocalDescription(await self.connection.createOffer())
        offer = self.connection.localDescription.sdp
        result = await self.client.invite(destination, edit(offer), self.call_id, **dialog)
        self.member_id = result["memberID"]
        self.answer = (await self.client.event("verto.answer"))["sdp"]
        connected = asyncio.get_running_loop().create_future()

        def changed() -> None:
            if self.connection.connectionState != "connecting" and not connected.done():
                connected.set_result(self.connection.connectionState)

        self.connection.on("connectionstatechange", changed)
        answer = RTCSessionDescription(with_mids(self.answer, offer), "answer")
        await self.connection.setRemoteDescription(answer)
        assert await connected == "connected"

    async def update(self, *, restart: bool = False) -> str:
        """Offer what the connection has now, with ICE restarted or not; return the answer."""
        if restart:
            await self.retire()
            for transceiver in self.connection.getTransceivers():
                self._restarts.append(IceRestart(transceiver.receiver.transport.transport))
                await self._restarts[-1].begin()
        await self.connection.setLocalDescription(await self.connection.createOffer())
        offer = self.connection.localDescription.sdp
        result = await self.client.modify(self.call_id, "updateMedia", sdp=offer)
        assert (result["callID"], result["action"]) == (self.call_id, "updateMedia")
        answer: str = result["sdp"]
        await self.connection.setRemoteDescription(
            RTCSessionDescription(with_mids(answer, offer), "answer")
        )
        if restart:
            sections = Description.parse(answer).sections
            for fresh, section in zip(self._restarts, sections, strict=True):
                user, password = section.values("ice-ufrag"), section.values("ice-pwd")
                assert await fresh.finish(user[0], password[0])
        return answer

    async def retire(self) -> None:
        """Let go of the sockets that restarts have left behind."""
        for restart in self._restarts:
            await restart.undo()
        self._restarts = []


@contextlib.asynccontextmanager
async def caller(
    space: LoopbackSpace | Running, *media: Any, receive: str = "", token: str | None = None
) -> AsyncIterator[Caller]:
    """Return a caller that sends the tracks in ``media`` and receives the kinds in ``receive``."""
    async with client(space, token) as signalling:
        await signalling.connect()
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        for track in media:
            connection.addTrack(track)
        for kind in receive.split():
            connection.addTransceiver(kind, direction="recvonly")
        made = Caller(signalling, connection)
        try:
            yield made
        finally:
            if made.member_id and not signalling.socket.closed:
                # Else the space waits for a while whether it comes back.
                with contextlib.suppress(Refused, TimeoutError):
                    await asyncio.wait_for(signalling.bye(made.call_id), 2)
            await made.retire()
            await connection.close()
