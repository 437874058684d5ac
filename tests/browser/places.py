"""Where a notebook could leave a secret: what it saves, exports, and keeps in the page."""

from __future__ import annotations

from pathlib import Path

import nbconvert

from .notebook import Notebook

__all__ = ["exports", "places", "save_with_widget_state"]


def save_with_widget_state(notebook: Notebook) -> Path:
    """Save the document the way its user can ask for: with the state of its widgets."""
    command = "@jupyter-widgets/jupyterlab-manager:saveWidgetState"
    notebook.page.evaluate(
        "async (command) => { const { commands } = window.jupyterapp;"
        " if (!commands.isToggled(command)) await commands.execute(command); }",
        command,
    )
    notebook.page.wait_for_function(
        "(command) => window.jupyterapp.commands.isToggled(command)", arg=command
    )
    path = notebook.save()
    assert "widget-state" in path.read_text(), "the state of the widgets was not saved"
    return path


def exports(path: Path) -> dict[str, str]:
    """Return the document in each format that nbconvert makes of it as text."""
    return {
        f"export as {kind}": nbconvert.get_exporter(kind)().from_filename(str(path))[0]  # type: ignore[no-untyped-call]
        for kind in ("html", "script", "markdown")
    }


def places(notebook: Notebook) -> dict[str, str]:
    """Everything that could hold a secret, by name."""
    saved = save_with_widget_state(notebook)
    page: dict[str, str] = notebook.page.evaluate("() => window.swProbe.everything()")
    return {
        "notebook": saved.read_text(),
        **exports(saved),
        **page,
        "console": "\n".join([*notebook.console, *notebook.page_errors]),
        "addresses": "\n".join(notebook.addresses),
        "server's log": notebook.lab.log.read_text(),
    }
