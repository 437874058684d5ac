"""What one client can do to the others: nothing.  Who does too much is cut off."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import httpx
import pytest

from sw_notebook.signaling.jsonrpc import CALL_ERROR, INVALID_PARAMS, MAX_DEPTH, MAX_ID
from sw_notebook.signaling.sdp import MAX_CANDIDATES, MAX_SDP, MAX_SECTIONS
from sw_notebook.space import LoopbackSpace, connection
from sw_notebook.space.settings import Settings

from .client import Client, Refused, caller, client
from .media.test_line import strips
from .ringing import cause, invite, nobody_is_left, online, rings
from .running import Running

POLICY = 1008


@contextlib.asynccontextmanager
async def going_on(running: Running) -> AsyncIterator[Client]:
    """See that somebody else's call goes on in spite of what is done meanwhile."""
    async with caller(running, receive="video") as call:
        await call.dial("/public/bars")
        yield call.client
        assert await call.client.rpc("signalwire.ping", {"timestamp": 1}) == {"timestamp": 1}
        await strips(call.video, 3)


Others = Callable[[], contextlib.AbstractAsyncContextManager[Client]]


@pytest.fixture
def others(running: Running) -> Others:
    """Return what sees that another call goes on."""
    return functools.partial(going_on, running)


async def test_a_flood_of_frames(running: Running, others: Others) -> None:
    """Whoever sends more than 200 a second, after five seconds' worth, is closed with a word."""
    async with others(), client(running) as one:
        await one.connect()
        with contextlib.suppress(ConnectionError):
            for _ in range(3000):
                await one.socket.send_str("{}")
        assert await one.closed() in {POLICY, 1006}  # it may have lost the word by writing on


async def test_sockets_that_never_connect() -> None:
    """Each has ten seconds; here it has less."""
    settings = Settings(connect_seconds=0.3)
    async with Running().serving(settings) as running, client(running) as good:
        await good.connect()
        async with client(running) as idle:
            assert await idle.closed() == POLICY
        assert await good.rpc("signalwire.ping", {"timestamp": 1}) == {"timestamp": 1}


async def test_many_sockets_that_never_connect() -> None:
    """The oldest goes for the newest, so that who has a token always gets in."""
    settings = Settings(max_unconnected=3, max_sockets=1)
    async with Running().serving(settings) as running, contextlib.AsyncExitStack() as stack:
        idle = [await stack.enter_async_context(client(running)) for _ in range(3)]
        async with client(running) as good:
            assert await idle[0].closed() == 1006
            await good.connect()
            assert not idle[2].socket.closed


async def test_many_sockets_that_connect(caplog: pytest.LogCaptureFixture) -> None:
    """There is an end, and it has a sentence; those that are there stay."""
    settings = Settings(max_unconnected=1, max_sockets=2)
    async with Running().serving(settings) as running, contextlib.AsyncExitStack() as stack:
        for _ in range(3):
            one = await stack.enter_async_context(client(running))
            await one.connect()
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await stack.enter_async_context(client(running))
        assert refused.value.status == 503
        assert await one.rpc("signalwire.ping", {"timestamp": 1}) == {"timestamp": 1}
    assert "a client is turned away" in caplog.text


async def test_many_calls_of_one_client() -> None:
    """There is an end; another client has its own."""
    async with Running().serving(Settings(max_legs=2)) as running:
        offers = [caller(running, receive="audio") for _ in range(2)]
        async with offers[0] as one, offers[1] as other:
            await one.connection.setLocalDescription(await one.connection.createOffer())
            sdp = one.connection.localDescription.sdp
            for number in range(2):
                await one.client.invite("/public/no-answer", sdp, str(number))
            with pytest.raises(Refused, match="you have 2 calls up; hang up one") as refused:
                await one.client.invite("/public/no-answer", sdp, "third")
            assert refused.value.code == CALL_ERROR
            await other.dial("/public/bars")
            await one.client.bye("0")
            await one.client.invite("/public/no-answer", sdp, "third")


async def test_many_calls_in_all() -> None:
    """There is an end for all together, until somebody hangs up."""
    async with (
        Running().serving(Settings(max_calls=1)) as running,
        caller(running, receive="audio") as one,
        caller(running, receive="audio") as other,
    ):
        await one.dial("/public/bars")
        with pytest.raises(Refused, match="this space has 1 calls up; try later") as refused:
            await other.dial("/public/bars")
        assert refused.value.code == CALL_ERROR
        await one.client.bye(one.call_id)
        await other.dial("/public/bars")


@pytest.mark.parametrize("most", [1, 2])
async def test_clients_that_ring_count_among_all_calls(most: int) -> None:
    """No more of them ring than there is room for; for none the call ends and says why."""
    async with (
        Running().serving(Settings(max_calls=most)) as running,
        online(running, "bob") as desk,
        online(running, "bob") as kitchen,
        caller(running, receive="audio") as ada,
    ):
        await invite(ada)
        if most == 1:
            assert await cause(ada.client, ada.call_id) == ("NORMAL_CIRCUIT_CONGESTION", 34)
        else:
            async with rings(desk) as callee:
                assert len(await asyncio.to_thread(running.legs)) == most
                await callee.bye("CALL_REJECTED", "21")
                assert await cause(ada.client, ada.call_id) == ("CALL_REJECTED", 21)
        await kitchen.rpc("signalwire.ping", {"timestamp": 1})
        assert "verto.invite" not in kitchen.order
        await nobody_is_left(running)


@pytest.mark.parametrize(("limit", "most"), [("MAX_UNSENT", 20), ("MAX_UNSENT_BYTES", 20_000)])
async def test_a_slow_reader(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, limit: str, most: int
) -> None:
    """Who asks and never reads is cut when too many frames, or too large ones, wait for it."""
    monkeypatch.setattr(connection, "MAX_UNSENT", 1 << 30)
    monkeypatch.setattr(connection, limit, most)
    settings = Settings(max_frame_rate=100_000)
    async with Running().serving(settings) as running, going_on(running) as other:
        host, port = running.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port), limit=1)
        upgrade = (
            f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        writer.write(upgrade.encode())
        await reader.read(1)
        # Each is refused with its own id, so that what is said is longer than what was sent.
        asked = {"jsonrpc": "2.0", "id": "é" * MAX_ID, "method": "nonsense"}
        frame = json.dumps(asked, ensure_ascii=False).encode()
        masked = b"\x81\xfe" + len(frame).to_bytes(2, "big") + bytes(4) + frame

        async def ask() -> None:
            for _ in range(10_000):  # more than what the sockets between the two hold
                writer.write(masked * 10)
                await writer.drain()

        with pytest.raises(ConnectionError):
            await ask()
        writer.close()
        assert "does not read" in caplog.text
        assert await other.rpc("subscriber.online", {})


def bombs() -> dict[str, str]:
    """Offers that are too much."""
    head = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
    section = (
        "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=rtcp-mux\r\na=ice-ufrag:abcd\r\n"
        "a=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=setup:actpass\r\na=rtpmap:111 opus/48000/2\r\n"
        f"a=fingerprint:sha-256 {':'.join(['AA'] * 32)}\r\n"
    )
    candidate = "a=candidate:1 1 udp 1 192.0.2.1 {} typ host\r\n"
    many = "".join(candidate.format(port + 1) for port in range(MAX_CANDIDATES + 1))
    return {
        "characters": head + section + "a=x:" + "y" * MAX_SDP,
        "sections": head + section * (MAX_SECTIONS + 1),
        "candidates": head + section + many,
    }


@pytest.mark.parametrize("kind", ["characters", "sections", "candidates"])
async def test_an_sdp_bomb(running: Running, others: Others, kind: str) -> None:
    """Is refused before anything is made of it, in an invite and in a call."""
    bomb = bombs()[kind]
    async with others(), caller(running, receive="audio") as call:
        with pytest.raises(Refused, match=f"{kind}; send at most") as refused:
            await call.client.invite("/public/bars", bomb)
        assert refused.value.code == INVALID_PARAMS
        await call.dial("/public/bars")
        with pytest.raises(Refused, match=f"{kind}; send at most"):
            await call.client.modify(call.call_id, "updateMedia", sdp=bomb)
        assert await call.audio.recv()


def naming(name: str, value: Any) -> tuple[str, dict[str, Any]]:
    """Return a request in which something has that value, by what it is called."""
    dialog = {"dialogParams": {"callID": "c"}}
    if name in {"call_id", "member_id"}:
        me = {"node_id": "n", "call_id": "c", "member_id": "m", name: value}
        return "call.mute", {"self": me, "target": me}
    if name == "id":
        inner = {"id": value, "method": "verto.bye", "params": dialog}
    elif name == "dtmf":
        inner = {"method": "verto.info", "params": {**dialog, "dtmf": value}}
    elif name == "cause":
        inner = {"method": "verto.bye", "params": {**dialog, "cause": value}}
    else:
        inner = {"method": "verto.bye", "params": {"dialogParams": {name: value}}}
    return "webrtc.verto", {"message": inner}


@pytest.mark.parametrize("name", ["id", "callID", "cause", "dtmf", "call_id", "member_id"])
async def test_long_names(running: Running, others: Others, name: str) -> None:
    """Are refused, for they are kept and said again."""
    async with others(), client(running) as one:
        await one.connect()
        with pytest.raises(Refused, match=f"at most {MAX_ID} characters of {name}"):
            await one.rpc(*naming(name, "x" * (MAX_ID + 1)))
        with pytest.raises(Refused, match="CALL DOES NOT EXIST"):
            await one.rpc(*naming(name, "x" * MAX_ID))


async def test_a_long_id(running: Running, others: Others) -> None:
    """Is not said again."""
    async with others(), client(running) as one:
        await one.connect()
        frame = {"jsonrpc": "2.0", "id": "x" * (MAX_ID + 1), "method": "subscriber.online"}
        assert "the id has 201" in (await one.reply_to(frame, "None"))["error"]["message"]


async def test_what_is_passed_along(running: Running, others: Others) -> None:
    """Has an end, as whoever is rung gets it."""
    async with others(), client(running) as one:
        await one.connect()
        with pytest.raises(Refused, match="send at most 65536") as refused:
            await one.invite("/public/bars", "v=0", userVariables={"a": "x" * (1 << 16)})
        assert refused.value.code == INVALID_PARAMS


async def test_a_log_of_lines(space: LoopbackSpace) -> None:
    """Nobody writes a line of the log by a name, nor breaks it by half a character."""
    mark = uuid.uuid4().hex
    async with caller(space, receive="audio") as call:
        call.call_id = f"{mark}\ud800"
        await call.dial("/public/bars")
        params = {"dialogParams": {"callID": call.call_id}, "cause": f"X\n{mark} forged\x1b[2K"}
        await call.client.verto("verto.bye", params, call.call_id)
    assert space.log_file is not None
    lines = [line for line in space.log_file.read_text().splitlines() if mark in line]
    assert [line for line in lines if line.endswith(f"ends: X\\n{mark} forged\\x1b[2K")]
    assert all(" INFO call " in line for line in lines)


async def test_deep_json(running: Running, others: Others) -> None:
    """Is refused as such, up to where the parser itself gives up."""
    async with others(), client(running) as one:
        await one.connect()
        for depth, words in ((MAX_DEPTH + 1, "nested deeper than"), (200_000, "is not JSON")):
            deep = "[" * depth + "]" * depth
            frame = '{"jsonrpc":"2.0","id":"7","method":"call.end","params":{"a":' + deep + "}}"
            assert words in (await one.reply_to(frame, "None"))["error"]["message"]
            assert await one.rpc("signalwire.ping", {"timestamp": 1}) == {"timestamp": 1}


async def test_huge_json_over_rest(running: Running) -> None:
    """More than a megabyte is not read; deep is refused with words."""
    assert running.keys is not None
    auth = (running.keys.project_id, running.keys.api_token)
    url = f"{running.url}/api/loopback/faults"
    async with httpx.AsyncClient(trust_env=False, auth=auth) as http:
        huge = await http.post(url, json={"x": "y" * (1 << 21)})
        assert huge.status_code == 413
        deep = await http.post(url, content="[" * 100_000)
        assert (deep.status_code, "not JSON" in deep.text) == (400, True)
        assert (await http.get(url)).status_code == 200
