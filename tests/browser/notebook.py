"""A notebook document in a JupyterLab page, driven the way its user would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Frame,
    Locator,
    Page,
    Request,
    WebSocket,
    expect,
)

from .lab import Lab

__all__ = ["Cell", "CellError", "Notebook", "Output", "load", "new_page", "open_page", "text"]

Output = Mapping[str, Any]

_LIBRARY = Path(__file__).with_name("page.js")
_PROBE = Path(__file__).with_name("probe.js")
_THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}


class CellError(AssertionError):
    """A cell that was to succeed raised; the message is its traceback."""


class Cell:
    """A cell that was started.

    Attributes:
        id: its id in the document.
    """

    def __init__(self, notebook: Notebook, id: str) -> None:
        self._notebook = notebook
        self.id = id

    @property
    def outputs(self) -> list[Output]:
        """What it has put out so far."""
        outputs: list[Output] = self._notebook.ask("outputs", self.id)
        return outputs

    def wait(self, *, timeout: float = 30, check: bool = True) -> list[Output]:
        """Wait for its end and return its outputs.

        Raises:
            CellError: it raised, and ``check`` is not False.
        """
        return _checked(self._notebook.ask("wait", self.id, 1e3 * timeout), check)

    def run_again(
        self, source: str | None = None, *, timeout: float = 30, check: bool = True
    ) -> list[Output]:
        """Run the cell once more, as its user does, and return its outputs."""
        self.start_again(source)
        return self.wait(timeout=timeout, check=check)

    def start_again(self, source: str | None = None) -> None:
        """Run the cell once more without waiting; with another source where one is given."""
        if source is not None:
            self._notebook.ask("edit", self.id, source)
        self._notebook.ask("again", self.id)


class Notebook:
    """One notebook document, its kernel and its views.

    Attributes:
        lab: the JupyterLab that serves it.
        page: the browser page, for what this class does not offer.
        frame: the frame of it that shows JupyterLab.
        name: the file's name.
        kernel_id: the id of its kernel.
        console: what the page has written to its console, as ``type: text``.
        page_errors: exceptions that nobody caught in the page.
        addresses: what the page has asked for and connected to.
    """

    def __init__(
        self,
        lab: Lab,
        page: Page,
        name: str,
        *,
        frame: Frame | None = None,
        timeout: float = 60,
    ) -> None:
        self.lab = lab
        self.page = page
        self.frame = frame or page.main_frame
        self.name = name
        self.console: list[str] = []
        self.page_errors: list[str] = []
        self.addresses: list[str] = []
        page.on("request", self._ask_for)
        page.on("websocket", self._ask_for)
        page.on("console", self._log)
        page.on("pageerror", self._fail)
        self._attach("open", timeout)

    # running

    def run(self, source: str, *, timeout: float = 30, check: bool = True) -> list[Output]:
        """Append a cell, run it and return its outputs.

        Raises:
            CellError: it raised, and ``check`` is not False.
        """
        return self.start(source).wait(timeout=timeout, check=check)

    def start(self, source: str) -> Cell:
        """Append a cell and run it without waiting; ``.wait()`` on what this returns does."""
        return Cell(self, self.ask("start", source))

    def run_all(self, *, timeout: float = 60, check: bool = True) -> list[list[Output]]:
        """Run every cell, as the menu does, and return the outputs of each code cell."""
        outputs: list[list[Output]] = self.ask("runAll", 1e3 * timeout)
        return [_checked(cell, check) for cell in outputs]

    def clear_outputs(self) -> None:
        """Clear the outputs of every cell."""
        self.ask("clearOutputs")

    # the kernel

    def interrupt(self) -> None:
        """Interrupt the kernel."""
        self.ask("interrupt")

    def restart(self, *, timeout: float = 30) -> None:
        """Restart the kernel and wait until it is idle."""
        self._attach("restart", timeout)

    def shutdown(self, *, timeout: float = 30) -> None:
        """Shut the kernel down."""
        self.ask("shutdown", 1e3 * timeout)

    def kill(self) -> None:
        """Kill the kernel's process, as the system does when memory runs out."""
        self.lab.kernel(self.kernel_id).kill()

    def wait_for_kernel(self, *statuses: str, timeout: float = 30) -> str:
        """Wait until the page knows the kernel to be in one of these statuses."""
        return str(self.ask("status", list(statuses), 1e3 * timeout))

    @property
    def kernel_status(self) -> str:
        """What the page knows of the kernel, ``"none"`` where it has none."""
        return str(self.ask("kernelStatus"))

    # the document

    def save(self, *, timeout: float = 30) -> Path:
        """Save the document and return its path."""
        self.ask("save", 1e3 * timeout)
        return self.lab.root / self.name

    def reload(self, *, timeout: float = 60) -> None:
        """Load the page afresh at this document; the kernel lives on."""
        # JupyterLab would open the document of its address once more, and maybe after its test
        load(self.lab, self.page, self.name if self.lab.application == "notebook" else "")
        self._attach("open", timeout)

    def second_tab(self, *, timeout: float = 60) -> Notebook:
        """Save, and open the same document with the same kernel in a second page."""
        self.save()
        page = self.page.context.new_page()
        load(self.lab, page)
        return Notebook(self.lab, page, self.name, timeout=timeout)

    def close(self, *, timeout: float = 30) -> None:
        """Close the document; the kernel lives on."""
        self.ask("close", 1e3 * timeout)

    def dispose(self, *, timeout: float = 30) -> None:
        """Shut the kernel down and close the document, whatever state they are in."""
        self.page.remove_listener("console", self._log)
        self.page.remove_listener("pageerror", self._fail)
        self.page.remove_listener("request", self._ask_for)
        self.page.remove_listener("websocket", self._ask_for)
        if not self.page.is_closed() and self.is_open:
            self.shutdown(timeout=timeout)
            self.ask("dispose")

    def dismiss_dialogs(self) -> None:
        """Close JupyterLab's dialogs, such as the one that tells of a kernel's death."""
        self.ask("dismiss")

    @property
    def is_open(self) -> bool:
        """Whether the document is open in the page."""
        return bool(self.frame.evaluate("path => window.swLab?.isOpen(path)", self.name))

    # what it looks like

    @property
    def panel(self) -> Locator:
        """The document's part of the page."""
        return self.frame.locator(f'[id="{self._panel_id}"]')

    def views(self, selector: str = ".sw-call") -> Locator:
        """Return the widget views in this document."""
        return self.panel.locator(selector)

    def draw_lost(self, selector: str = ".sw-call", *, timeout: float = 20) -> None:
        """Wait for the views of a document that was opened, and draw again what was given up.

        ipywidgets looks for a model for two seconds.  Where a busy machine has restored the models
        just as these end, it says for good that there is none (its issue 3823).
        """
        lost = self.panel.get_by_text("model not found")
        expect(self.views(selector).or_(lost)).not_to_have_count(0, timeout=1e3 * timeout)
        if lost.count():
            self.ask("redraw")

    def button(self, name: str, *, view: int = 0) -> Locator:
        """Return a button of a view by what a screen reader calls it."""
        return self.views().nth(view).get_by_role("button", name=name, exact=True)

    def theme(self, name: Literal["light", "dark"]) -> None:
        """Switch JupyterLab's theme; it stays for the page's other documents."""
        self.frame.evaluate("name => window.swLab.theme(name)", _THEMES[name])

    def ask(self, action: str, *args: object) -> Any:
        """Do one of the things in ``page.js`` to this document and return its result."""
        return self.frame.evaluate(
            "([action, args]) => window.swLab[action](...args)", [action, [self.name, *args]]
        )

    def _attach(self, action: str, timeout: float) -> None:
        found = self.ask(action, 1e3 * timeout)
        self._panel_id, self.kernel_id = str(found["panel"]), str(found["kernel"])

    def _log(self, message: ConsoleMessage) -> None:
        self.console.append(f"{message.type}: {message.text}")

    def _ask_for(self, asked: Request | WebSocket) -> None:
        self.addresses.append(asked.url)

    def _fail(self, error: Exception) -> None:
        self.page_errors.append(str(error))


def open_page(
    lab: Lab,
    browser: Browser,
    *,
    permissions: Sequence[str] = ("camera", "microphone"),
) -> Page:
    """Open JupyterLab in a context of its own and wait until it can take commands."""
    page = new_page(browser, permissions=permissions)
    load(lab, page)
    return page


def new_page(
    browser: Browser, *, permissions: Sequence[str] = ("camera", "microphone"), script: str = ""
) -> Page:
    """Open an empty page in a context of its own, with what the tests ask of pages.

    Args:
        browser: where.
        permissions: what it may use without a prompt.
        script: run first in every document.
    """
    context = browser.new_context(permissions=permissions, viewport={"width": 1280, "height": 900})
    if script:
        context.add_init_script(script)
    context.add_init_script(path=_LIBRARY)
    context.add_init_script(path=_PROBE)
    return context.new_page()


def load(lab: Lab, page: Page, name: str = "") -> None:
    """Load the application, at a document where one is named, and wait until it takes commands."""
    page.goto(lab.address(name))
    page.wait_for_function("() => window.jupyterapp", polling=50)


def text(outputs: Sequence[Output]) -> str:
    """Return what outputs say as text: streams, values, errors, in their order."""
    return "".join(_words(output) for output in outputs)


def _words(output: Output) -> str:
    kind = output["output_type"]
    if kind == "stream":
        return _joined(output["text"])
    if kind == "error":
        return f"{output['ename']}: {output['evalue']}\n"
    return _joined(output["data"].get("text/plain", "")) + "\n"


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def _checked(outputs: list[Output], check: bool) -> list[Output]:
    for output in outputs:
        if check and output["output_type"] == "error":
            raise CellError("\n".join(output["traceback"]))
    return outputs
