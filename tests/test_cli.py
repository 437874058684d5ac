"""The command ``sw-notebook``, run as its user runs it."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import shlex
import signal
import socket
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import websockets.sync.client

import sw_notebook
from sw_notebook import cli
from sw_notebook.exceptions import SwNotebookError

from .certificate import certificate

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


@contextlib.contextmanager
def _space(tmp_path: Path, *words: str, **more: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A space in the foreground, and what it says first."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sw_notebook", "space", *words],
        stdout=subprocess.PIPE,
        text=True,
        env={**_environment(tmp_path), **more},
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        yield process, "".join(iter(process.stdout.readline, "Ctrl-C ends it.\n"))
    finally:
        process.kill()
        process.communicate()


def _said(text: str, name: str) -> str:
    (value,) = re.findall(rf"^{name} +(\S+)$", text, re.MULTILINE)
    return str(value)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_the_space_runs_in_the_foreground(tmp_path: Path, stop: signal.Signals) -> None:
    """It says where it is and how to get a token, does so, and ends at once, leaving nothing."""
    with _space(tmp_path) as (process, said):
        url = _said(said, "loopback space")
        assert _said(said, "WebSocket") == f"ws{url.removeprefix('http')}/"
        with pytest.raises(urllib.error.HTTPError, match="401"):
            _get(f"{url}/api/fabric/addresses")
        command = said.partition("  curl ")[2].partition("\n\n")[0]
        _, user, _, body = shlex.split(command.replace("\\\n", ""))[:4]
        assert body == '{"reference": "ada"}'
        project, secret = user.split(":")
        token = _token(url, project, secret)
        assert token["ch"] == _said(said, "host claim")
        process.send_signal(stop)
        process.communicate(timeout=15)
        assert process.returncode == 0
    assert list(tmp_path.iterdir()) == []


def _token(url: str, project: str, secret: str, context: ssl.SSLContext | None = None) -> Any:
    """What the header of a token says that this space gives."""
    basic = base64.b64encode(f"{project}:{secret}".encode()).decode()
    request = urllib.request.Request(
        f"{url}/api/fabric/subscribers/tokens",
        data=b'{"reference": "ada"}',
        headers={"Authorization": f"Basic {basic}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10, context=context) as answer:
        head = json.load(answer)["token"].partition(".")[0]
    return json.loads(base64.urlsafe_b64decode(head + "=="))


@pytest.mark.parametrize("way", ["option", "environment", "file"])
def test_the_space_is_who_it_is_told_to_be(tmp_path: Path, way: str) -> None:
    """Under its own port, project, secret and name; a secret that was given is not shown."""
    secret = "PT-a-secret-of-somebody"
    (tmp_path / "secret").write_text(f"{secret}\n")
    words = ["--project-id=mine", "--ch=relay.space.test:8443", "--allow-host=other.test"]
    words += {
        "option": [f"--api-token={secret}"],
        "file": [f"--api-token-file={tmp_path / 'secret'}"],
    }.get(way, [])
    more = {"SW_NOTEBOOK_API_TOKEN": secret if way == "environment" else "another-secret"}
    with _space(tmp_path, *words, **more) as (process, said):
        url = _said(said, "loopback space")
        assert secret not in said
        assert _said(said, "project id") == "mine"
        assert _token(url, "mine", secret)["ch"] == "relay.space.test:8443"
        with pytest.raises(urllib.error.HTTPError, match="401"):
            _token(url, "mine", "another-secret")
        for host, status in {
            "relay.space.test:8443": 401,
            "fabric.space.test": 401,
            "other.test": 401,
            "space.test": 403,
        }.items():
            request = urllib.request.Request(f"{url}/api/loopback", headers={"Host": host})
            with pytest.raises(urllib.error.HTTPError, match=str(status)):
                urllib.request.urlopen(request, timeout=10)
        if way != "option":
            assert secret not in " ".join(psutil.Process(process.pid).cmdline())


def test_the_space_speaks_tls(tmp_path: Path) -> None:
    """Then https and wss on the one port, and nothing else."""
    cert, key = certificate(tmp_path)
    with _space(tmp_path, f"--tls-cert={cert}", f"--tls-key={key}") as (_, said):
        url = _said(said, "loopback space")
        assert url.startswith("https://127.0.0.1:")
        context = ssl.create_default_context(cafile=str(cert))
        secret = _said(said, "API token")
        assert _token(url, _said(said, "project id"), secret, context)["typ"] == "SAT"
        with websockets.sync.client.connect(
            _said(said, "WebSocket"), ssl=context, proxy=None
        ) as socket:
            socket.send('{"jsonrpc":"2.0","id":"1","method":"subscriber.online"}')
            assert "connect first" in str(socket.recv(timeout=10))
        with pytest.raises(OSError, match=r"."):
            _get(url.replace("https", "http"))


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--ch=puc.signalwire.com"], "must not lead to somebody else's machine"),
        (["--ch=space.test"], "of three parts"),
        (["--project-id=a:b"], "the project id"),
        (["--api-token=short"], "8 printable characters"),
        (["--api-token-file=/nowhere"], "No such file"),
        (["--tls-key=/nowhere"], "needs --tls-cert"),
        (["--tls-cert=/nowhere"], "cannot be used"),
        (["--tls-cert=/dev/null"], "cannot be used"),
        (["--port=65536"], "from 0 to 65535"),
        (["--port=http"], "from 0 to 65535"),
        (["--allow-host=*"], "allowed_hosts has '*'"),
        (["--max-legs=0"], "max_legs is 0"),
        (["--detach"], "unrecognized arguments"),
    ],
)
def test_the_space_says_what_cannot_be(
    words: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before it starts, in one sentence, without a secret."""
    with pytest.raises(SystemExit, match="2"):
        cli.main(["space", *words])
    said = capsys.readouterr().err
    assert why in said
    assert "short" not in said.replace("too short", "")


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    """As is a file for the frames that cannot be written."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for words in (["--port", port], ["--log-frames", str(tmp_path)]):
            done = subprocess.run(
                [sys.executable, "-m", "sw_notebook", "space", *words],
                capture_output=True,
                text=True,
                check=False,
                env=_environment(tmp_path),
            )
            assert done.returncode == 1
            assert done.stdout == ""
            assert re.fullmatch(r"sw-notebook: (port|frames) .*\n", done.stderr)


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
