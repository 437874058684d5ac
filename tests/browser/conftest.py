"""Fixtures of the browser tests: one JupyterLab, three Chromiums, a fresh notebook per test."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from sw_notebook import LoopbackSpace, SpaceError

from .bare import bare_page
from .chromium import launch
from .counters import collecting
from .lab import Lab
from .notebook import Notebook, open_page

# It ends as soon as what is expected is there; 5 s, its usual limit, are short for a busy machine.
expect.set_options(timeout=20_000)

_RESULTS = Path(__file__).parent.parent.parent / "test-results"
_OUTCOME = pytest.StashKey[pytest.TestReport]()


class Desk:
    """The page that tests share in one browser; it is replaced after a test that failed.

    Loading JupyterLab is what takes time, so a test gets a new document in a page that is there.
    """

    def __init__(
        self,
        lab: Lab,
        browser: Browser,
        permissions: Sequence[str] = ("camera", "microphone"),
    ) -> None:
        self.lab = lab
        self._browser = browser
        self._permissions = permissions
        self._page: Page | None = None

    def page(self) -> Page:
        """Return the page, opening it where there is none."""
        if self._page is None or self._page.is_closed():
            self._page = open_page(self.lab, self._browser, permissions=self._permissions)
        return self._page

    def clear(self) -> None:
        """Close the page; safe to call twice."""
        if self._page is not None:
            self._page.context.close()
            self._page = None


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A JupyterLab for the whole session."""
    lab = Lab(tmp_path_factory.mktemp("lab"))
    yield lab
    lab.stop()


@pytest.fixture(scope="session")
def space() -> Iterator[LoopbackSpace]:
    """The loopback space that the notebooks of this session share; it is quick to lose patience."""
    with LoopbackSpace(
        resume_seconds=8, no_answer_seconds=4, drop_seconds=1.5, vanish_seconds=1.5
    ) as space:
        yield space


@pytest.fixture(scope="session")
def stun_space() -> Iterator[LoopbackSpace]:
    """A space that answers STUN, so that the SDK calls without a provider of ours."""
    with LoopbackSpace(private=True, stun=True, no_answer_seconds=4) as space:
        yield space


@pytest.fixture(autouse=True)
def nobody_left(space: LoopbackSpace) -> Iterator[None]:
    """Hang up what a failed test has left, so that the next one finds the space empty."""
    yield
    for leg in space.legs():
        with contextlib.suppress(SpaceError):  # it may have ended by itself
            space.hangup(leg["call_id"])


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What drives the browsers."""
    folder = os.environ.get("SW_NOTEBOOK_COVERAGE")
    with (
        collecting(Path(folder) / "counters") if folder else contextlib.nullcontext(),
        sync_playwright() as playwright,
    ):
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium with fake devices, whose permission prompts answer themselves with yes."""
    browser = launch(playwright)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def bare(browser: Browser) -> Iterator[Page]:
    """A page with the SDK and nothing of ours but the connection."""
    with bare_page(browser) as page:
        yield page


@pytest.fixture(scope="session")
def browser_denied(playwright: Playwright) -> Iterator[Browser]:
    """Chromium that denies camera and microphone."""
    browser = launch(playwright, granted=False)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def browser_no_network(playwright: Playwright) -> Iterator[Browser]:
    """Chromium whose WebRTC finds no network interface: it gathers no candidate."""
    browser = launch(playwright, network=False)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def desk(lab: Lab, browser: Browser) -> Iterator[Desk]:
    """The shared page of the ordinary browser."""
    desk = Desk(lab, browser)
    yield desk
    desk.clear()


@pytest.fixture
def notebook(request: pytest.FixtureRequest, desk: Desk) -> Iterator[Notebook]:
    """An empty notebook with a kernel of its own."""
    yield from _notebook(request, desk)


@pytest.fixture(scope="session")
def desk_denied(lab: Lab, browser_denied: Browser) -> Iterator[Desk]:
    """The shared page of the browser that denies camera and microphone."""
    desk = Desk(lab, browser_denied, permissions=())
    yield desk
    desk.clear()


@pytest.fixture
def notebook_denied(request: pytest.FixtureRequest, desk_denied: Desk) -> Iterator[Notebook]:
    """An empty notebook in the browser that denies camera and microphone."""
    yield from _notebook(request, desk_denied)


@pytest.fixture
def notebook_no_network(
    request: pytest.FixtureRequest, lab: Lab, browser_no_network: Browser
) -> Iterator[Notebook]:
    """An empty notebook in the browser that gathers no candidate."""
    desk = Desk(lab, browser_no_network)
    yield from _notebook(request, desk)
    desk.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Leave the outcome where the fixtures find it; show what the pages of a failure said."""
    report = yield
    if report.when == "call":
        item.stash[_OUTCOME] = report
    if report.failed and isinstance(item, pytest.Function):
        for name, value in item.funcargs.items():
            if isinstance(value, Notebook):
                report.sections.append((f"page of {name}", "\n".join(_said(value)[-60:])))
    return report


def _notebook(request: pytest.FixtureRequest, desk: Desk) -> Iterator[Notebook]:
    name = re.sub(r"\W+", "_", request.node.name).strip("_") + ".ipynb"
    desk.lab.write(name)
    page = desk.page()
    notebook: Notebook | None = None
    clean = False
    try:
        notebook = Notebook(desk.lab, page, name)
        yield notebook
        outcome = request.node.stash.get(_OUTCOME, None)
        if outcome is not None and outcome.passed:
            notebook.dispose()
            clean = True
    finally:
        if not clean:
            _keep(request.node.nodeid, desk.lab, page, notebook)
            desk.clear()


def _keep(test: str, lab: Lab, page: Page, notebook: Notebook | None) -> None:
    """Save what helps to understand a failure: pictures, console, the server's log."""
    folder = _RESULTS / re.sub(r"\W+", "-", test).strip("-")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "server.log").write_text(lab.log.read_text())
    if notebook is not None:
        (folder / "console.txt").write_text("\n".join(_said(notebook)))
    for number, shown in enumerate(page.context.pages):
        shown.screenshot(path=folder / f"page-{number}.png")


def _said(notebook: Notebook) -> list[str]:
    return [*notebook.console, *(f"uncaught: {error}" for error in notebook.page_errors)]
