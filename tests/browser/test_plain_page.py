"""A web page of somebody else: the page of the documentation, the SDK's own file, and the space."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from ..certificate import certificate
from .chromium import launch

ROOT = Path(__file__).parent.parent.parent
SDK = ROOT / "js" / "node_modules" / "@signalwire" / "js" / "dist" / "browser.umd.js"
CDN = "https://cdn.jsdelivr.net/npm/@signalwire/js@4.0.0-beta.12/dist/browser.umd.js"
SHOWN = "() => document.querySelector('#remote').getVideoPlaybackQuality().totalVideoFrames > 20"


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[str]:
    """A folder as somebody's web server has it."""
    handler = functools.partial(Quiet, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class Served:
    """A space that ``sw-notebook space`` serves."""

    def __init__(self, said: str, cert: Path | None) -> None:
        self._cert = cert
        (self.url,) = re.findall(r"^loopback space +(\S+)$", said, re.MULTILINE)
        (credentials,) = re.findall(r'-u "(\S+)"', said)
        project, secret = credentials.split(":")
        self._auth = (project, secret)

    def ask(self, path: str, body: object = None) -> Any:
        """Ask its REST API."""
        method = "GET" if body is None else "POST"
        url = self.url + path
        certificate = ssl.create_default_context(cafile=self._cert)
        return httpx.request(
            method, url, json=body, auth=self._auth, trust_env=False, verify=certificate
        ).json()

    def token(self) -> str:
        """Return a token for ada."""
        said = self.ask("/api/fabric/subscribers/tokens", {"reference": "ada"})
        return str(said["token"])


@contextlib.contextmanager
def running(*words: str, cert: Path | None = None) -> Iterator[Served]:
    """``sw-notebook space --stun``, which ends as it is told to."""
    command = [sys.executable, "-m", "sw_notebook", "space", "--stun", *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            yield Served("".join(iter(process.stdout.readline, "Ctrl-C ends it.\n")), cert)
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0


@contextlib.contextmanager
def opened(browser: Browser, url: str) -> Iterator[Page]:
    """A page that gets the SDK from the package."""
    context = browser.new_context(permissions=["camera", "microphone"], ignore_https_errors=True)
    context.route(CDN, lambda route: route.fulfill(path=SDK))
    page = context.new_page()
    page.goto(url)
    yield page
    context.close()


def see_it_call(page: Page, space: Served) -> None:
    """It connects, its own picture comes back, and it is hung up."""
    expect(page.locator("#state")).to_have_text("connected")
    page.wait_for_function(SHOWN)
    (leg,) = space.ask("/api/loopback/legs")["legs"]
    assert (leg["member"], leg["destination"]) == ("ada", "/public/echo")
    assert leg["received"]["video"]["frames"] > 0
    space.ask(f"/api/loopback/legs/{leg['call_id']}/hangup", {})
    expect(page.locator("#state")).to_have_text("destroyed")


def test_the_page_of_the_documentation_calls(browser: Browser, tmp_path: Path) -> None:
    """With nothing but STUN to help the SDK."""
    frames = tmp_path / "frames.jsonl"
    with running("--log-frames", str(frames)) as space, serving(ROOT / "docs") as site:
        token = space.token()
        with opened(browser, f"{site}/plain_page.html#space={space.url}&token={token}") as page:
            see_it_call(page, space)
    invites = [line for line in map(json.loads, frames.read_text().splitlines()) if _invite(line)]
    assert "typ srflx" in str(invites)
    assert token not in frames.read_text()


def _invite(line: dict[str, object]) -> bool:
    return line["direction"] == "in" and "verto.invite" in str(line)


def test_a_page_that_knows_no_space_calls(playwright: Playwright, tmp_path: Path) -> None:
    """Where its token names a host that leads here, and the browser trusts the certificate."""
    text = (ROOT / "docs" / "plain_page.html").read_text()
    head, rest = text.split("  // These two")
    plain = head + rest[rest.index("  const call") :]
    assert not re.search("relayHost|fetch", plain)
    (tmp_path / "page.html").write_text(plain)
    cert, key = certificate(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    words = ["--port", port, "--ch", f"relay.space.test:{port}", "--tls-cert", str(cert)]
    names = "--host-resolver-rules=MAP *.space.test 127.0.0.1"
    browser = launch(playwright, options=[names, "--ignore-certificate-errors"])
    try:
        with (
            running(*words, "--tls-key", str(key), cert=cert) as space,
            serving(tmp_path) as site,
            opened(browser, f"{site}/page.html#token={space.token()}") as page,
        ):
            see_it_call(page, space)
    finally:
        browser.close()


@pytest.fixture(autouse=True)
def nobody_left() -> None:
    """These have spaces of their own."""
