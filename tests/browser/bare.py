"""A page with the SDK and nothing of ours but the connection: ``js/dev/bare.ts``."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from playwright.sync_api import Browser, Page

from sw_notebook import LoopbackSpace
from tools import node

__all__ = ["RECEIVE_ONLY", "BareCall", "bare_page", "bundle", "dialling", "load"]

JS = Path(__file__).parent.parent.parent / "js"
RECEIVE_ONLY = {"audio": False, "video": False, "receiveAudio": True, "receiveVideo": True}
# Not `wait_for_function`: it takes the promise of an answer for an answer.
_WAIT = """async ([before, seconds]) => {
  for (const end = performance.now() + 1000 * seconds; ; ) {
    const media = await window.swBare.media();
    if (%s) return;
    if (performance.now() > end) throw new Error(`in vain: ${JSON.stringify(media)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}"""


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


def bundle(source: str) -> str:
    """Return a script of ``js/dev`` with all that it imports."""
    found = node.find()
    assert found is not None
    return subprocess.run(
        [str(found.node), "dev/bundle.mjs", source],
        cwd=JS,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def load(page: Page) -> None:
    """Bring the SDK into an empty page; once more after a reload."""
    page.add_script_tag(content=bundle("bare.ts"), type="module")
    page.wait_for_function("() => window.swBare")


@contextlib.contextmanager
def bare_page(browser: Browser) -> Iterator[Page]:
    """Open a page on localhost with the SDK and nothing else."""
    context = browser.new_context(permissions=["camera", "microphone"])
    page = context.new_page()
    # A server, not a route of Playwright's: only a page that really came from this machine may
    # speak to it without a permission.
    server = ThreadingHTTPServer(("127.0.0.1", 0), EmptyPage)
    threading.Thread(target=server.serve_forever).start()
    page.goto(f"http://127.0.0.1:{server.server_port}/")
    load(page)
    yield page
    context.close()
    server.shutdown()
    server.server_close()


def dialling(
    space: LoopbackSpace,
    destination: str,
    options: dict[str, Any],
    *without: str,
    reference: str = "bare",
) -> dict[str, Any]:
    """Return what ``swBare.dial`` and ``swBare.open`` need to dial without these cures."""
    return {
        "token": space.token(reference).reveal(),
        "space": {"domain": space.domain, "url": space.url},
        "destination": destination,
        "options": options,
        "without": list(without),
    }


class BareCall:
    """A call of the bare page that stays up; it is hung up when the block ends."""

    def __init__(
        self,
        page: Page,
        space: LoopbackSpace,
        destination: str = "/public/bars",
        options: dict[str, Any] | None = None,
    ) -> None:
        self._page = page
        self._space = space
        self._dial = dialling(space, destination, options or RECEIVE_ONLY)

    def __enter__(self) -> Self:
        said = self._page.evaluate("(dial) => window.swBare.open(dial)", self._dial)
        assert said == "connected"
        (leg,) = self._space.legs()
        self.call_id: str = leg["call_id"]
        return self

    def __exit__(self, *_: object) -> None:
        self._page.evaluate("() => window.swBare.close()")

    def media(self) -> dict[str, Any]:
        """Return what came in so far, and how the connection is."""
        found: dict[str, Any] = self._page.evaluate("() => window.swBare.media()")
        return found

    def leg(self) -> dict[str, Any] | None:
        """Return what the space says of the call; None where it knows of none."""
        found = [leg for leg in self._space.legs() if leg["call_id"] == self.call_id]
        return found[0] if found else None

    def restart(self) -> None:
        """Let the SDK restart ICE, and wait until both sides have agreed on it."""
        before = self.media()
        self._page.evaluate("() => window.swBare.restart()")
        self.wait(
            "media.local !== before.local && media.remote !== before.remote"
            " && media.signaling === 'stable' && media.connection === 'connected'",
            before,
        )

    def add_video(self) -> None:
        """Offer to receive a picture, too."""
        self._page.evaluate("() => window.swBare.addVideo()")

    def toggle_hold(self) -> None:
        """Hold, or go on."""
        self._page.evaluate("() => window.swBare.toggleHold()")

    def more(self, frames: int, *, within: float = 30) -> None:
        """Wait until so many more pictures, and half as many packets of sound, have come."""
        self.wait(
            f"media.frames >= before.frames + {frames}"
            f" && media.packets >= before.packets + {frames // 2}",
            self.media(),
            within=within,
        )

    def wait(self, condition: str, before: dict[str, Any], *, within: float = 30) -> None:
        """Wait until a condition on ``media`` holds; ``before`` may be part of it."""
        self._page.evaluate(_WAIT % condition, [before, within])
