"""The harness itself: what the other browser tests rely on holds in a real JupyterLab."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from .lab import Lab
from .notebook import CellError, Notebook, text

SLIDER = "from ipywidgets import IntSlider; slider = IntSlider(3, description='Depth'); slider"
TINY = '''
import anywidget, traitlets
class Tiny(anywidget.AnyWidget):
    _esm = """
    function render({ model, el }) {
      const button = document.createElement("button");
      button.textContent = "Add";
      button.onclick = () => model.send({ kind: "add" });
      const shown = document.createElement("output");
      const paint = () => { shown.textContent = model.get("count"); };
      model.on("change:count", paint);
      paint();
      el.classList.add("tiny");
      el.append(button, shown);
    }
    export default { render };
    """
    count = traitlets.Int(0).tag(sync=True)
    def __init__(self):
        super().__init__()
        self.on_msg(self._receive)
    def _receive(self, _, message, buffers):
        self.count += 1
tiny = Tiny()
tiny
'''


def test_a_cell_returns_its_outputs(notebook: Notebook) -> None:
    """A cell's outputs come back in their order, as text too."""
    outputs = notebook.run("print('one'); 1 + 1")
    assert text(outputs) == "one\n2\n"


def test_a_cell_that_raises_fails_unless_that_is_expected(notebook: Notebook) -> None:
    """An exception in a cell is one in the test, or an output where the test wants it."""
    with pytest.raises(CellError, match="ZeroDivisionError"):
        notebook.run("1 / 0")
    assert text(notebook.run("1 / 0", check=False)) == "ZeroDivisionError: division by zero\n"


def test_a_cell_can_be_watched_while_it_runs(notebook: Notebook) -> None:
    """start() does not wait, and interrupt() ends what waits for ever."""
    cell = notebook.start(
        "print('waiting', flush=True); import threading; threading.Event().wait()"
    )
    expect(notebook.panel.get_by_text("waiting", exact=True)).to_be_visible()
    assert text(cell.outputs) == "waiting\n"
    notebook.interrupt()
    assert "KeyboardInterrupt" in text(cell.wait(check=False))


def test_a_stock_widget_is_shown(notebook: Notebook) -> None:
    """A stock ipywidgets slider renders."""
    notebook.run(SLIDER)
    expect(notebook.views(".widget-slider")).to_have_count(1)
    expect(notebook.panel.get_by_text("Depth", exact=True)).to_be_visible()


def test_page_and_kernel_talk(notebook: Notebook) -> None:
    """A click reaches Python, and what Python writes is painted."""
    notebook.run(TINY)
    button = notebook.views(".tiny").get_by_role("button", name="Add")
    button.click()
    expect(notebook.views(".tiny output")).to_have_text("1")
    notebook.run("tiny.count = 41")
    button.click()
    expect(notebook.views(".tiny output")).to_have_text("42")
    assert notebook.page_errors == []


def test_two_tabs_show_one_kernel(notebook: Notebook) -> None:
    """A second tab has the same document, kernel and widget."""
    notebook.run(TINY)
    other = notebook.second_tab()
    assert other.kernel_id == notebook.kernel_id
    other.draw_lost(".tiny")
    other.views(".tiny").get_by_role("button", name="Add").click()
    expect(notebook.views(".tiny output")).to_have_text("1")
    other.page.close()


def test_the_kernel_outlives_a_reload_and_a_closed_document(notebook: Notebook, lab: Lab) -> None:
    """Neither loading the page again nor closing the document ends the kernel."""
    kernel = notebook.kernel_id
    notebook.run("kept = 7")
    notebook.save()
    notebook.reload()
    assert notebook.kernel_id == kernel
    assert text(notebook.run("kept")) == "7\n"
    notebook.close()
    assert not notebook.is_open
    assert kernel in lab.kernels()


def test_a_kernel_restarts_dies_and_is_shut_down(notebook: Notebook, lab: Lab) -> None:
    """Restart, death and shutdown reach the page."""
    notebook.run("kept = 7")
    notebook.restart()
    assert "NameError" in text(notebook.run("kept", check=False))
    notebook.kill()
    notebook.wait_for_kernel("autorestarting", "restarting", "dead")
    notebook.wait_for_kernel("idle")
    dialog = notebook.page.get_by_role("dialog", name="Kernel Restarting")
    expect(dialog).to_be_visible()
    notebook.dismiss_dialogs()
    expect(dialog).to_have_count(0)
    notebook.shutdown()
    assert notebook.kernel_status in {"none", "terminating", "dead"}
    assert notebook.kernel_id not in lab.kernels()


def test_run_all_gives_the_outputs_of_every_cell(notebook: Notebook, lab: Lab) -> None:
    """Run All runs what the document held when it was opened, and stops at an error."""
    lab.write("prepared.ipynb", "a = 1", "a + 1", "raise ValueError('no')")
    prepared = Notebook(lab, notebook.page, "prepared.ipynb")
    outputs = prepared.run_all(check=False)
    assert [text(cell) for cell in outputs] == ["", "2\n", "ValueError: no\n"]
    prepared.dispose()


def test_the_theme_changes(notebook: Notebook) -> None:
    """Light and dark can be had."""
    body = notebook.page.locator("body")
    notebook.theme("dark")
    expect(body).to_have_attribute("data-jp-theme-light", "false")
    notebook.theme("light")
    expect(body).to_have_attribute("data-jp-theme-light", "true")


def test_errors_of_the_page_are_kept(notebook: Notebook) -> None:
    """The console and uncaught exceptions can be asserted on."""
    notebook.page.evaluate(
        "() => { console.warn('careful'); setTimeout(() => { throw new Error('lost'); }); }"
    )
    notebook.page.wait_for_event("pageerror", predicate=lambda error: True)
    assert "warning: careful" in notebook.console
    assert any("lost" in error for error in notebook.page_errors)


ASK = """async () => {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
    return stream.getTracks().length;
  } catch (error) {
    return error.name;
  }
}"""
GATHER = """async () => {
  const connection = new RTCPeerConnection();
  connection.createDataChannel("x");
  let candidates = 0;
  connection.onicecandidate = ({ candidate }) => { if (candidate?.candidate) candidates += 1; };
  const complete = new Promise((resolve) => {
    connection.onicegatheringstatechange = () => {
      if (connection.iceGatheringState === "complete") resolve();
    };
  });
  await connection.setLocalDescription();
  await complete;
  connection.close();
  return candidates;
}"""


@pytest.mark.parametrize(
    ("kind", "tracks", "gathers"),
    [
        ("browser", 2, True),
        ("browser_denied", "NotAllowedError", True),
        ("browser_no_network", 2, False),
    ],
)
def test_each_browser_has_its_temperament(
    request: pytest.FixtureRequest, lab: Lab, kind: str, tracks: int | str, gathers: bool
) -> None:
    """One grants everything, one denies the devices, one finds no network."""
    browser: Browser = request.getfixturevalue(kind)
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{lab.url}/api")  # any page of a secure origin
        assert page.evaluate(ASK) == tracks
        assert (page.evaluate(GATHER) > 0) is gathers


def test_a_lab_stops_twice_and_leaves_nothing(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A second JupyterLab can be started, and stopped as often as one likes."""
    other = Lab(tmp_path_factory.mktemp("other"))
    assert other.kernels() == []
    other.stop()
    other.stop()
