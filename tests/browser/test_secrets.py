"""No token in what a notebook saves, exports or leaves in the page."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from sw_notebook import LoopbackSpace

from .notebook import Notebook, text
from .places import places
from .widget import Widget

NOTEBOOK = Path(__file__).parent.parent.parent / "notebooks" / "01_first_call.ipynb"

LEAKY = """
import traitlets
from sw_notebook import Call
class Leaky(Call):
    token = traitlets.Any(None, allow_none=True).tag(
        sync=True, to_json=lambda token, _: token and token.reveal()
    )
"""


@pytest.fixture
def secret(space: LoopbackSpace) -> str:
    """A token of the space."""
    return space.token("secret").reveal()


def signature(secret: str) -> str:
    """The part of a token that is nowhere else: no other token of the test ends so."""
    return secret.rpartition(".")[2]


def test_the_token_is_saved_nowhere(notebook: Notebook, secret: str, tmp_path: Path) -> None:
    """A call with a token leaves it in no file, no export, no storage, no DOM and no console."""
    (tmp_path / "token").write_text(secret)
    source = f"open({str(tmp_path / 'token')!r}).read()"
    call = Widget(notebook, f"'/public/silence', token={source}")
    call.connect()
    notebook.run("call, call.token, call.messages, call.history")
    during = places(notebook)
    call.hang_up.click()
    call.expect_ended()
    after = places(notebook)
    for place, content in [*during.items(), *after.items()]:
        assert signature(secret) not in content, place


def test_a_pasted_token_is_saved_nowhere(notebook: Notebook, secret: str) -> None:
    """What was pasted into the page's box stays in that box."""
    call = Widget(notebook, "'/public/silence', token=''")
    call.token.fill(secret)
    call.dial.click()
    call.expect_status("connected")
    call.hang_up.click()
    call.expect_ended()
    call.token.fill("")
    for place, content in places(notebook).items():
        assert signature(secret) not in content, place
    notebook.run("import json")
    state = text(notebook.run("print(call.get_state(), call.messages, vars(call._journal))"))
    assert signature(secret) not in state


def test_a_synced_token_would_be_found(notebook: Notebook, secret: str, tmp_path: Path) -> None:
    """The search above is able to fail: a token in a synced trait is in file and export."""
    (tmp_path / "token").write_text(secret)
    notebook.run(LEAKY)
    notebook.run(f"Leaky('/public/echo', token=open({str(tmp_path / 'token')!r}).read())")
    expect(notebook.views()).to_have_count(1)
    found = places(notebook)
    assert signature(secret) in found["notebook"]
    assert signature(secret) in found["export"]


def test_the_first_notebook_runs(notebook: Notebook) -> None:
    """*Run All* on notebook 01 passes, and a copy saved with widget state holds no token."""
    document = notebook.lab.root / "01_first_call.ipynb"
    document.write_text(NOTEBOOK.read_text())
    first = Notebook(notebook.lab, notebook.page, document.name)
    outputs = first.run_all(timeout=60)
    said = [text(output) for output in outputs]
    assert "connected" in said[1]
    assert "'video': 'sendrecv'" in said[2]
    assert "destroyed" in said[3]
    for status in ("new", "trying", "connecting", "connected", "disconnecting", "destroyed"):
        assert status in said[4]
    assert said[5].startswith("destination\n")
    assert "refuses" in said[5]
    assert "allowed_addresses" in said[6]
    first.views().first.wait_for()
    for place, content in places(first).items():
        # every token of the loopback space begins so, whatever it holds
        assert "eyJ" not in content, place
    assert first.page_errors == []
    first.dispose()
