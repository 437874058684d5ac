"""A server that shows notebooks, in a process and a home of its own, started for the tests."""

from __future__ import annotations

import atexit
import os
import re
import socket
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

__all__ = ["Server", "end", "free_port"]

_CHECKOUT = Path(__file__).parent.parent.parent
_LISTENING = re.compile(r"http://127\.0\.0\.1:\d+")


class Server:
    """A server that knows nothing of this machine's settings.

    Args:
        home: a folder for all that it writes.
        command: what starts it in ``root``.
        url: where it will listen; "" and it is read from what the server prints.
        probe: a path that it answers, with whatever status, once it is up.

    Attributes:
        root: the folder that it serves.
        url: where it listens.
        log: the file that holds what it said.
    """

    def __init__(
        self, home: Path, command: Sequence[str], *, url: str = "", probe: str = "/"
    ) -> None:
        self.root = home / "notebooks"
        self.root.mkdir(parents=True, exist_ok=True)
        self.log = home / "server.log"
        self.url = url
        self._probe = probe
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=_environment(home),
            cwd=self.root,
            start_new_session=True,
        )
        atexit.register(self.stop)
        self._printed = threading.Event()
        if url:
            self._printed.set()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if not self._printed.wait(60) or not self._answers():
            self.stop()
            raise RuntimeError(f"{command} did not start; it said:\n{self.log.read_text()}")

    def stop(self) -> None:
        """Stop the server and its kernels; safe to call twice."""
        atexit.unregister(self.stop)
        if self._process.poll() is None:
            family = psutil.Process(self._process.pid).children(recursive=True)
            end(self._process)
            # kernels sit in sessions of their own, so no signal to a group reaches them
            _, left = psutil.wait_procs(family, timeout=5)
            for process in left:
                process.kill()
        self._reader.join(5)

    def processes(self) -> list[psutil.Process]:
        """Return what runs under it, kernels among them."""
        return psutil.Process(self._process.pid).children(recursive=True)

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
                urllib.request.urlopen(self.url + self._probe, timeout=60).close()
            except urllib.error.HTTPError as answer:
                answer.close()
            except urllib.error.URLError:
                try:
                    self._process.wait(0.05)
                except subprocess.TimeoutExpired:
                    continue
                break
            return True
        return False


def end(process: subprocess.Popen[Any]) -> None:
    """Ask a process to end, and kill one that does not; safe to call twice."""
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    """Return a port that nothing listens on, for servers that do not choose one themselves."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(home: Path) -> dict[str, str]:
    """Return this environment with a home of its own, so that no settings leak in or out."""
    own = home / "home"
    own.mkdir()
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JUPYTER", "XDG_", "IPYTHON"))
    }
    # the checkout itself, whether it is installed or not
    path = os.pathsep.join([str(_CHECKOUT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {
        **kept,
        "HOME": str(own),
        "JUPYTER_PATH": str(home / "jupyter"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "PYTHONPATH": path,
    }
