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


LEAKS = """
async () => {
  localStorage.setItem("leak", "l34k");
  sessionStorage.setItem("leak", "l34k");
  document.cookie = "leak=l34k";
  const cache = await caches.open("leak");
  await cache.put("/leak", new Response("l34k"));
  const opening = indexedDB.open("leak", 1);
  const database = await new Promise((resolve) => {
    opening.onupgradeneeded = () => opening.result.createObjectStore("leak");
    opening.onsuccess = () => resolve(opening.result);
  });
  await new Promise((resolve) => {
    const writing = database.transaction("leak", "readwrite");
    writing.objectStore("leak").put("l34k", 1);
    writing.oncomplete = resolve;
  });
  database.close();
  history.replaceState({ leak: "l34k" }, "");
  window.leak = { deep: [new Map([["leak", "l34k"]])] };
  console.log("l34k");
  await fetch("/api/contents/l34k"); // the server logs what it has not
}
"""

MEND = """
async () => {
  localStorage.removeItem("leak");
  sessionStorage.removeItem("leak");
  document.cookie = "leak=; max-age=0";
  await caches.delete("leak");
  indexedDB.deleteDatabase("leak");
  history.replaceState(null, "");
  delete window.leak;
}
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
    for place in ("notebook", "export as html"):
        assert signature(secret) in found[place], place


def test_a_leak_anywhere_would_be_found(notebook: Notebook) -> None:
    """The search knows every place: a text that is left in each of them is found in each."""
    notebook.run("print('l34k')")
    notebook.page.evaluate(LEAKS)
    notebook.run("from sw_notebook import Call; Call('/public/echo')")  # a widget's state is saved
    found = places(notebook)
    assert [place for place, content in found.items() if "l34k" not in content] == []
    notebook.page.evaluate(MEND)


def test_credentials_are_saved_nowhere(
    notebook: Notebook, space: LoopbackSpace, tmp_path: Path
) -> None:
    """Neither the API token nor any token, whatever is shown and whatever fails."""
    kernel_log = tmp_path / "kernel.log"
    notebook.run(
        "import logging\n"
        f"logging.basicConfig(filename={str(kernel_log)!r}, level=logging.DEBUG, force=True)\n"
        "from sw_notebook import Call, Credentials, LoopbackSpace, TokenClient\n"
        "own = LoopbackSpace().start()\n"
        "mine = Credentials(own.url, own.project_id, own.api_token)\n"
        "%xmode Verbose"
    )
    call = Widget(notebook, "'/public/silence', space=mine")
    call.connect()
    notebook.run("call, call.token, call.messages, call.history, mine, own")
    notebook.run("with TokenClient(mine) as client:\n    grant = client.subscriber('ada')\ngrant")
    notebook.run("TokenClient(mine).refresh(grant.token)", check=False)
    notebook.run("import pickle; pickle.dumps(mine)", check=False)
    notebook.run("await Call('/public/@nobody', space=mine).dial()", check=False)
    notebook.run("1 / 0", check=False)
    found = places(notebook) | {"kernel's log": kernel_log.read_text()}
    call.hang_up.click()
    call.expect_ended()
    assert space.log_file is not None
    found["space's log"] = space.log_file.read_text()
    assert "subscribers/tokens" in found["kernel's log"]  # httpx's own lines are in it
    for place, content in found.items():
        assert space.api_token not in content, place
        assert "eyJ" not in content, place  # every token begins so


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
