"""The command ``sw-notebook``, run as its user runs it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

import sw_notebook
from sw_notebook import cli
from sw_notebook.exceptions import SwNotebookError

_CHECKOUT = Path(__file__).parent.parent
_URL = re.compile(r"http://127\.0\.0\.1:\d+/lab/tree/01_first_call\.ipynb\?token=\w+")


def _environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
    return {**kept, "HOME": str(home), "PYTHONPATH": str(_CHECKOUT)}


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A demo without a browser, on a free port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sw_notebook", "demo", "--no-browser", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=tmp_path,
        env=_environment(tmp_path),
        start_new_session=True,
    )
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


def _address(process: subprocess.Popen[str]) -> str:
    """Read what it says up to the address to open, token included."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if found := _URL.search(line):
            return found[0]
    raise AssertionError(f"the demo ended without an address; it said:\n{said}")


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as answer:
        body: bytes = answer.read()
        return body


def _get_when_it_listens(process: subprocess.Popen[str], url: str) -> bytes:
    """Jupyter prints its address before it listens there."""
    while process.poll() is None:
        try:
            return _get(url)
        except urllib.error.HTTPError:
            raise
        except urllib.error.URLError:
            try:
                process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
    raise AssertionError("the demo ended before it listened")


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_the_demo_opens_and_ends_cleanly(demo: subprocess.Popen[str], stop: signal.Signals) -> None:
    """The printed address opens JupyterLab, a stranger gets nothing, a signal ends it all."""
    url = _address(demo)
    assert b"JupyterLab" in _get_when_it_listens(demo, url)
    server, _, token = url.partition("/lab/tree/01_first_call.ipynb?token=")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        _get(f"{server}/api/contents")
    request = urllib.request.Request(
        f"{server}/api/kernels",
        data=b"{}",
        headers={"Authorization": f"token {token}"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert json.load(answer)["name"] == "python3"
    kernels = psutil.Process(demo.pid).children(recursive=True)
    assert kernels

    demo.send_signal(stop)
    demo.communicate(timeout=30)
    assert demo.returncode == 0
    _, alive = psutil.wait_procs(kernels, timeout=5)
    assert alive == []


def test_the_demo_with_a_token_of_one_s_own_says_where_it_is(tmp_path: Path) -> None:
    """Jupyter prints no address for a token that it did not make, so the demo does."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sw_notebook", "demo", "--no-browser", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=tmp_path,
        env={**_environment(tmp_path), "JUPYTER_TOKEN": "my-own"},
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        said = next(line for line in process.stdout if line.startswith("Open "))
        url = said.removeprefix("Open ").partition("?")[0]
        assert b"JupyterLab" in _get_when_it_listens(process, f"{url}?token=my-own")
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_the_space_runs_in_the_foreground(tmp_path: Path) -> None:
    """It says where it listens, answers there, and ends at Ctrl-C."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sw_notebook", "space"],
        stdout=subprocess.PIPE,
        text=True,
        env=_environment(tmp_path),
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        with pytest.raises(urllib.error.HTTPError, match="401"):
            _get(f"{url}/api/fabric/addresses")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=15)
        assert process.returncode == 0
    finally:
        process.kill()
        process.communicate()


def test_an_installed_demo_copies_its_notebooks_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Installed notebooks are copied to where the user is, and an edited copy stays as it is."""
    package = tmp_path / "package"
    (package / "notebooks").mkdir(parents=True)
    for name in ("01_first_call.ipynb", "02_next.ipynb"):
        (package / "notebooks" / name).write_text("as shipped")
    monkeypatch.setattr(cli, "_PACKAGE", package)
    monkeypatch.chdir(tmp_path)

    folder = cli._notebooks()
    assert folder == tmp_path / "sw-notebook-demo"
    (folder / "01_first_call.ipynb").write_text("edited")
    (folder / "02_next.ipynb").unlink()
    assert cli._notebooks() == folder
    assert (folder / "01_first_call.ipynb").read_text() == "edited"
    assert (folder / "02_next.ipynb").read_text() == "as shipped"


def test_a_checkout_opens_its_own_notebooks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the package has no notebooks inside, those beside it are opened."""
    monkeypatch.setattr(cli, "_PACKAGE", tmp_path / "sw_notebook")
    with pytest.raises(SwNotebookError, match="install sw-notebook again"):
        cli._notebooks()
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "01_first_call.ipynb").touch()
    assert cli._notebooks() == tmp_path / "notebooks"


def test_a_missing_extra_says_what_to_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without JupyterLab the demo ends with the command that installs it."""
    monkeypatch.setattr("sw_notebook._extras.find_spec", lambda name: None)
    assert cli.main(["demo"]) == 1
    assert "pip install 'sw-notebook[demo]'" in capsys.readouterr().err


def test_the_version_is_the_package_s(capsys: pytest.CaptureFixture[str]) -> None:
    """``--version`` says what ``__version__`` says."""
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--version"])
    assert capsys.readouterr().out == f"sw-notebook {sw_notebook.__version__}\n"


def test_a_command_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a command it shows how it is used and fails."""
    with pytest.raises(SystemExit, match="2"):
        cli.main([])
    assert "demo" in capsys.readouterr().err
