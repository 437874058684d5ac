"""The page's code comes over the comm: what shows where it does not come, or does not fit."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from sw_notebook import LoopbackSpace

from .notebook import Notebook
from .waiting import expect_no_leg

SHOW = "from sw_notebook import Call, _static\ncall = Call('/public/echo', space='loopback')\ncall"
CARD = ".sw-card"


@pytest.fixture
def fresh(notebook: Notebook) -> Notebook:
    """A notebook in a page that has loaded nothing of ours yet."""
    notebook.save()
    notebook.reload()
    return notebook


def spoil(notebook: Notebook, body: str) -> None:
    """Let the kernel answer with something else than the application."""
    notebook.run(
        "from sw_notebook import _static\n"
        "import threading\n"
        "whole = _static.application\n"
        "_static.application_hash()  # of the whole one, and kept\n"
        "free = threading.Event()\n"
        f"def application():\n    {body}\n"
        "_static.application = application"
    )


def expect_call(notebook: Notebook, space: LoopbackSpace) -> None:
    """The call is there and works."""
    expect(notebook.views()).to_have_count(1)
    notebook.run("await call.dial(); call.hangup(); await call.wait_for('ended')")
    expect_no_leg(space)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("raise RuntimeError('the disk is full')", "the kernel failed to answer"),
        ("return b'export const = ;'", "SyntaxError"),
        ("return b''", "The call cannot be shown"),
    ],
    ids=["an error", "not JavaScript", "nothing"],
)
def test_the_application_does_not_arrive(
    fresh: Notebook, space: LoopbackSpace, body: str, words: str
) -> None:
    """The cell says so with the reason; *Try again* brings the call once it can be had."""
    spoil(fresh, body)
    fresh.run(SHOW)
    card = fresh.panel.locator(CARD)
    expect(card).to_contain_text(words)
    fresh.run("_static.application = whole")
    card.get_by_role("button", name="Try again").click()
    expect_call(fresh, space)


def test_the_application_comes_late(fresh: Notebook, space: LoopbackSpace) -> None:
    """After twenty seconds the cell says that the kernel may be busy; a late answer does."""
    spoil(fresh, "free.wait(); return whole()")
    fresh.run(SHOW)
    card = fresh.panel.locator(CARD)
    expect(card).to_contain_text("Loading")
    expect(card).to_contain_text("The kernel has not answered yet", timeout=25_000)
    fresh.run("free.set()")
    expect_call(fresh, space)


def test_a_page_of_another_version(fresh: Notebook) -> None:
    """Where page and kernel do not fit together the cell says to reload the page."""
    fresh.run("import sw_notebook._traits\nsw_notebook._traits.PROTOCOL = 999\n" + SHOW)
    expect(fresh.panel.locator(CARD)).to_contain_text("reload the page")


def test_messages_of_an_older_page(notebook: Notebook) -> None:
    """What an older page sends is dropped in words, and changes nothing."""
    notebook.run(SHOW)
    expect(notebook.views()).to_have_count(1)
    notebook.run("call._exchange.receive({'kind': 'status', 'page': 'old', 'status': 'connected'})")
    expect(notebook.views()).to_contain_text("After an upgrade of sw_notebook, reload the page")
    expect(notebook.button("Dial")).to_be_enabled()
