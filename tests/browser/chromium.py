"""Chromium with a camera and a microphone that need no hardware, in three temperaments."""

from __future__ import annotations

import os
from collections.abc import Sequence

from playwright.sync_api import Browser, Playwright

from tools import browser

__all__ = ["launch"]

_ALWAYS = (
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-sync",
    "--no-first-run",
    "--use-fake-device-for-media-stream",
)
_GRANTED = "--use-fake-ui-for-media-stream"  # answers the permission prompt with yes
_NO_CANDIDATES = "--webrtc-ip-handling-policy=disable_non_proxied_udp"


def launch(
    playwright: Playwright,
    *,
    granted: bool = True,
    network: bool = True,
    options: Sequence[str] = (),
) -> Browser:
    """Start Chromium.

    Args:
        playwright: what drives it.
        granted: False, and camera and microphone are denied.
        network: False, and WebRTC gathers no candidate, as on a machine without an interface.
        options: more of its own options.
    """
    arguments = [
        *_ALWAYS,
        *([_GRANTED] if granted else []),
        *([] if network else [_NO_CANDIDATES]),
        *options,
    ]
    found = browser.find()
    if found is None:
        raise browser.BrowserMissingError(
            "no Chromium or Chrome starts here: run `make test`, which installs one"
        )
    return playwright.chromium.launch(executable_path=found, args=arguments)
