"""The notebooks that need no browser, run as a user would."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"


def read(name: str) -> Any:
    """Return a notebook as it is kept."""
    return nbformat.read(NOTEBOOKS / name, as_version=4)  # type: ignore[no-untyped-call]


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The notebook about frames, after all its cells have run."""
    notebook = read("02_frames.ipynb")
    home = tmp_path_factory.mktemp("notebook")
    client = NotebookClient(notebook, timeout=100, resources={"metadata": {"path": str(home)}})
    # A space that other tests do not find: it would not have their settings.
    with (
        tempfile.TemporaryDirectory(prefix="sw-") as folder,
        pytest.MonkeyPatch.context() as patched,
    ):
        patched.setenv("SW_NOTEBOOK_RUNTIME_DIR", folder)
        client.execute()
    return notebook


def outputs(notebook: Any, kind: str) -> list[Any]:
    """What the cells show in this form."""
    return [
        output["data"][kind]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if kind in output.get("data", {})
    ]


def test_frames_are_pictures_and_plots(frames: Any) -> None:
    """One frame, three analyses, and tables."""
    assert len(outputs(frames, "image/jpeg")) == 1
    assert len(outputs(frames, "image/png")) == 3
    texts = outputs(frames, "text/plain")
    assert any("connected" in text for text in texts)
    assert "440" in texts  # what the spectrum says of the tone
    assert any("closed" in text for text in texts)


def test_frames_says_nothing_on_stderr(frames: Any) -> None:
    """No warning spoils a lesson."""
    streams = [o for cell in frames.cells for o in cell.get("outputs", []) if "name" in o]
    assert streams == []


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda p: p.name)
def test_notebooks_are_kept_without_outputs(path: Path) -> None:
    """They are valid, and whoever opens one sees what their own machine does."""
    notebook = read(path.name)
    nbformat.validate(notebook)
    assert all(not cell.get("outputs") for cell in notebook.cells)
    assert len({cell["id"] for cell in notebook.cells}) == len(notebook.cells)
