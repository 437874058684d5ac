"""A far side of the test's own: real signalling frames, and aiortc with a shape to choose.

It stands in for servers that the loopback space does not imitate: answers of other shapes, and
packets that no honest sender makes.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime as dt
import functools
import json
import re
import threading
import warnings
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any, Self

import aiohttp
from aiohttp import web
from aioice.ice import StunProtocol
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCDtlsTransport,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.rtcdtlstransport import RTCCertificate
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from OpenSSL import SSL

from sw_notebook.receiver.child import hooks
from sw_notebook.tokens import Token
from tests.check.checking import jwt
from tests.space.media.test_line import NumberedVideo, Tone

__all__ = ["Peer", "Place", "peering", "use_rsa", "ways", "without_resends"]

Prepare = Callable[[RTCPeerConnection], object]
Shape = Callable[[str], str]
Says = Callable[[str], Iterable[tuple[str, str]]]


def same(text: str) -> str:
    """Leave a description as it is."""
    return text


def at_once(sdp: str) -> Iterable[tuple[str, str]]:
    """Answer with the description."""
    return [("verto.answer", sdp)]


def without_resends(text: str) -> str:
    """Leave out the streams that would resend packets (RTX)."""
    for number in re.findall(r"a=rtpmap:(\d+) rtx/", text):
        text = re.sub(rf"a=(?:rtpmap|fmtp|rtcp-fb):{number} .*\r\n", "", text)
        text = re.sub(rf"(m=video .*) {number}(?=[ \r])", r"\1", text)
    return text


@dataclasses.dataclass
class Place:
    """What a receiver needs of a space: where it is, and tokens that lead there."""

    url: str = ""
    domain: str = "peer.loopback.invalid"

    def start(self) -> Self:
        """It runs already."""
        return self

    def revive(self, gone: str) -> Self:
        """It does not end."""
        return self

    def token(self, reference: str = "") -> Token:
        """Return a token that leads here."""
        return Token(jwt({"typ": "SAT", "ch": f"relay.{self.domain}"}))


@dataclasses.dataclass
class Peer(Place):
    """A space with one thing to call, in a thread of its own.

    Args:
        offer: changes the offer before aiortc sees it.
        answer: changes the answer before it is sent.
        prepare: sees the connection before it has an offer.
        says: makes the messages of its answer, of the description: each with one or with ``""``.
        tracks: makes what it plays.
        pongs: whether it answers WebSocket pings, as FreeSWITCH does not.
        knows_pong: whether it takes ``verto.pong``, as FreeSWITCH itself does not.
        ice_servers: what it tells of STUN and TURN servers.
    """

    offer: Shape = same
    answer: Shape = same
    prepare: Prepare = lambda _: None
    says: Says = at_once
    tracks: Callable[[], list[MediaStreamTrack]] = lambda: [Tone(), NumberedVideo()]
    pongs: bool = True
    knows_pong: bool = True
    ice_servers: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    heard: list[str] = dataclasses.field(default_factory=list)
    """The methods that were asked for."""
    frames: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    """The requests themselves."""
    connection: RTCPeerConnection | None = None
    refuses: bool = False
    """Whether nobody is let in any more."""
    opened: int = 0
    """How often its socket was opened."""
    pings: int = 0
    """The WebSocket pings that came where it does not answer them."""

    # what the test does with it

    def do(self, work: Callable[[RTCPeerConnection], Awaitable[object]]) -> None:
        """Do something with the connection, on its own thread."""
        assert self.connection is not None
        asyncio.run_coroutine_threadsafe(_await(work(self.connection)), self._loop).result(30)

    def tell(self, method: str, **params: Any) -> None:
        """Send an event about the call."""
        asyncio.run_coroutine_threadsafe(self._event(method, **params), self._loop).result(30)

    def cut(self) -> None:
        """Close the socket without a word."""
        asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result(30)

    async def _cut(self) -> None:
        assert self._ws._req is not None
        transport = self._ws._req.transport
        assert transport is not None
        transport.close()

    # what it does by itself

    async def _serve(self, ready: Callable[[], None], over: asyncio.Event) -> None:
        self._loop = asyncio.get_running_loop()
        app = web.Application()
        app.router.add_get("/api/fabric/subscriber/info", self._info)
        app.router.add_get("/", self._socket)
        runner = web.AppRunner(app, shutdown_timeout=0)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        assert site._server is not None
        port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
        self.url = f"http://127.0.0.1:{port}"
        ready()
        await over.wait()
        if self.connection is not None:
            await self.connection.close()
        await runner.cleanup()

    async def _info(self, request: web.Request) -> web.Response:
        return web.json_response({"id": "s1", "fabric_addresses": []})

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        self.opened += 1
        self._ws = web.WebSocketResponse(autoping=self.pongs)
        await self._ws.prepare(request)
        async for message in self._ws:
            if message.type is aiohttp.WSMsgType.PING:
                self.pings += 1
            elif message.type is aiohttp.WSMsgType.TEXT:
                frame = json.loads(message.data)
                if "method" in frame:
                    await self._asked(frame)
        return self._ws

    async def _asked(self, frame: dict[str, Any]) -> None:
        inner = frame["params"].get("message", frame)
        self.heard.append(inner["method"])
        self.frames.append(frame)
        match inner["method"]:
            case "signalwire.connect" if self.refuses:
                await self._refuse(frame, -32002, "the token has expired")
            case "verto.pong" if not self.knows_pong:
                await self._refuse(frame, -32601, "Invalid Method, Missing Method or Permission")
            case "signalwire.connect":
                authorization = {"jti": "j", "project_id": "p", "fabric_subscriber": {}}
                result: dict[str, Any] = {
                    "identity": "i",
                    "protocol": "p1",
                    "authorization": authorization,
                    "ice_servers": self.ice_servers,
                }
                await self._reply(frame, result)
            case "verto.invite":
                self.call_id = frame["params"]["callID"]
                said = {"message": "CALL CREATED", "callID": self.call_id, "memberID": "m"}
                await self._reply(
                    frame, {"node_id": "n", "code": "200", "result": {"result": said}}
                )
                await self._answer(inner["params"]["sdp"])
            case "verto.bye":
                said = {"message": "CALL ENDED", "causeCode": 16}
                await self._reply(frame, {"code": "200", "result": {"result": said}})
            case _:
                await self._reply(frame, {"code": "200"})

    async def _answer(self, sdp: str) -> None:
        pc = self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.prepare(pc)
        await pc.setRemoteDescription(RTCSessionDescription(self.offer(sdp), "offer"))
        for track in self.tracks():
            pc.addTrack(track)
        await pc.setLocalDescription(await pc.createAnswer())
        text = self.answer(pc.localDescription.sdp)
        for method, sdp in self.says(text):
            await self._event(method, **({"sdp": sdp} if sdp else {}))

    async def _reply(self, frame: dict[str, Any], result: dict[str, Any]) -> None:
        await self._ws.send_json({"jsonrpc": "2.0", "id": frame["id"], "result": result})

    async def _refuse(self, frame: dict[str, Any], code: int, words: str) -> None:
        error = {"code": code, "message": words}
        await self._ws.send_json({"jsonrpc": "2.0", "id": frame["id"], "error": error})

    async def _event(self, method: str, **params: Any) -> None:
        message = {
            "jsonrpc": "2.0",
            "id": "e",
            "method": method,
            "params": {"callID": self.call_id, **params},
        }
        event = {"event_type": "webrtc.message", "event_channel": "p1", "params": message}
        frame = {"jsonrpc": "2.0", "id": "e1", "method": "signalwire.event", "params": event}
        await self._ws.send_json(frame)


def ways(pc: RTCPeerConnection) -> list[StunProtocol]:
    """The sockets of a connection, as aioice has them."""
    transports = {t.sender.transport.transport for t in pc.getTransceivers()}
    return [way for transport in transports for way in transport._connection._protocols]


async def _await(work: Awaitable[object]) -> object:
    return await work


@contextlib.contextmanager
def peering(**options: Any) -> Iterator[Peer]:
    """Run a peer for a while."""
    peer = Peer(**options)
    ready, over, loops = threading.Event(), asyncio.Event(), []

    async def run() -> None:
        loops.append(asyncio.get_running_loop())
        await peer._serve(ready.set, over)

    thread = threading.Thread(target=asyncio.run, args=(run(),), name="peer")
    thread.start()
    assert ready.wait(30)
    try:
        yield peer
    finally:
        loops[0].call_soon_threadsafe(over.set)
        thread.join()


@functools.cache
def _as_freeswitch() -> RTCCertificate:
    """Make a certificate as FreeSWITCH makes its own: RSA-4096, with the serial number 0.

    Nothing signs that number any more, so it is put into what was signed with another.
    """
    key = rsa.generate_private_key(public_exponent=65537, key_size=4096)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "FreeSWITCH")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    signed = certificate.tbs_certificate_bytes
    wanted = signed.replace(b"\x02\x01\x01", b"\x02\x01\x00", 1)  # the first INTEGER 1
    signature = key.sign(wanted, padding.PKCS1v15(), hashes.SHA256())
    whole = certificate.public_bytes(serialization.Encoding.DER).replace(signed, wanted)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Parsed a serial number")
        theirs = x509.load_der_x509_certificate(whole[: -len(signature)] + signature)
        assert theirs.serial_number == 0
    theirs.verify_directly_issued_by(theirs)
    return RTCCertificate(key=key, cert=theirs)  # type: ignore[arg-type]


async def _write_all(transport: RTCDtlsTransport) -> None:
    """Send all that DTLS has to say, a record at a time.

    aiortc sends the first 1500 bytes of it, and a flight with such a certificate has more.
    """
    assert transport._ssl is not None
    with contextlib.suppress(SSL.Error):  # there is no more
        data = transport._ssl.bio_read(1 << 16)
        while data:
            size = 13 + int.from_bytes(data[11:13])
            await transport.transport._send(data[:size])
            data = data[size:]


def use_rsa(pc: RTCPeerConnection) -> None:
    """Let it have a certificate as FreeSWITCH's."""
    theirs = _as_freeswitch()
    parts: dict[str, Any] = vars(pc)
    # not the one that is kept: its ciphers are changed below
    parts["_RTCPeerConnection__certificates"] = [RTCCertificate(key=theirs._key, cert=theirs._cert)]
    hooks.accept_rsa(pc)
    create = pc._RTCPeerConnection__createDtlsTransport  # type: ignore[attr-defined]

    def created(*values: Any) -> RTCDtlsTransport:
        transport: RTCDtlsTransport = create(*values)
        vars(transport)["_write_ssl"] = functools.partial(_write_all, transport)
        return transport

    parts["_RTCPeerConnection__createDtlsTransport"] = created
