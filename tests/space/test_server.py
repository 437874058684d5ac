"""The whole server, in the test's own process."""

from __future__ import annotations

import asyncio
import logging

import aiohttp
import pytest

from sw_notebook.space import gateway
from sw_notebook.space.calls import Calls
from sw_notebook.space.media import hooks
from sw_notebook.space.server import Settings, serve

from .client import Client, caller
from .running import Running


async def test_a_silent_client_is_let_go(
    running: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is asked whether it is there, and has as long to answer."""
    monkeypatch.setattr(gateway, "PING_SECONDS", 0.05)
    async with aiohttp.ClientSession() as http, http.ws_connect(f"{running.url}/") as socket:
        connect = {"authentication": {"jwt_token": running.token()}}
        await socket.send_json(
            {"jsonrpc": "2.0", "id": "1", "method": "signalwire.connect", "params": connect}
        )
        frames = [message.json() async for message in socket]
    assert frames[-1]["method"] == "signalwire.ping"
    assert socket.close_code == 1001
    assert "did not answer" in caplog.text


async def test_a_client_that_answers_stays(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as it likes."""
    monkeypatch.setattr(gateway, "PING_SECONDS", 0.05)
    async with aiohttp.ClientSession() as http, http.ws_connect(f"{running.url}/") as socket:
        one = Client(socket, running.token())
        await one.connect()
        while one.pings < 3:
            await one.ping.wait()
            one.ping.clear()
        assert await one.rpc("signalwire.ping", {"timestamp": 1}) == {"timestamp": 1}
        await one.close()


async def test_calls_are_asked_after_too(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """As FreeSWITCH does; the answer is taken."""
    monkeypatch.setattr(gateway, "PING_SECONDS", 0.05)
    async with caller(running, receive="audio") as call:
        await call.dial("/public/bars")
        ping = await call.client.event("verto.ping")
        assert ping["callID"] == call.call_id
        assert await call.client.verto("verto.pong", ping, call.call_id) == {"message": "OK"}


async def test_a_client_that_does_not_read_is_let_go(
    running: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What waits for it is bounded."""
    monkeypatch.setattr(gateway, "MAX_UNSENT", 0)
    async with aiohttp.ClientSession() as http, http.ws_connect(f"{running.url}/") as socket:
        await socket.send_str("{")
        message = await socket.receive()
    assert message.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
    assert "does not read" in caplog.text


async def test_an_error_of_ours_is_answered(
    running: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged in full, and the connection goes on."""

    def fail(*arguments: object) -> None:
        raise RuntimeError("out of paint")

    monkeypatch.setattr(gateway, "perform", fail)
    monkeypatch.setattr(Calls, "own", lambda *arguments: None)
    async with aiohttp.ClientSession() as http, http.ws_connect(f"{running.url}/") as socket:
        one = Client(socket, running.token())
        await one.connect()
        with pytest.raises(Exception, match="its log says why"):
            await one.rpc("call.mute", {"self": {"call_id": "c"}})
        assert await one.rpc("subscriber.online", {})
        await one.close()
    assert "out of paint" in caplog.text


async def test_it_says_what_aiortc_lacks(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """At start, before anybody calls."""
    monkeypatch.setattr(hooks, "missing", lambda: ["RTCRtpSender._x"])
    running = Running()
    with caplog.at_level(logging.WARNING, "sw_notebook.space"):
        task = asyncio.create_task(serve(Settings(linger=0), running.on_ready))
        await running.ready.wait()
        task.cancel()
        await asyncio.wait([task])
    assert "RTCRtpSender._x" in caplog.text
