"""The WebSocket, spoken to by a real client."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from sw_notebook.signaling.jsonrpc import CALL_ERROR, FORBIDDEN, INVALID_PARAMS, MAX_FRAME
from sw_notebook.space import LoopbackSpace, connection, gateway
from sw_notebook.space.connection import GOING_AWAY
from sw_notebook.space.gateway import Gateway
from sw_notebook.space.settings import Settings

from .client import Refused, caller, client
from .running import Running

Until = Callable[[Callable[[], bool]], Awaitable[None]]


async def test_connecting_tells_the_client_about_itself(space: LoopbackSpace) -> None:
    """And hands out the state to come back with."""
    async with client(space) as one:
        result = await one.connect()
        assert result["authorization"]["jti"]
        assert result["authorization"]["project_id"] == space.project_id
        assert result["ice_servers"] == []
        await one.event("signalwire.authorization.state")
        assert one.state
        assert (await one.rpc("subscriber.online", {}))["code"] == "200"
        assert (await one.rpc("subscriber.offline", {}))["code"] == "200"
        assert await one.rpc("signalwire.ping", {"timestamp": 12.5}) == {"timestamp": 12.5}


async def test_a_session_goes_on_with_another_token(space: LoopbackSpace) -> None:
    """The new token's rights are the session's."""
    async with client(space) as one:
        await one.connect()
        narrow = space.token(allowed_addresses=["/public/echo"]).reveal()
        params = {"authentication": {"project": "p", "jwt_token": narrow}}
        result = await one.rpc("signalwire.reauthenticate", params)
        assert result["authorization"]["jti"]
        with pytest.raises(Refused) as refused:
            await one.invite("/public/bars", "v=0")
        assert refused.value.code == FORBIDDEN
        params["authentication"]["jwt_token"] = "x"
        with pytest.raises(Refused, match="Authentication failed"):
            await one.rpc("signalwire.reauthenticate", params)


@pytest.mark.parametrize("kind", ["nonsense", "foreign", "expired"])
async def test_bad_tokens_do_not_connect(space: LoopbackSpace, kind: str) -> None:
    """With a code whose words the SDK keeps, and without the token in them."""
    tokens = {
        "nonsense": "x",
        "foreign": space.token().reveal()[:-6] + "AAAAAA",
        "expired": space.token(expires_in=-5).reveal(),
    }
    async with client(space, tokens[kind]) as one:
        with pytest.raises(Refused, match="Authentication failed") as refused:
            await one.connect()
        assert refused.value.code == CALL_ERROR
        assert tokens["foreign"] not in refused.value.message


async def test_pages_of_other_sites_get_no_socket(space: LoopbackSpace) -> None:
    """WebSockets know no CORS: the space must look at the Origin itself."""
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(f"{space.url}/", headers={"Origin": "https://evil.example"})
        assert refused.value.status == 403
        async with session.ws_connect(f"{space.url}/", headers={"Origin": "http://localhost:1"}):
            pass


async def test_a_session_resumes_on_another_socket(space: LoopbackSpace) -> None:
    """With state and protocol, even if the token has expired; what it missed is sent."""
    async with caller(space, receive="audio") as call:
        await call.dial("/public/bars")
        first = call.client
        await first.close()
        space.hangup(call.call_id, "USER_BUSY")
        async with client(space, space.token(expires_in=-5).reveal()) as second:
            result = await second.connect(authorization_state=first.state, protocol=first.protocol)
            assert result["protocol"] == first.protocol
            assert (await second.event("verto.bye"))["cause"] == "USER_BUSY"


def lasts(connected: dict[str, Any]) -> int:
    """Until when a client may stay, as it is told."""
    return int(connected["authorization"]["fabric_subscriber"]["expires_at"])


@pytest.mark.parametrize(
    ("reference", "expires_in", "longer"),
    [("ada", 600, True), ("ada", 30, False), ("bob", 600, False), ("ada", -5, False)],
    ids=["later", "earlier", "another's", "expired"],
)
async def test_a_session_resumes_with_another_token(
    space: LoopbackSpace, reference: str, expires_in: float, longer: bool
) -> None:
    """It goes on for as long as that lasts, as a page does that is reloaded with a fresh one."""
    async with client(space, space.token("ada", expires_in=60).reveal()) as first:
        before = lasts(await first.connect())
        await first.event("signalwire.authorization.state")
    async with client(space, space.token(reference, expires_in=expires_in).reveal()) as second:
        result = await second.connect(authorization_state=first.state, protocol=first.protocol)
        assert result["protocol"] == first.protocol
        assert (lasts(result) > before) is longer
        assert longer or lasts(result) == before


async def test_a_false_state_does_not_resume(space: LoopbackSpace) -> None:
    """The code makes the SDK connect afresh."""
    async with client(space) as one, client(space) as other:
        await one.connect()
        await one.event("signalwire.authorization.state")
        for state, protocol in (("x", one.protocol), (one.state, "signalwire_other")):
            with pytest.raises(Refused) as refused:
                await other.connect(authorization_state=state, protocol=protocol)
            assert refused.value.code == FORBIDDEN
        assert (await other.connect())["protocol"] != one.protocol


def request(method: str, params: Any, id: Any = "1") -> str:
    """Return the text of a request."""
    return json.dumps({"jsonrpc": "2.0", "id": id, "method": method, "params": params})


async def test_bad_frames_are_answered_and_logged(space: LoopbackSpace) -> None:
    """Each with its reason, none with its content, while another call goes on."""
    secret = "marker-" + uuid.uuid4().hex
    bad = {
        "not JSON": "{" + secret,
        "an array": f'["{secret}"]',
        "id is a number": request("subscriber.online", {"x": secret}, id=7),
        "no method": request("no.such.method", {"x": secret}),
        "webrtc.verto needs message": request("webrtc.verto", {"x": secret}),
        "no Verto method": request(
            "webrtc.verto", {"callID": "c", "message": {"id": "i", "method": "verto.no"}}
        ),
        "call.mute needs self": request("call.mute", {"x": secret}),
    }
    async with caller(space, receive="video") as call, client(space) as one:
        await call.dial("/public/bars")
        await one.connect()
        for frame in bad.values():
            await one.send(frame)
        # A good one after all of them is answered: the socket is still open.
        assert (await one.rpc("subscriber.online", {}))["code"] == "200"
        with pytest.raises(Refused, match="Authentication failed"):
            await one.rpc("signalwire.reauthenticate", {"authentication": {"jwt_token": secret}})
        with pytest.raises(Refused, match="does not begin with v=0") as refused:
            await one.invite("/public/bars", secret)
        assert refused.value.code == INVALID_PARAMS
        assert await call.video.recv()
        assert [leg["call_id"] for leg in space.legs()] == [call.call_id]
    assert space.log_file is not None
    log = space.log_file.read_text()
    assert secret not in log
    for words in bad:
        assert words in log


@pytest.mark.parametrize(("frame", "code"), [("x" * (MAX_FRAME + 10), 1009), (b"{}", 1003)])
async def test_too_much_and_binary_close_the_socket(
    space: LoopbackSpace, frame: str | bytes, code: int
) -> None:
    """And only that one."""
    async with (
        caller(space, receive="video") as call,
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{space.url}/") as socket,
    ):
        await call.dial("/public/bars")
        await (socket.send_str(frame) if isinstance(frame, str) else socket.send_bytes(frame))
        closed = await socket.receive()
        assert closed.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
        assert socket.close_code == code
        assert await call.video.recv()


async def test_frames_are_handled_in_order(space: LoopbackSpace) -> None:
    """A bye right behind its invite finds the call, and ends it."""
    async with caller(space, receive="audio") as call:
        media, signalling = call.connection, call.client
        await media.setLocalDescription(await media.createOffer())
        dial = signalling.invite("/public/slow", media.localDescription.sdp, call.call_id)
        created, ended = await asyncio.gather(dial, signalling.bye(call.call_id))
        assert created["message"] == "CALL CREATED"
        assert ended["message"] == "CALL ENDED"
        assert space.legs() == []


async def test_sessions_are_counted(space: LoopbackSpace, until: Until) -> None:
    """A closed socket is no session."""
    await until(lambda: space.sessions() == 0)
    async with client(space) as one:
        await one.connect()
        assert space.sessions() == 1
    await until(lambda: space.sessions() == 0)


async def test_a_close_waits_for_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that speaks while the space ends gets its close code nevertheless.

    Cut at once, its socket would be reset, and what it has not read yet is lost, the code too.
    """
    made: list[Gateway] = []
    for module in (gateway, connection):
        monkeypatch.setattr(module, "CLOSE_SECONDS", 60.0)

    def make(*parts: Any, **more: Any) -> Gateway:
        made.append(Gateway(*parts, **more))
        return made[0]

    monkeypatch.setattr("sw_notebook.space.server.Gateway", make)
    async with Running().serving(Settings()) as space, aiohttp.ClientSession() as session:
        socket = await session.ws_connect(f"{space.url}/", autoclose=False)
        closing = asyncio.create_task(made[0].close())
        assert (await socket.receive()).data == GOING_AWAY
        await socket.send_str("late")
        for _ in range(20):  # turns of the loop, in which the space could cut it
            await asyncio.sleep(0)
        assert not closing.done()
        await socket.close()
        await closing
