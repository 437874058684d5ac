"""One view of a call in any page, as its user sees it, and what the page knows of its media."""

from __future__ import annotations

from typing import Any, Literal

from playwright.sync_api import Frame, Locator, Page, expect

from sw_notebook.strip import Strip

__all__ = ["Side", "View"]

Side = Literal["local", "remote"]


class View:
    """A view of a call.

    Attributes:
        page: the browser page that it is in.
        frame: the frame of that page.
    """

    def __init__(self, page: Page, number: int = 0, *, frame: Frame | None = None) -> None:
        self.page = page
        self.frame = frame or page.main_frame
        self._view = number

    # what a person sees

    @property
    def view(self) -> Locator:
        """The view."""
        return self.frame.locator(".sw-call").nth(self._view)

    def button(self, name: str) -> Locator:
        """A button by what a screen reader calls it."""
        return self.view.get_by_role("button", name=name, exact=True)

    @property
    def dial(self) -> Locator:
        """The button *Dial*."""
        return self.button("Dial")

    @property
    def hang_up(self) -> Locator:
        """The button *Hang up*."""
        return self.button("Hang up")

    @property
    def destination(self) -> Locator:
        """The destination box."""
        return self.view.get_by_label("Destination")

    @property
    def token(self) -> Locator:
        """The password box for a token."""
        return self.view.locator("input[type=password]")

    @property
    def status(self) -> Locator:
        """The status line."""
        return self.view.get_by_role("status").first

    @property
    def badge(self) -> Locator:
        """What tells how long the token lasts."""
        return self.view.locator(".sw-lasts")

    @property
    def log(self) -> Locator:
        """The log."""
        return self.view.get_by_role("log")

    def expect_status(self, status: str, *, timeout: float = 20) -> None:
        """Wait until the view shows this status; where it does not, tell what it shows."""
        try:
            expect(self.status).to_contain_text(status, timeout=1e3 * timeout, ignore_case=True)
        except AssertionError as error:
            if self.view.count():
                error.add_note(f"The view shows:\n{self.view.inner_text()}")
            raise

    def expect_idle(self) -> None:
        """Wait until *Dial* can be clicked again and *Hang up* cannot."""
        expect(self.dial).to_be_enabled()
        expect(self.hang_up).to_be_disabled()

    # what the page knows

    def frames(self, side: Side, count: int = 5) -> dict[str, int]:
        """Wait until the element has shown so many more frames; the size of the last."""
        return dict(self._probe("frames", side, count))

    def shown(self, side: Side) -> int:
        """How many frames the element has shown so far."""
        return int(self._probe("shown", side))

    def element(self, side: Side) -> dict[str, Any]:
        """Attributes and properties of the video element."""
        return dict(self._probe("element", side))

    def strip(self) -> Strip | None:
        """Read the strip from the next frame of the far side."""
        return Strip.from_bits(self._probe("strip", "remote"))

    @property
    def live_tracks(self) -> list[str]:
        """The kinds of all captured tracks of the page that still run."""
        return list(self.frame.evaluate("() => window.swProbe.live()"))

    def expect_no_live_track(self) -> None:
        """Wait until nothing in the page captures any more."""
        self.frame.wait_for_function("() => window.swProbe.live().length === 0")

    @property
    def devices(self) -> dict[str, str]:
        """The ids of the devices that the page captures, by kind."""
        return dict(self.page.evaluate("() => window.swProbe.devices()"))

    def unplug(self, kind: str) -> None:
        """Take away the devices of this kind that the page captures."""
        self.page.evaluate("(kind) => window.swProbe.unplug(kind)", kind)

    def slow(self, slow: bool) -> None:
        """Let the page measure a connection that is too slow for video, or the real one."""
        self.page.evaluate("(slow) => window.swProbe.slow(slow)", slow)

    def pairs(self) -> list[dict[str, Any]]:
        """What the connections of the page that are up send through."""
        return list(self.frame.evaluate("() => window.swProbe.pairs()"))

    @property
    def captures(self) -> list[dict[str, bool]]:
        """What the page has asked microphone and camera for so far."""
        return list(self.frame.evaluate("() => window.swProbe.captures"))

    def _probe(self, question: str, *args: object) -> Any:
        return self.frame.evaluate(
            "([question, args]) => window.swProbe[question](...args)",
            [question, [self._view, *args]],
        )
