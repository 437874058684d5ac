"""A real JupyterLab or Notebook 7 in a folder of its own, started and stopped for the tests."""

from __future__ import annotations

import json
import os
import sys
import urllib.request
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any, Literal

import psutil

from .server import Server

__all__ = ["Lab", "write_notebook"]

_workspaces = count()


class Lab(Server):
    """JupyterLab on a free port, without a token; or Notebook 7, which has the same insides.

    Attributes:
        root: the folder that it serves.
        url: where it listens.
        log: the file that holds what it said.
    """

    def __init__(
        self,
        home: Path,
        *,
        application: Literal["jupyterlab", "notebook"] = "jupyterlab",
        options: Sequence[str] = (),
    ) -> None:
        self.application = application
        self._kernels = home / "jupyter" / "kernels"
        command = [
            *(sys.executable, "-m", application, "--no-browser", "--expose-app-in-browser"),
            *(["--allow-root"] if os.geteuid() == 0 else []),
            "--ServerApp.ip=127.0.0.1",
            "--ServerApp.port=0",
            f"--ServerApp.root_dir={home / 'notebooks'}",
            "--IdentityProvider.token=",
            "--LabApp.news_url=",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            *options,
        ]
        super().__init__(home, command, probe="/api/kernels")

    def address(self, name: str = "") -> str:
        """Return where a page shows a document, or the application where none is named."""
        if self.application == "notebook":
            return f"{self.url}/notebooks/{name}" if name else f"{self.url}/tree"
        # a workspace of its own: JupyterLab sends a page away whose workspace another one shows
        workspace = f"{self.url}/lab/workspaces/test-{next(_workspaces)}"
        return f"{workspace}/tree/{name}" if name else workspace

    def kernel(self, kernel_id: str) -> psutil.Process:
        """Return the process of a kernel, to look at or to kill."""
        for process in self.processes():
            if any(f"kernel-{kernel_id}" in word for word in process.cmdline()):
                return process
        raise LookupError(f"no kernel {kernel_id} runs under this JupyterLab")

    def kernels(self) -> list[str]:
        """Return the ids of the kernels that run."""
        with urllib.request.urlopen(f"{self.url}/api/kernels", timeout=10) as answer:
            return [kernel["id"] for kernel in json.load(answer)]

    def add_kernel(self, name: str, environment: Mapping[str, str]) -> None:
        """Offer another kernel of this Python, which sees these variables."""
        folder = self._kernels / name
        folder.mkdir(parents=True, exist_ok=True)
        launch = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        spec = {
            "argv": launch,
            "display_name": name,
            "language": "python",
            "env": dict(environment),
        }
        (folder / "kernel.json").write_text(json.dumps(spec))

    def write(self, name: str, *sources: str, kernel: str = "python3") -> Path:
        """Write a notebook with these code cells and return its path."""
        return write_notebook(self.root / name, *sources, kernel=kernel)


def write_notebook(path: Path, *sources: str, kernel: str = "python3") -> Path:
    """Write a notebook with these code cells and return its path."""
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": f"cell-{number}",
            "metadata": {},
            "outputs": [],
            "source": source,
        }
        for number, source in enumerate(sources)
    ]
    spec = {"name": kernel, "display_name": kernel, "language": "python"}
    document = {
        "cells": cells,
        "metadata": {"kernelspec": spec},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.write_text(json.dumps(document))
    return path
