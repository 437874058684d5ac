"""The check against a loopback space, as its user runs it."""

from __future__ import annotations

import asyncio
import os
import platform
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

import sw_notebook
from sw_notebook import cli
from sw_notebook.check.run import _Steps, _Stop
from sw_notebook.check.steps import NAMES, StepFailed
from sw_notebook.credentials import VARIABLES
from sw_notebook.space import LoopbackSpace

from .checking import Checking, read

CHECKOUT = Path(__file__).parents[2]


def test_all_is_well(account: Checking, space: LoopbackSpace) -> None:
    """Each step says what was found, and the call is over."""
    checked = account("--to", "/public/bars")
    assert checked.status == 0, checked.text
    assert set(checked.outcomes.values()) == {"ok"}
    assert list(checked.outcomes) == list(NAMES)
    assert checked.details["credentials"].endswith(f"project …{space.project_id[-4:]}")
    assert checked.details["token"] == "SAT, 80 min left"  # for eight steps of ten minutes
    assert "0 ICE servers" in checked.details["connect"]
    assert checked.details["dial"] == "/public/bars, offered host"
    assert checked.details["answer"] == "audio opus recvonly, video VP8 recvonly"
    assert checked.details["media"].startswith("ICE host/host, ")
    assert "audio after" in checked.details["media"]
    assert "video after" in checked.details["media"]
    assert checked.details["hang up"] == "NORMAL_CLEARING 16"
    assert checked.text.splitlines()[-1] == "all ok"
    assert space.project_id not in checked.text
    assert space.legs() == []


def test_it_says_the_versions(checking: Checking) -> None:
    """Of what may be at fault."""
    heading = checking().text.splitlines()[0]
    assert f"sw_notebook {sw_notebook.__version__}" in heading
    assert f"Python {platform.python_version()}" in heading
    assert "aiortc 1." in heading
    assert platform.platform() in heading


def test_a_destination_without_video(account: Checking) -> None:
    """What is refused of the offer is told, and not waited for."""
    checked = account("--to", "/public/silence")
    assert checked.status == 0, checked.text
    assert checked.details["answer"] == "audio opus recvonly, video refused"
    assert "video" not in checked.details["media"]


def test_without_a_destination_it_stops_once_connected(
    account: Checking, space: LoopbackSpace
) -> None:
    """That is in order, too."""
    checked = account()
    assert checked.status == 0
    assert checked.outcomes["connect"] == "ok"
    for name in NAMES[NAMES.index("dial") :]:
        assert checked.outcomes[name] == "skipped"
        assert "--to" in checked.details[name]
    assert checked.text.splitlines()[-1] == "ok as far as it went, which is connect"


def test_the_loopback_space_is_checked_without_an_account(checking: Checking) -> None:
    """It dials the bars by itself."""
    checked = checking("--loopback")
    assert checked.status == 0, checked.text
    assert checked.details["dial"].startswith("/public/bars")


def test_no_account(checking: Checking) -> None:
    """The variables are named, and nothing is tried."""
    said = checking("--to", "/public/bars").only("credentials")
    assert all(name in said for name in VARIABLES)


def test_half_an_account(checking: Checking, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing is named."""
    monkeypatch.setenv("SIGNALWIRE_SPACE", "example")
    assert "SIGNALWIRE_API_TOKEN" in checking().only("credentials")


def test_a_wrong_api_token(checking: Checking, space: LoopbackSpace) -> None:
    """The refusal of the space, and what to look at."""
    checking.use(space.url, space.project_id, "PT" + "0" * 32)
    checked = checking("--to", "/public/bars")
    said = checked.only("token")
    assert "(401)" in said
    assert "check SIGNALWIRE_PROJECT_ID and SIGNALWIRE_API_TOKEN" in said
    assert "PT0" not in checked.text


def test_a_space_that_is_not_there(checking: Checking) -> None:
    """It says so."""
    with socket.socket() as bound:  # and not listening
        bound.bind(("127.0.0.1", 0))
        checking.use(f"http://127.0.0.1:{bound.getsockname()[1]}", "9f1c", "secret")
        assert "no connection" in checking().only("token")


def test_an_unknown_destination(account: Checking) -> None:
    """The words of the space, and what to look at."""
    said = account("--to", "/public/@nowhere").only("dial")
    assert "no such destination: /public/@nowhere (-32002)" in said
    assert "check the spelling" in said


def test_a_busy_destination(account: Checking) -> None:
    """The invite is taken, then comes the cause."""
    said = account("--to", "/public/busy").only("answer")
    assert said == "the other side is busy (USER_BUSY 17); dial again in a while"


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--timeout", "0"], "--timeout: give seconds, more than 0"),
        (["--timeout", "nan"], "--timeout: give seconds, more than 0"),
        (["--timeout", "soon"], "--timeout: give seconds, more than 0"),
        (["--loop"], "--loop"),
        (["/public/bars"], "/public/bars"),
    ],
)
def test_wrong_arguments(args: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """They are named, and nothing is tried."""
    with pytest.raises(SystemExit, match="2"):
        cli.main(["check", *args])
    assert words in capsys.readouterr().err


def test_an_empty_destination(capsys: pytest.CaptureFixture[str]) -> None:
    """It is refused before anything is tried."""
    assert cli.main(["check", "--to", " "]) == 1
    assert "the destination is empty" in capsys.readouterr().err


@pytest.mark.parametrize("module", ["aiortc", "websockets"])
def test_a_missing_extra_says_what_to_run(
    module: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each package that it needs."""
    monkeypatch.setattr(
        "sw_notebook._extras.find_spec", lambda name: None if name == module else object()
    )
    assert cli.main(["check"]) == 1
    said = capsys.readouterr().err
    assert repr(module) in said
    assert "pip install 'sw-notebook[media]'" in said


def test_the_command_line_loads_nothing_heavy() -> None:
    """Its packages are an extra, and other commands need none of them."""
    code = (
        "import sys, sw_notebook.cli, sw_notebook.check\n"
        "print([n for n in ('aiortc', 'websockets', 'httpx', 'av') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"


# The children of a shell's background job ignore SIGINT, and so would this one.
INTERRUPTIBLE = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from sw_notebook.cli import main; sys.exit(main())"
)


@contextmanager
def started(*args: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """The command in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTIBLE, "check", "--timeout", "600", *args],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), **environment},
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def until_dialled(process: subprocess.Popen[str]) -> str:
    """Read the report up to the line about the dial."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if line.startswith("dial "):
            return said
    raise AssertionError(f"it ended before it dialled: {said}")


def test_an_interrupted_check_leaves_no_leg(space: LoopbackSpace) -> None:
    """Ctrl-C while it rings hangs up, and the report says how far it came."""
    values = (space.url, space.project_id, space.api_token)
    with started(
        "--to", "/public/no-answer", **dict(zip(VARIABLES, values, strict=True))
    ) as process:
        said = until_dialled(process)
        assert [leg["destination"] for leg in space.legs()] == ["/public/no-answer"]
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert space.legs() == []
    checked = read(process.returncode, said + out)
    assert (checked.status, err) == (1, "")
    assert checked.failed == "answer"
    assert checked.details["answer"] == "interrupted"
    assert checked.outcomes["media"] == "skipped"
    assert checked.outcomes["hang up"] == "ok"


def test_an_interrupted_check_leaves_no_space() -> None:
    """The space that it started for itself is gone when it is."""
    with started("--loopback", "--to", "/public/no-answer") as process:
        until_dialled(process)
        children = psutil.Process(process.pid).children(recursive=True)
        assert children
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 1
    assert not [child for child in children if child.is_running()]


async def in_vain(steps: _Steps, late: Any) -> None:
    """Do a step that waits for what does not come."""
    async with steps.step("media", late) as facts:
        facts.append("ICE host/host")
        await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("late", "words"),
    [
        (None, "nothing came within 0 s; give it more with --timeout"),
        (lambda: StepFailed("no video came", "Dial another"), "no video came; dial another"),
    ],
)
async def test_a_step_that_takes_too_long_fails(late: Any, words: str) -> None:
    """With what that means, and with the facts that there are."""
    said: list[str] = []
    steps = _Steps(said.append, 0)
    with pytest.raises(_Stop):
        await in_vain(steps, late)
    (step,) = steps.done
    assert (step.outcome, step.facts, step.problem) == ("failed", ("ICE host/host",), words)
    assert said[0].endswith(f"ICE host/host: {words}")
