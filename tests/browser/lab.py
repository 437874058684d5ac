"""A real JupyterLab in a folder of its own, started and stopped for the tests."""

from __future__ import annotations

import atexit
import json
import os
import re
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import psutil

__all__ = ["Lab"]

_CHECKOUT = Path(__file__).parent.parent.parent
_LISTENING = re.compile(r"http://127\.0\.0\.1:\d+")


class Lab:
    """JupyterLab on a free port, without a token, that knows nothing of this machine's settings.

    Attributes:
        root: the folder that it serves.
        url: where it listens.
        log: the file that holds what it said.
    """

    def __init__(self, home: Path) -> None:
        self.root = home / "notebooks"
        self.root.mkdir(parents=True)
        self.log = home / "lab.log"
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyterlab", "--no-browser", "--expose-app-in-browser"),
                *(["--allow-root"] if os.geteuid() == 0 else []),
                "--ServerApp.ip=127.0.0.1",
                "--ServerApp.port=0",
                f"--ServerApp.root_dir={self.root}",
                "--IdentityProvider.token=",
                "--LabApp.news_url=",
                "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=_environment(home / "home"),
            cwd=self.root,
            start_new_session=True,
        )
        atexit.register(self.stop)
        self._printed = threading.Event()
        self.url = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if not self._printed.wait(60) or not self._answers():
            self.stop()
            raise RuntimeError(f"JupyterLab did not start; it said:\n{self.log.read_text()}")

    def stop(self) -> None:
        """Stop JupyterLab and its kernels; safe to call twice."""
        atexit.unregister(self.stop)
        if self._process.poll() is None:
            family = psutil.Process(self._process.pid).children(recursive=True)
            self._process.terminate()
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            # kernels sit in sessions of their own, so no signal to a group reaches them
            _, left = psutil.wait_procs(family, timeout=5)
            for process in left:
                process.kill()
        self._reader.join(5)

    def kernel(self, kernel_id: str) -> psutil.Process:
        """Return the process of a kernel, to look at or to kill."""
        for process in psutil.Process(self._process.pid).children(recursive=True):
            if any(f"kernel-{kernel_id}" in word for word in process.cmdline()):
                return process
        raise LookupError(f"no kernel {kernel_id} runs under this JupyterLab")

    def kernels(self) -> list[str]:
        """Return the ids of the kernels that run."""
        with urllib.request.urlopen(f"{self.url}/api/kernels", timeout=10) as answer:
            return [kernel["id"] for kernel in json.load(answer)]

    def write(self, name: str, *sources: str) -> Path:
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
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        document = {
            "cells": cells,
            "metadata": {"kernelspec": kernel},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        path = self.root / name
        path.write_text(json.dumps(document))
        return path

    def _read(self) -> None:
        """Keep what it says, and notice the line with its address."""
        assert self._process.stdout is not None
        with self.log.open("w") as log, self._process.stdout as lines:
            for line in lines:
                log.write(line)
                log.flush()
                if not self.url and (found := _LISTENING.search(line)):
                    self.url = found[0]
                    self._printed.set()
        self._printed.set()

    def _answers(self) -> bool:
        """Wait for its first answer: it prints its address before it listens there."""
        while self.url:
            try:
                self.kernels()
            except urllib.error.URLError:
                try:
                    self._process.wait(0.05)
                except subprocess.TimeoutExpired:
                    continue
                break
            return True
        return False


def _environment(home: Path) -> dict[str, str]:
    """Return this environment with a home of its own, so that no settings leak in or out."""
    home.mkdir()
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JUPYTER", "XDG_", "IPYTHON"))
    }
    # the checkout itself, whether it is installed or not
    path = os.pathsep.join([str(_CHECKOUT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**kept, "HOME": str(home), "JUPYTER_PREFER_ENV_PATH": "1", "PYTHONPATH": path}
