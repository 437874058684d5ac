"""A web page of somebody else: the page of the documentation, the SDK's own file, and the space."""

from __future__ import annotations

import functools
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

ROOT = Path(__file__).parent.parent.parent
SDK = ROOT / "js" / "node_modules" / "@signalwire" / "js" / "dist" / "browser.umd.js"
CDN = "https://cdn.jsdelivr.net/npm/@signalwire/js@4.0.0-beta.12/dist/browser.umd.js"
SHOWN = "() => document.querySelector('#remote').getVideoPlaybackQuality().totalVideoFrames > 20"


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    """The folder with the page, as somebody's web server has it."""
    handler = functools.partial(Quiet, directory=str(ROOT / "docs"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_page_of_the_documentation_calls(browser: Browser, site: str, tmp_path: Path) -> None:
    """It connects and shows its own picture, with nothing but STUN to help the SDK."""
    frames = tmp_path / "frames.jsonl"
    command = [sys.executable, "-m", "sw_notebook", "space", "--stun", "--log-frames", str(frames)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            said = "".join(iter(process.stdout.readline, "Ctrl-C ends it.\n"))
            (url,) = re.findall(r"^loopback space +(\S+)$", said, re.MULTILINE)
            (curl,) = re.findall(r'-u "(\S+)"', said)
            auth = tuple(curl.split(":"))
            tokens = f"{url}/api/fabric/subscribers/tokens"
            answer = httpx.post(tokens, json={"reference": "ada"}, auth=auth, trust_env=False)
            token = answer.json()["token"]

            context = browser.new_context(permissions=["camera", "microphone"])
            context.route(CDN, lambda route: route.fulfill(path=SDK))
            page = context.new_page()
            page.goto(f"{site}/plain_page.html#space={url}&token={token}")
            expect(page.locator("#state")).to_have_text("connected")
            page.wait_for_function(SHOWN)
            (leg,) = httpx.get(f"{url}/api/loopback/legs", auth=auth, trust_env=False).json()[
                "legs"
            ]
            assert (leg["member"], leg["destination"]) == ("ada", "/public/echo")
            assert leg["received"]["video"]["frames"] > 0
            hangup = f"{url}/api/loopback/legs/{leg['call_id']}/hangup"
            httpx.post(hangup, auth=auth, trust_env=False)
            expect(page.locator("#state")).to_have_text("destroyed")
            context.close()
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
    invites = [line for line in map(json.loads, frames.read_text().splitlines()) if _invite(line)]
    assert "typ srflx" in str(invites)
    assert token not in frames.read_text()


def _invite(line: dict[str, object]) -> bool:
    return line["direction"] == "in" and "verto.invite" in str(line)
