"""Starting the process of a space, and holding on to it."""

from __future__ import annotations

import base64
import contextlib
import http.client
import os
import selectors
import subprocess
import time
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from sw_notebook._extras import need
from sw_notebook._python import environment, module
from sw_notebook.exceptions import SpaceStartError

from .runtime import Record
from .settings import Settings

__all__ = [
    "Ownership",
    "answers",
    "check_extra",
    "disown",
    "end_process",
    "own",
    "start_process",
    "tail",
]

START_SECONDS, STOP_SECONDS = 20.0, 5.0
NEEDED = ("aiohttp", "aiortc", "av", "filelock", "httpx", "joserfc", "numpy", "PIL")

Ownership = http.client.HTTPConnection
"""One open connection: the space counts us as an owner until it closes, however it does."""


def check_extra() -> None:
    """Raise :class:`MissingExtraError` where a package that a space needs is not installed."""
    need("The loopback space", "media", NEEDED)


def start_process(
    log_file: Path,
    settings: Settings,
    runtime_file: Path | None = None,
) -> tuple[subprocess.Popen[bytes], Record]:
    """Start a space and wait until it listens.

    Args:
        log_file: where it logs.
        settings: how it behaves.
        runtime_file: with one it can be found by others, and outlives this process.

    Raises:
        SpaceStartError: it ended, or did not say that it listens; with the end of its log.
    """
    command = module("sw_notebook.space", "--log-file", str(log_file), *settings.arguments())
    if runtime_file is not None:
        command += ["--detach", "--runtime-file", str(runtime_file)]
    with os.fdopen(os.open(log_file, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600), "wb") as log:
        # A session of its own: Ctrl-C in the kernel's terminal must not end the space.
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
            env=environment(),
        )
    assert process.stdout is not None
    with process.stdout as output:
        record = Record.load(_first_line(output, START_SECONDS))
    if runtime_file is not None:
        process.wait()
    if record is None:
        process.kill()
        process.wait()
        raise SpaceStartError(
            "the loopback space did not start; the end of its log says why:\n"
            + (tail(log_file) or "(it is empty; run  python -m sw_notebook.space  to see more)")
        )
    return process, record


def own(record: Record, timeout: float = 2.0) -> Ownership | None:
    """Become an owner of a space; None where it is not there any more.

    Args:
        record: how to reach it.
        timeout: how long it may take to answer, in seconds.
    """
    address = urlsplit(record.url)
    connection = http.client.HTTPConnection(
        address.hostname or "", address.port or 0, timeout=timeout
    )
    credentials = f"{record.project_id}:{record.api_token}".encode()
    headers = {"Authorization": f"Basic {base64.b64encode(credentials).decode()}"}
    try:
        connection.request("GET", "/api/loopback/owner", headers=headers)
        # Read no further: the answer ends when the space does.
        response = connection.getresponse()
    except (OSError, http.client.HTTPException):
        connection.close()
        return None
    if response.status == 200 and response.headers.get("X-Space-Id") == record.space_id:
        return connection
    connection.close()
    return None


def disown(ownership: Ownership) -> None:
    """Be an owner no more."""
    # Its answer has no end, so the response object holds the socket, too: shut it for both.
    with contextlib.suppress(OSError):
        if ownership.sock is not None:
            ownership.sock.shutdown(2)
    ownership.close()


def answers(record: Record) -> bool:
    """Whether a space is there."""
    ownership = own(record)
    if ownership is not None:
        disown(ownership)
    return ownership is not None


def end_process(process: subprocess.Popen[bytes]) -> None:
    """Wait until a space has ended, as it does when its owner has gone; else see to it."""
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def tail(log_file: Path, lines: int = 15) -> str:
    """Return the last lines of a log."""
    try:
        return "\n".join(log_file.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


def _first_line(output: IO[bytes], seconds: float) -> str:
    """Read up to the first line end, or as much as comes in time."""
    read = b""
    deadline = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        while b"\n" not in read and selector.select(max(0, deadline - time.monotonic())):
            chunk = os.read(output.fileno(), 65536)
            if not chunk:
                break
            read += chunk
    return read.decode(errors="replace")
