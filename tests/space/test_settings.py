"""How a space is told to behave."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from sw_notebook.space import LoopbackSpace
from sw_notebook.space.options import Options, for_kernel
from sw_notebook.space.settings import Settings


def _options(arguments: list[str]) -> Options:
    return for_kernel(arguments, prog="space", about="")


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(7, 0, resume_seconds=1.5, no_answer_seconds=2, drop_seconds=0, vanish_seconds=4),
        Settings(resume_seconds=math.inf, late_keyframe_seconds=0.5),
        Settings(open_rooms=False),
        Settings(allowed_origins=("https://a.example", "http://b.example:8000")),
        Settings(allowed_hosts=("a.test", "b"), open_rooms=False, stun=True),
        Settings(log_frames=Path("/a b/--frames"), connect_seconds=2, max_sockets=7),
        Settings(max_unconnected=1, max_frame_rate=2, max_legs=3),
        Settings(max_calls=8, max_members=9, max_rooms=10, max_resources=11),
        Settings(max_conversations=4, max_messages=5, max_text=6),
    ],
)
def test_they_cross_the_command_line(settings: Settings) -> None:
    """What the starter says is what the space does."""
    assert _options(settings.arguments()).settings == settings


@pytest.mark.parametrize("seconds", [-1.0, math.nan])
@pytest.mark.parametrize("name", ["linger", "resume_seconds", "no_answer_seconds"])
def test_times_are_checked(name: str, seconds: float, capsys: pytest.CaptureFixture[str]) -> None:
    """Where they are given, on the command line too."""
    words = f"{name} is {seconds}; give seconds, 0 or more"
    with pytest.raises(ValueError, match=words):
        LoopbackSpace(**{name: seconds})  # type: ignore[arg-type]
    with pytest.raises(SystemExit):
        _options([f"--{name.replace('_', '-')}={seconds}"])
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    "origin",
    [
        "a.example",
        "https://",
        "https://a.example/",
        "ftp://a.example",
        "https://me@a.example",
        "https://[",
        "*",
        "https://*.example.com",
        "https://A.example",
        "https://a.example:443",
        "https://a.example:many",
    ],
)
def test_origins_are_checked(origin: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One that no browser sends would let nobody in, and nobody would know why."""
    with pytest.raises(ValueError, match="allowed_origins has"):
        LoopbackSpace(allowed_origins=[origin])
    with pytest.raises(SystemExit):
        _options([f"--allow-origin={origin}"])
    assert "allowed_origins has" in capsys.readouterr().err


@pytest.mark.parametrize("host", ["", "A.test", "a.test:80", "*.test", "a..test", "http://a"])
def test_hosts_are_checked(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    """They are compared with what browsers send."""
    with pytest.raises(SystemExit):
        _options([f"--allow-host={host}"])
    assert "allowed_hosts has" in capsys.readouterr().err


@pytest.mark.parametrize(
    "name",
    [
        "max_sockets",
        "max_unconnected",
        "max_frame_rate",
        "max_legs",
        "max_calls",
        "max_members",
        "max_rooms",
        "max_resources",
        "max_conversations",
        "max_messages",
        "max_text",
    ],
)
def test_limits_are_checked(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A space that takes nobody is of no use."""
    with pytest.raises(SystemExit):
        _options([f"--{name.replace('_', '-')}=0"])
    assert f"{name} is 0; give a whole number, 1 or more" in capsys.readouterr().err
