"""Nobody else gets in: foreign pages, other users of the machine, tokens of elsewhere, strangers.

Each is refused by a space that lets its own user in with the same request.
"""

from __future__ import annotations

import asyncio
import os
import socket
import stat
import subprocess
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import httpx
import psutil
import pytest
from aioice import stun

from sw_notebook import SpaceError
from sw_notebook.signaling.sdp import Description
from sw_notebook.space import LoopbackSpace
from sw_notebook.space.runtime import runtime_folder

from .client import Caller, Refused, caller, client

Until = Callable[[Callable[[], bool]], Awaitable[None]]

INFO = "/api/fabric/subscriber/info"
NOBODY = 65534
FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Host": "evil.example"},
    {"Host": "127.0.0.1.evil.example"},
]


def bearer(space: LoopbackSpace) -> dict[str, str]:
    """The header of a subscriber."""
    return {"Authorization": f"Bearer {space.token().reveal()}"}


# --- pages of other sites, also under a name that they made resolve to this machine ----------


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("path", [INFO, "/api/fabric/addresses", "/api/loopback/legs"])
def test_foreign_pages_read_nothing(
    space: LoopbackSpace, http: httpx.Client, path: str, headers: dict[str, str]
) -> None:
    """Not even with a token and the key: somebody may have lost them."""
    answers = [
        http.get(path, headers={**bearer(space), **headers}),
        http.get(path, headers=headers, auth=(space.project_id, space.api_token)),
    ]
    for answer in answers:
        assert answer.status_code == 403
        assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("headers", FOREIGN)
async def test_foreign_pages_get_no_socket(space: LoopbackSpace, headers: dict[str, str]) -> None:
    """Browsers ask nobody before they open one."""
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(f"{space.url}/", headers=headers)
        assert refused.value.status == 403


def test_other_sites_come_in_by_name() -> None:
    """And no site that only looks alike."""
    origin = "https://jupyter.example.com"
    with LoopbackSpace(private=True, allowed_origins=[origin]) as space:
        ask = httpx.Client(base_url=space.url, trust_env=False, headers=bearer(space))
        with ask:
            answer = ask.get(INFO, headers={"Origin": origin})
            assert answer.status_code == 200
            assert answer.headers["Access-Control-Allow-Origin"] == origin
            for other in (f"{origin}:8443", "http://jupyter.example.com", f"{origin}.evil.example"):
                assert ask.get(INFO, headers={"Origin": other}).status_code == 403


# --- no token, or one of another space -------------------------------------------------------


@pytest.mark.parametrize("path", [INFO, "/api/fabric/addresses", "/api/fabric/addresses/echo"])
def test_without_a_token_nothing_is_told(http: httpx.Client, path: str) -> None:
    """Whatever is asked for."""
    for authorization in ("", "Bearer", "Bearer null", "Basic Og=="):
        assert http.get(path, headers={"Authorization": authorization}).status_code == 401


def test_a_token_of_another_space_opens_nothing(http: httpx.Client) -> None:
    """Nor does its API token."""
    with LoopbackSpace(private=True) as other:
        assert httpx.get(other.url + INFO, headers=bearer(other), trust_env=False).is_success
        assert http.get(INFO, headers=bearer(other)).status_code == 401
        key = (other.project_id, other.api_token)
        for method, path in (("GET", "legs"), ("POST", "legs/x/hangup"), ("GET", "owner")):
            assert http.request(method, f"/api/loopback/{path}", auth=key).status_code == 401


async def test_a_token_of_another_space_connects_nobody(space: LoopbackSpace) -> None:
    """A session needs one of this space."""
    with LoopbackSpace(private=True) as other:
        async with client(space, other.token().reveal()) as one:
            with pytest.raises(Refused, match="Authentication failed"):
                await one.connect()


# --- other users of this machine -------------------------------------------------------------


def test_only_this_machine_is_listened_to() -> None:
    """No other machine reaches it, whatever it knows."""
    with LoopbackSpace(private=True) as space:
        record = space._record
        assert record is not None
        listening = [
            connection.laddr.ip
            for connection in psutil.Process(record.pid).net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN
        ]
        assert listening == ["127.0.0.1"]


def test_the_runtime_file_is_the_users_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file that holds address and key can be read by its user only."""
    monkeypatch.setenv("SW_NOTEBOOK_RUNTIME_DIR", str(tmp_path / "run"))
    with LoopbackSpace(linger=0) as space:
        (file,) = (tmp_path / "run").glob("*.json")
        assert space.api_token in file.read_text()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
        assert file.stat().st_uid == os.getuid()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be another user")
def test_another_user_cannot_read_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where everybody may look into the folder around it."""
    with tempfile.TemporaryDirectory() as around:
        Path(around).chmod(0o755)
        monkeypatch.setenv("SW_NOTEBOOK_RUNTIME_DIR", f"{around}/run")
        with LoopbackSpace(linger=0) as space:
            (file,) = Path(around, "run").glob("*.json")
            mine = subprocess.run(["cat", file], capture_output=True, check=True, text=True)
            assert space.api_token in mine.stdout
            theirs = subprocess.run(
                ["cat", file], capture_output=True, check=False, text=True, user=NOBODY, cwd="/"
            )
            assert theirs.stdout == ""
            assert "Permission denied" in theirs.stderr


def test_a_folder_of_another_user_is_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their space would see what this user's camera sees."""
    monkeypatch.setenv("SW_NOTEBOOK_RUNTIME_DIR", str(tmp_path / "run"))
    assert runtime_folder() == tmp_path / "run"
    monkeypatch.setattr("os.getuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(SpaceError, match="not a folder of yours alone"):
        runtime_folder()
    with pytest.raises(SpaceError, match="not a folder of yours alone"):
        LoopbackSpace().start()


# --- strangers who find the media ------------------------------------------------------------


async def test_media_need_the_password_of_their_leg(space: LoopbackSpace) -> None:
    """A stranger who knows the port, and even the user name, is not answered as a peer."""
    async with caller(space, receive="audio") as call:
        await call.dial("/public/bars")
        section = Description.parse(call.answer).sections[0]
        offer = Description.parse(call.connection.localDescription.sdp).sections[0]
        user = ":".join(part.values("ice-ufrag")[0] for part in (section, offer))
        (password,) = section.values("ice-pwd")
        host, port = section.values("candidate")[0].split()[4:6]
        assert await asyncio.to_thread(_asks, host, port, user, "a-wrong-password-of-20") is False
        assert await asyncio.to_thread(_asks, host, port, user, password) is True
        await call.audio.recv()


def _asks(host: str, port: str, user: str, password: str) -> bool:
    """Whether whoever listens there takes this for a peer's question (RFC 8445, 7.3)."""
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    request.attributes |= {"USERNAME": user, "PRIORITY": 1, "ICE-CONTROLLING": 1}
    request.add_message_integrity(password.encode())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sending:
        sending.settimeout(5)
        sending.sendto(bytes(request), (host, int(port)))
        try:
            answer = stun.parse_message(sending.recv(2048))
        except TimeoutError:
            return False
    return answer.message_class is stun.Class.RESPONSE


async def test_media_need_the_certificate_of_their_leg(space: LoopbackSpace, until: Until) -> None:
    """Whoever has another than the offer names gets no media."""
    async with caller(space, receive="audio") as call:
        forge(call)
        await call.dial("/public/bars")  # this side has nothing to object
        bye = await call.client.event("verto.bye")
        assert bye["cause"] == "MEDIA_TIMEOUT"
        assert space.log_file is not None
        said = [line for line in space.log_file.read_text().splitlines() if call.call_id in line]
        assert any("media failed" in line for line in said)
        assert not any("media connected" in line for line in said)


def forge(call: Caller) -> None:
    """Let the offer name the fingerprint of another certificate."""
    invite = call.client.invite

    async def forged(
        destination: str, sdp: str, call_id: str = "", **more: object
    ) -> dict[str, object]:
        lines = [
            line[:-5] + ("00:00" if line[-5:] != "00:00" else "11:11")
            if line.startswith("a=fingerprint:")
            else line
            for line in sdp.split("\r\n")
        ]
        return await invite(destination, "\r\n".join(lines), call_id, **more)

    call.client.invite = forged  # type: ignore[method-assign]
