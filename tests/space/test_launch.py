"""Starting the process, and owning it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sw_notebook.exceptions import MissingExtraError, SpaceStartError
from sw_notebook.space import launch
from sw_notebook.space.launch import check_extra, own, start_process, tail
from sw_notebook.space.runtime import Record
from sw_notebook.space.settings import Settings


def test_the_extra_is_there() -> None:
    """Where the tests run."""
    check_extra()


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that brings it."""
    monkeypatch.setattr(launch, "NEEDED", ("json", "no_such_package"))
    with pytest.raises(MissingExtraError, match=r"no_such_package.*sw-notebook\[media\]"):
        check_extra()


def script(folder: Path, text: str) -> str:
    """Return the path of a program that stands in for Python."""
    path = folder / "python"
    path.write_text(f"#!{sys.executable}\n{text}\n")
    path.chmod(0o700)
    return str(path)


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("import sys; sys.exit('the paint has run out')", "the paint has run out"),
        ("print('hello')", "it is empty"),
        ("raise SystemExit", "it is empty"),
    ],
)
@pytest.mark.parametrize("detach", [False, True])
def test_a_start_that_fails_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, words: str, detach: bool
) -> None:
    """With the end of the log."""
    monkeypatch.setattr(sys, "executable", script(tmp_path, program))
    with pytest.raises(SpaceStartError, match=words):
        start_process(
            tmp_path / "space.log",
            Settings(linger=0),
            tmp_path / "space.json" if detach else None,
        )


def test_a_start_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process does not stay behind."""
    monkeypatch.setattr(launch, "START_SECONDS", 0.2)
    monkeypatch.setattr(sys, "executable", script(tmp_path, "import time; time.sleep(3600)"))
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def remember(*args: object, **options: object) -> subprocess.Popen[bytes]:
        started.append(popen(*args, **options))  # type: ignore[call-overload]
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", remember)
    with pytest.raises(SpaceStartError):
        start_process(tmp_path / "space.log", Settings(linger=0))
    assert started[0].returncode is not None


def test_nobody_owns_what_is_not_there() -> None:
    """A closed port is no space."""
    assert own(Record("http://127.0.0.1:1", "space", "project", "token", 1)) is None


def test_a_log_that_is_not_there_has_no_end(tmp_path: Path) -> None:
    """And another one has its last lines."""
    path = tmp_path / "log"
    assert tail(path) == ""
    path.write_text("\n".join(map(str, range(100))))
    assert tail(path, 2) == "98\n99"
