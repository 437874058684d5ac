"""Pages that may do less: an insecure origin, a frame without devices, one without WebCrypto."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Playwright

from sw_notebook import LoopbackSpace

from .chromium import launch
from .lab import Lab
from .notebook import Notebook, load, new_page
from .test_failures import expect_failure
from .waiting import expect_no_leg
from .widget import Widget

INSECURE = "insecure.test"
NO_DEVICES = "camera 'none'; microphone 'none'"


@pytest.fixture
def insecure(
    playwright: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Notebook]:
    """An empty notebook in a page that came over http from another name than localhost."""
    browser = launch(playwright, options=[f"--host-resolver-rules=MAP {INSECURE} 127.0.0.1"])
    lab = Lab(tmp_path_factory.mktemp("insecure"), options=["--ServerApp.allow_remote_access=True"])
    lab.url = lab.url.replace("127.0.0.1", INSECURE)
    # this origin has no devices that a permission could be given for
    page = new_page(browser, permissions=())
    try:
        yield opened(lab, page, "insecure.ipynb")
    finally:
        browser.close()
        lab.stop()


@pytest.fixture
def framed(lab: Lab, browser: Browser) -> Iterator[Notebook]:
    """An empty notebook in a JupyterLab in a frame that may use no devices."""
    page = new_page(browser)
    name = "framed.ipynb"
    lab.write(name)
    outer = f"{lab.url}/outer.html"
    body = f'<iframe allow="{NO_DEVICES}" src="{lab.address()}" width="1200" height="850">'
    page.route(outer, lambda route: route.fulfill(body=body, content_type="text/html"))
    page.goto(outer)
    frame = page.frames[1]
    frame.wait_for_function("() => window.jupyterapp", polling=50)
    yield Notebook(lab, page, name, frame=frame)
    page.context.close()


@pytest.fixture
def without_crypto(lab: Lab, browser: Browser) -> Iterator[Notebook]:
    """An empty notebook in a page that has no ``crypto.subtle``."""
    script = "Object.defineProperty(Crypto.prototype, 'subtle', { get: () => undefined })"
    page = new_page(browser, script=script)
    yield opened(lab, page, "without_crypto.ipynb")
    page.context.close()


def opened(lab: Lab, page: Page, name: str) -> Notebook:
    """Open an empty notebook in this page."""
    lab.write(name)
    load(lab, page)
    return Notebook(lab, page, name)


def test_an_insecure_origin(insecure: Notebook) -> None:
    """The page names its origin, and says which ones have camera and microphone."""
    call = Widget(insecure, "'/public/echo', video=True, space='loopback'")
    call.dial.click()
    expect_failure(call, "page", f"http://{INSECURE}", "is not a secure origin", "http://localhost")
    assert call.ask("call.errors[-1].name") == "InsecureContextError"


@pytest.mark.parametrize(
    ("options", "devices"),
    [
        ("", "microphone"),
        ("audio=False, video=True,", "camera"),
        ("video=True,", "microphone and camera"),
    ],
)
def test_a_frame_without_devices(framed: Notebook, options: str, devices: str) -> None:
    """The frame is named as the cause: nothing in the address bar could allow it."""
    call = Widget(framed, f"'/public/echo', {options} space='loopback'")
    call.dial.click()
    expect_failure(
        call,
        "media",
        f"the frame that shows this page does not allow the {devices}",
        'allow="camera; microphone"',
        "a tab of its own",
    )
    assert call.ask("call.errors[-1].name") == "FramePolicyError"


def test_receive_only_in_a_frame_without_devices(framed: Notebook, space: LoopbackSpace) -> None:
    """A call that sends nothing needs no device."""
    call = Widget(
        framed,
        "'/public/bars', audio=False, video=False, receive_audio=True, receive_video=True, "
        "space='loopback'",
    )
    call.dial.click()
    call.expect_status("connected")
    assert call.frames("remote")["width"] > 0
    assert call.captures == []
    call.hang_up.click()
    call.expect_ended()
    expect_no_leg(space)


def test_without_webcrypto(without_crypto: Notebook, space: LoopbackSpace) -> None:
    """The call works: the SDK then makes no key to bind the session to."""
    assert without_crypto.page.evaluate("() => crypto.subtle === undefined")
    call = Widget(without_crypto, "'/public/echo', video=True, space='loopback'")
    call.dial.click()
    call.expect_status("connected")
    assert call.frames("remote")["width"] > 0
    call.hang_up.click()
    call.expect_ended()
    expect_no_leg(space)
