"""Frames on record: complete, private, bounded, and without secrets."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from sw_notebook.exceptions import SpaceStartError
from sw_notebook.signaling.masking import masked
from sw_notebook.space import LoopbackSpace, frames
from sw_notebook.space.frames import FrameLog

from ..proofs import Prover
from .client import Refused, caller

SECRETS = [
    "jwt_token",
    "dpop_token",
    "authorization_state",
    "password",
    "credential",
    "token",
    "text",
]


def lines(path: Path) -> list[dict[str, Any]]:
    """What is on record."""
    return [json.loads(line) for line in path.read_text().splitlines()]


async def test_a_call_is_on_record_without_its_secrets(tmp_path: Path) -> None:
    """Both directions, in order, with whose they are."""
    path = tmp_path / "frames.jsonl"
    with LoopbackSpace(private=True, log_frames=path, stun=True) as space:
        prover = Prover()
        token = space.token("ada").reveal()
        async with caller(space, receive="audio", token=token) as call:
            connect = call.client.protocol
            call.client.token = token
            with pytest.raises(Refused):  # connected already
                await call.client.connect(dpop_token=prover.rpc("signalwire.connect"))
            await call.dial("/public/bars")
            dtmf = {"dialogParams": {"callID": call.call_id}, "dtmf": "8675309"}
            await call.client.verto("verto.info", dtmf, call.call_id)
            await call.client.send("{nonsense")
            await call.client.rpc("subscriber.online", {})
            offer = call.connection.localDescription.sdp
            state = call.client.state
            answer = call.answer
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text, said = path.read_text(), lines(path)
    assert "8675309" not in text
    for secret in (token, state, "eyJ", *passwords(offer), *passwords(answer)):
        assert secret not in text
    assert "nonsense" not in text
    frame = said[0]["frame"]
    assert (said[0]["direction"], frame["method"]) == ("in", "signalwire.connect")
    assert frame["params"]["authentication"]["jwt_token"] == "…"
    assert said[1]["direction"] == "out"
    assert said[1]["frame"]["id"] == frame["id"]
    assert {line["session"] for line in said[2:]} == {connect}
    assert len({line["socket"] for line in said}) == 1
    assert [line["time"] for line in said] == sorted(line["time"] for line in said)
    assert any("a=ice-pwd:…" in str(line) for line in said)
    assert any(line.get("unreadable") for line in said)


def passwords(sdp: str) -> list[str]:
    """The ICE passwords of a description."""
    start = "a=ice-pwd:"
    found = [line.removeprefix(start) for line in sdp.splitlines() if line.startswith(start)]
    assert found
    return found


@pytest.mark.parametrize("name", SECRETS)
def test_secrets_are_masked_wherever_they_are(name: str) -> None:
    """However deep, and whatever they are."""
    assert masked([{"a": {name: "x"}}]) == [{"a": {name: "…"}}]
    assert masked({name: {"inner": 1}}) == {name: "…"}


def test_what_looks_like_a_token_is_masked_in_any_text() -> None:
    """A page may put one where none belongs; also as a name."""
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"
    assert masked({token: f"Bearer {token}!", "n": [1, None, True]}) == {
        "…": "Bearer …!",
        "n": [1, None, True],
    }


def test_the_file_is_made_private_and_kept(tmp_path: Path) -> None:
    """Also one that was there for all to read; what was in it stays."""
    path = tmp_path / "frames"
    path.write_text("{}\n")
    path.chmod(0o644)
    with FrameLog(path) as log:
        log.write("in", "s", None, "{}")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(lines(path)) == 2


def test_it_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two files, and no more than that."""
    monkeypatch.setattr(frames, "MAX_BYTES", 500)
    path = tmp_path / "frames"
    with FrameLog(path) as log:
        for number in range(100):
            log.write("out", "s", "p", json.dumps({"n": number}))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["frames", "frames.1"]
    assert all(file.stat().st_size < 700 for file in tmp_path.iterdir())
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in tmp_path.iterdir())
    assert [line["frame"]["n"] for line in lines(tmp_path / "frames.1")][-1] >= 90


def test_a_full_disk_ends_the_record_only(caplog: pytest.LogCaptureFixture) -> None:
    """Calls go on."""
    with FrameLog(Path("/dev/full")) as log:
        log.write("in", "s", None, "{}")
        log.write("in", "s", None, "{}")
    assert caplog.text.count("frames are not logged any more: No space left") == 1


@pytest.mark.parametrize("kind", ["folder", "missing", "link"])
def test_where_it_cannot_write_it_says_so(tmp_path: Path, kind: str) -> None:
    """At start, with the file."""
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    path = {"folder": tmp_path, "missing": tmp_path / "no" / "file", "link": tmp_path / "link"}
    with pytest.raises(SpaceStartError, match="frames cannot be logged to"):
        FrameLog(path[kind])


def test_a_space_that_cannot_write_does_not_start(tmp_path: Path) -> None:
    """And its user learns why."""
    with pytest.raises(SpaceStartError, match="frames cannot be logged"):
        LoopbackSpace(private=True, log_frames=tmp_path).start()
