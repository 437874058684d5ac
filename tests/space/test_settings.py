"""How a space is told to behave."""

from __future__ import annotations

import math

import pytest

from sw_notebook.space import LoopbackSpace
from sw_notebook.space.__main__ import _options
from sw_notebook.space.settings import Settings


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(7, 0, resume_seconds=1.5, no_answer_seconds=2, drop_seconds=0, vanish_seconds=4),
        Settings(resume_seconds=math.inf, late_keyframe_seconds=0.5),
        Settings(open_rooms=False),
        Settings(allowed_origins=("https://a.example", "http://b.example:8000")),
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
