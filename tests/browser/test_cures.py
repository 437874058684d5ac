"""The faults of the pinned SDK that are cured: each is there without its cure, and gone with it.

Where a test of this file fails after an SDK update, that fault is gone: take its cure out.
"""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from sw_notebook import LoopbackSpace
from tools import node

JS = Path(__file__).parent.parent.parent / "js"
RECEIVE_ONLY = {"audio": False, "video": False, "receiveAudio": True, "receiveVideo": True}


class EmptyPage(BaseHTTPRequestHandler):
    """Answers everything with an empty page."""

    def do_GET(self) -> None:
        """Send it."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>bare</title>")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def bare(browser: Browser) -> Iterator[Page]:
    """A page on localhost with the SDK and nothing else."""
    found = node.find()
    assert found is not None
    bundle = subprocess.run(
        [str(found.node), "dev/bare.mjs"], cwd=JS, check=True, capture_output=True, text=True
    ).stdout
    context = browser.new_context(permissions=["camera", "microphone"])
    page = context.new_page()
    # A server, not a route of Playwright's: only a page that really came from this machine may
    # speak to it without a permission.
    server = ThreadingHTTPServer(("127.0.0.1", 0), EmptyPage)
    threading.Thread(target=server.serve_forever).start()
    page.goto(f"http://127.0.0.1:{server.server_port}/")
    page.add_script_tag(content=bundle, type="module")
    page.wait_for_function("() => window.swBare")
    yield page
    context.close()
    server.shutdown()
    server.server_close()


def dial(
    page: Page, space: LoopbackSpace, options: dict[str, Any], *without: str, seconds: float = 0
) -> str:
    """Dial the bars without these cures; ``connected``, or what the SDK threw."""
    return str(
        page.evaluate(
            "(dial) => window.swBare.dial(dial)",
            {
                "token": space.token("bare").reveal(),
                "space": {"domain": space.domain, "url": space.url},
                "destination": "/public/bars",
                "options": options,
                "without": list(without),
                "seconds": seconds,
            },
        )
    )


@pytest.mark.parametrize("options", [{}, RECEIVE_ONLY], ids=["phone style", "receive only"])
def test_with_all_cures(bare: Page, space: LoopbackSpace, options: dict[str, Any]) -> None:
    """With every cure in place each shape connects."""
    assert dial(bare, space, options) == "connected"


def test_without_a_reflexive_candidate_no_invite_leaves(bare: Page, space: LoopbackSpace) -> None:
    """``hostCandidates``: on one machine the SDK waits for a candidate that never comes."""
    assert dial(bare, space, {}, "hostCandidates") == "CallCreateError: Call create timeout"


def test_receive_only_needs_transceivers_and_an_empty_stream(
    bare: Page, space: LoopbackSpace
) -> None:
    """``receiveOnly`` and ``emptyCapture``: receiving alone fails without either."""
    assert dial(bare, space, RECEIVE_ONLY, "emptyCapture").startswith("CallCreateError")
    assert dial(bare, space, RECEIVE_ONLY, "receiveOnly").startswith("CallCreateError")


def test_a_candidate_pool_of_ten_breaks_an_ice_restart(bare: Page) -> None:
    """``candidatePool``: Chromium gathers nothing at a restart with the SDK's pool size."""
    assert bare.evaluate("() => window.swBare.restartCandidates(10)") == 0
    assert bare.evaluate("() => window.swBare.restartCandidates(0)") > 0


def test_the_sdk_selects_devices_late_and_opens_them_twice(
    bare: Page, space: LoopbackSpace
) -> None:
    """``lateSelection``: shown the devices, the SDK opens the microphone again in the call."""
    assert captures(bare, space, "lateSelection") == 2
    assert captures(bare, space) == 1


def captures(page: Page, space: LoopbackSpace, *without: str) -> int:
    """How often a call of three seconds opens the microphone."""
    before = page.evaluate("() => window.swBare.captures()")
    assert dial(page, space, {}, *without, seconds=3) == "connected"
    return int(page.evaluate("() => window.swBare.captures()") - before)
