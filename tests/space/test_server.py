"""The whole server, in the test's own process."""

from __future__ import annotations

import asyncio
import logging

import aiohttp
import pytest

from sw_notebook.signaling.causes import cause
from sw_notebook.space import connection, dispatch
from sw_notebook.space.calls import Calls
from sw_notebook.space.media import hooks
from sw_notebook.space.server import serve
from sw_notebook.space.settings import Settings

from .client import Client, caller, client
from .running import Running


async def test_a_silent_client_is_let_go(
    running: Running, beats: asyncio.Semaphore, caplog: pytest.LogCaptureFixture
) -> None:
    """It is asked whether it is there, and has as long to answer."""
    async with aiohttp.ClientSession() as http, http.ws_connect(f"{running.url}/") as socket:
        connect = {"authentication": {"jwt_token": running.token()}}
        await socket.send_json(
            {"jsonrpc": "2.0", "id": "1", "method": "signalwire.connect", "params": connect}
        )
        assert "result" in (await socket.receive_json())
        beats.release()
        while (await socket.receive_json()).get("method") != "signalwire.ping":
            pass
        beats.release()
        assert [message async for message in socket] == []
    assert socket.close_code == 1001
    assert "did not answer" in caplog.text


async def test_a_client_that_answers_stays(running: Running, beats: asyncio.Semaphore) -> None:
    """As long as it likes."""
    async with client(running) as one:
        await one.connect()
        for number in range(1, 4):
            beats.release()
            while one.pings < number:
                await one.ping.wait()
                one.ping.clear()
            # Its answer to the ping went before this.
            assert await one.rpc("signalwire.ping", {"timestamp": 1}) == {"timestamp": 1}


async def test_a_client_that_does_not_read_is_let_go(
    running: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What waits for it is bounded."""
    monkeypatch.setattr(connection, "MAX_UNSENT", 0)
    async with aiohttp.ClientSession() as http, http.ws_connect(f"{running.url}/") as socket:
        await socket.send_str("{")
        message = await socket.receive()
    assert message.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
    assert "does not read" in caplog.text


async def test_nothing_is_lost_while_a_socket_closes(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is told to a client that has just gone waits for it to come back."""
    detach = connection.Connection._detach

    def hang_up_and_detach(self: connection.Connection) -> None:
        for leg in list(self._dispatch.calls):
            self._dispatch.calls.end(leg, cause("USER_BUSY"))
        detach(self)

    async with caller(running, receive="audio") as call:
        await call.dial("/public/bars")
        first = call.client
        with monkeypatch.context() as patch:
            patch.setattr(connection.Connection, "_detach", hang_up_and_detach)
            await first.close()
            while await asyncio.to_thread(running.legs):
                pass
        async with client(running) as second:
            await second.connect(authorization_state=first.state, protocol=first.protocol)
            assert (await second.event("verto.bye"))["cause"] == "USER_BUSY"


async def test_an_error_of_ours_is_answered(
    running: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged in full, and the connection goes on."""

    def fail(*arguments: object) -> None:
        raise RuntimeError("out of paint")

    monkeypatch.setattr(dispatch, "perform", fail)
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
