"""The set-up tools: what is found on a machine, what is refused, and in which words."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tools import browser, bundle, check, node


def _program(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("\n".join(("#!/bin/sh", *lines)) + "\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the whole PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def test_the_machine_s_node_comes_first(path: Path) -> None:
    """Node.js on the PATH is taken where it is new enough and has npm."""
    found = _program(path, "node", "echo v22.1.0")
    _program(path, "npm")
    assert node.find() == node.Node(found, (str(path / "npm"),))


@pytest.mark.parametrize("said", ["echo v18.20.4", "exit 1", "echo nonsense"])
def test_an_unfit_node_is_passed_over(
    path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    """One that is too old or does not start is as good as none."""
    _program(path, "node", said)
    _program(path, "npm")
    monkeypatch.setattr(node, "_in_environment", lambda: None)
    assert node.find() is None


def test_without_node_and_environment_one_sentence_says_what_to_do(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is installed outside of a virtual environment."""
    monkeypatch.setattr(node, "_in_environment", lambda: None)
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    with pytest.raises(node.NodeMissingError, match=r"install Node\.js from"):
        node.ensure()


def test_npm_runs_with_its_own_node(path: Path, tmp_path: Path) -> None:
    """Scripts of npm find the Node.js that npm belongs to, and its exit status comes back."""
    npm = _program(path, "npm", f'echo "$PATH|$*" > {tmp_path}/said', "exit 3")
    other = tmp_path / "other"
    assert node.Node(other / "node", (str(npm),)).run_npm("run", "x", cwd=tmp_path) == 3
    assert (tmp_path / "said").read_text() == f"{other}{os.pathsep}{path}|run x\n"


def test_a_stub_browser_is_passed_over(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is called chromium may only ask for another package: the next that starts is taken."""
    monkeypatch.delenv("SW_NOTEBOOK_BROWSER", raising=False)
    _program(path, "chromium-browser", "echo 'install the snap' >&2", "exit 1")
    chrome = _program(path, "google-chrome", "echo Google Chrome 150")
    assert browser.find() == chrome


def test_the_browser_that_is_asked_for_is_the_only_one(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wish that cannot be met is an error, not another browser."""
    _program(path, "chromium", "echo Chromium 150")
    wanted = _program(path, "mine", "echo Chromium 151")
    monkeypatch.setenv("SW_NOTEBOOK_BROWSER", str(wanted))
    assert browser.find() == wanted
    wanted.unlink()
    with pytest.raises(browser.BrowserMissingError, match="does not start"):
        browser.find()


def test_no_browser_is_one_sentence(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where none can be had it fails, and says what to do."""
    monkeypatch.delenv("SW_NOTEBOOK_BROWSER", raising=False)
    monkeypatch.setattr(browser, "_candidates", lambda: iter(()))
    monkeypatch.setattr(browser, "_from_debian", lambda: False)
    monkeypatch.setattr(browser, "_from_playwright", lambda: False)
    assert browser.main() == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "set SW_NOTEBOOK_BROWSER to its path" in said.err


def test_a_lock_file_is_needed(tmp_path: Path) -> None:
    """Half a checkout is told from a whole one."""
    (tmp_path / "js").mkdir()
    with pytest.raises(bundle.BundleError, match="take the whole repository"):
        bundle.build(tmp_path)


def test_the_checks_stop_at_the_first_that_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each stage is a line; the one that fails shows what it said and is the last."""
    stages = (
        check.Stage("good", "lint", ("platform",)),
        check.Stage("bad", "lint", ("no_such_module",)),
        check.Stage("never", "lint", ("platform",)),
    )
    monkeypatch.setattr(check, "STAGES", stages)
    assert check.main(["lint"]) == 1
    said = capsys.readouterr().out
    assert "good     ok" in said
    assert "No module named no_such_module" in said
    assert "bad      failed" in said
    assert "never" not in said
