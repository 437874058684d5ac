"""The check against servers that do not do what they should."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from .checking import Checked, Checking, jwt

API_TOKEN = "PT0123456789abcdef0123456789abcdef0123456789abcdef"
PROJECT = "0b1c2d3e-0000-4000-8000-00000000face"


TOKEN = jwt({"typ": "SAT", "ch": "relay.odd.loopback.invalid"})

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def says(body: object, status: int = 200) -> Handler:
    """A handler that answers this, as JSON or as it is."""

    async def handler(request: web.Request) -> web.Response:
        if isinstance(body, str):
            return web.Response(text=body, status=status, content_type="text/html")
        return web.json_response(body, status=status)

    return handler


def answers(replies: dict[str, Callable[[dict[str, Any]], list[Any]]]) -> Handler:
    """A WebSocket that sends frames for each method; no frame closes the socket."""

    async def handler(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            frame = json.loads(message.data)
            if "method" not in frame:
                continue  # an ack
            method = frame["params"].get("message", frame)["method"]
            frames = replies[method](frame) if method in replies else []
            if not frames:
                await socket.close(code=4401, message=b"the token " + TOKEN.encode()[:20])
            for text in frames:
                await socket.send_str(text if isinstance(text, str) else json.dumps(text))
        return socket

    return handler


def result(frame: dict[str, Any], **values: Any) -> dict[str, Any]:
    """The answer to a frame."""
    return {"jsonrpc": "2.0", "id": frame["id"], "result": values}


def error(frame: dict[str, Any], message: str) -> dict[str, Any]:
    """The refusal of a frame."""
    return {"jsonrpc": "2.0", "id": frame["id"], "error": {"code": -32002, "message": message}}


def connected(frame: dict[str, Any]) -> list[Any]:
    """Accept a connection, after frames that mean nothing."""
    return ["{", "[]", '{"id": 5}', result(frame, protocol="p1"), "nonsense"]


def online(frame: dict[str, Any]) -> list[Any]:
    """Take note that somebody is there."""
    return [result(frame, code="200")]


def created(frame: dict[str, Any]) -> list[Any]:
    """Take an invite, and answer it with what is no session description."""
    call_id = frame["params"]["callID"]
    inner = {"result": {"message": "CALL CREATED", "callID": call_id, "memberID": "m"}}
    return [result(frame, code="200", result=inner), event("verto.answer", call_id, sdp="nonsense")]


SOUND = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF {codec}\r\na=sendonly\r\na=rtcp-mux\r\n"
    "a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\na=setup:active\r\n"
    "a=fingerprint:sha-256 AA:BB\r\n"
)
OPUS = SOUND.format(codec="96\r\na=rtpmap:96 opus/48000/2")
CANDIDATE = "a=candidate:1 1 udp 1 127.0.0.1 9 typ host generation 0\r\n"
END = "a=end-of-candidates\r\n"


def nobody(frame: dict[str, Any]) -> list[Any]:
    """Refuse an invite, and repeat whom it was for."""
    dialog = frame["params"]["message"]["params"]["dialogParams"]
    return [error(frame, f"{dialog['destination_number']} is not there")]


def unknown(frame: dict[str, Any]) -> list[Any]:
    """Answer with a codec that nobody offered."""
    sdp = SOUND.format(codec="101\r\na=rtpmap:101 tea/8000")
    return [created(frame)[0], event("verto.answer", frame["params"]["callID"], sdp=sdp)]


def undecided(frame: dict[str, Any]) -> list[Any]:
    """Answer without saying who opens DTLS."""
    sdp = OPUS.replace("setup:active", "setup:actpass")
    return [created(frame)[0], event("verto.answer", frame["params"]["callID"], sdp=sdp)]


def unreachable(frame: dict[str, Any]) -> list[Any]:
    """Answer without any address to send to; the media comes early."""
    call_id = frame["params"]["callID"]
    early = event("verto.media", call_id, sdp=OPUS + END)
    return [early, created(frame)[0], event("verto.answer", call_id)]


def pinging(frame: dict[str, Any]) -> list[Any]:
    """Take an invite, and ask whether the call is there; hang up once that was answered."""
    return [created(frame)[0], event("verto.ping", frame["params"]["callID"], serno=1)]


def ponged(frame: dict[str, Any]) -> list[Any]:
    """Refuse a pong, as FreeSWITCH does, and hang up."""
    bye = event("verto.bye", frame["params"]["callID"], causeCode=19)
    return [error(frame, "no such method"), bye]


def leaving(frame: dict[str, Any]) -> list[Any]:
    """Answer, and hang up before media is there."""
    call_id = frame["params"]["callID"]
    answer = event("verto.answer", call_id, sdp=OPUS + CANDIDATE + END)
    return [created(frame)[0], answer, event("verto.bye", call_id, causeCode=41)]


def event(method: str, call_id: str, **values: Any) -> dict[str, Any]:
    """An event about a call."""
    inner = {"jsonrpc": "2.0", "id": "i", "method": method, "params": {"callID": call_id, **values}}
    params = {"event_type": "webrtc.message", "params": inner}
    return {"jsonrpc": "2.0", "id": "e", "method": "signalwire.event", "params": params}


def ended(frame: dict[str, Any]) -> list[Any]:
    """End a call."""
    return [result(frame, code="200", result={"result": {"cause": "NORMAL_CLEARING"}})]


def garbled(frame: dict[str, Any]) -> list[Any]:
    """Take an invite; ended by the far side at once, with a cause that nobody knows."""
    bye = event("verto.bye", frame["params"]["callID"], cause=f"TEA_{TOKEN}", causeCode=999)
    return [created(frame)[0], bye]


def empty(frame: dict[str, Any]) -> list[Any]:
    """Take an invite, and answer it without media."""
    return [created(frame)[0], event("verto.answer", frame["params"]["callID"])]


@contextlib.asynccontextmanager
async def serving(**handlers: Handler) -> AsyncIterator[str]:
    """A server that gives a good token and a subscriber, unless told otherwise."""
    usual = {
        "token": says({"token": TOKEN}),
        "info": says({"id": "1", "fabric_addresses": "none"}),
        "socket": answers({"signalwire.connect": connected, "subscriber.online": online}),
    }
    handlers = usual | handlers
    app = web.Application()
    app.router.add_post("/api/fabric/subscribers/tokens", handlers["token"])
    app.router.add_get("/api/fabric/subscriber/info", handlers["info"])
    app.router.add_get("/", handlers["socket"])
    app.router.add_get("/elsewhere", usual["socket"])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def checked(checking: Checking, *args: str, **handlers: Handler) -> Checked:
    """What the check says of such a server; never a secret."""
    async with serving(**handlers) as url:
        checking.use(url, PROJECT, API_TOKEN)
        found = await asyncio.to_thread(checking, *args)
    for secret in (TOKEN, TOKEN.partition(".")[0], API_TOKEN, PROJECT):
        assert secret not in found.text
    return found


async def test_the_odd_server_itself_is_in_order(checking: Checking) -> None:
    """Frames that mean nothing are no fault, nor addresses that are none."""
    found = await checked(checking)
    assert found.status == 0, found.text
    assert "0 addresses" in found.details["subscriber"]


async def elsewhere(request: web.Request) -> web.Response:
    """Send visitors to the same server under another name."""
    port = request.url.port
    raise web.HTTPFound(f"ws://localhost:{port}/elsewhere")


@pytest.mark.parametrize(
    ("step", "words", "handlers"),
    [
        ("token", "holds no token", {"token": says("<html>")}),
        ("token", "(503)", {"token": says({"error": API_TOKEN}, 503)}),
        ("token", "names no host", {"token": says({"token": jwt({"typ": "SAT"})})}),
        ("subscriber", "its answer names none", {"info": says("<html>")}),
        ("subscriber", "it said … (401)", {"info": says({"error": f"it said {TOKEN}"}, 401)}),
        ("subscriber", "gave no subscriber", {"info": says({}, 302)}),
        ("connect", "HTTP 404", {"socket": says({}, 404)}),
        ("connect", "HTTP 200", {"socket": says("<html>")}),
        ("connect", "elsewhere, where tokens must not go", {"socket": elsewhere}),
        ("connect", "closed the WebSocket (code 4401", {"socket": answers({})}),
        (
            "connect",
            "connection was refused: Bad token … of …face from (address) (-32002)",
            {
                "socket": answers(
                    {
                        "signalwire.connect": lambda frame: [
                            error(frame, f"Bad token {TOKEN} of {PROJECT} from 203.0.113.7")
                        ]
                    }
                )
            },
        ),
        (
            "connect",
            "needs protocol as a string",
            {"socket": answers({"signalwire.connect": lambda frame: [result(frame)]})},
        ),
    ],
)
async def test_what_is_wrong_is_said(
    checking: Checking, step: str, words: str, handlers: dict[str, Handler]
) -> None:
    """The step that failed, and why."""
    found = await checked(checking, "--to", "/public/bars", **handlers)
    assert words in found.only(step)


@pytest.mark.parametrize(
    ("step", "words", "invited"),
    [
        ("dial", "closed the WebSocket", lambda frame: []),
        ("dial", "the call was not created", lambda frame: [result(frame, code="200")]),
        ("dial", "refused: no … (-32002)", lambda frame: [error(frame, f"no {TOKEN}")]),
        ("dial", "refused: … is not there (-32002)", nobody),
        ("answer", "does not begin with v=0", created),
        ("answer", "the answer has no media", empty),
        ("answer", "(TEA_… 999)", garbled),
        ("answer", "accepts nothing of what was offered", unknown),
        ("answer", "aiortc does not take the answer (ValueError)", undecided),
        ("answer", "nobody answered (NO_ANSWER 19)", pinging),
        ("media", "the media connection failed", unreachable),
        ("media", "the call ended before its media came: something failed for now", leaving),
    ],
)
async def test_what_is_wrong_with_a_call_is_said(
    checking: Checking, step: str, words: str, invited: Callable[[dict[str, Any]], list[Any]]
) -> None:
    """And it is hung up where it is up."""
    replies = {
        "signalwire.connect": connected,
        "subscriber.online": online,
        "verto.invite": invited,
        "verto.pong": ponged,
        "verto.bye": ended,
    }
    found = await checked(checking, "--to", "+15551234567", socket=answers(replies))
    assert found.failed == step
    assert words in found.details[step]
    assert "phone …4567" in found.details["dial"]
    assert "15551234567" not in found.text
    up = invited in (created, empty, unknown, undecided, unreachable)
    assert found.outcomes["hang up"] == ("ok" if up else "skipped")
