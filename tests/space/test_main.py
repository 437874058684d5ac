"""``python -m sw_notebook.space``, as a person starts it."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys

import pytest

from sw_notebook.space.launch import own
from sw_notebook.space.runtime import Record

COMMAND = [sys.executable, "-m", "sw_notebook.space"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_told_to_end(number: signal.Signals) -> None:
    """The first line says where, and the log goes to stderr."""
    with subprocess.Popen(COMMAND, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said = json.loads(process.stdout.readline())
        assert said["url"].startswith("http://127.0.0.1:")
        assert said["pid"] == process.pid
        record = Record.load(json.dumps(said))
        assert record is not None
        ownership = own(record)
        assert ownership is not None
        process.send_signal(number)
        assert process.wait() == 0
        ownership.close()
        log = process.stderr.read().decode()
    assert "ends" in log
    assert said["api_token"] not in log
    assert "Traceback" not in log


def test_a_port_that_is_taken_is_an_error() -> None:
    """It says so and ends."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = subprocess.run([*COMMAND, "--port", port], capture_output=True, check=False)
    assert refused.returncode != 0
    assert b"address already in use" in refused.stderr


def test_help_is_quick() -> None:
    """It loads nothing heavy."""
    shown = subprocess.run([*COMMAND, "--help"], capture_output=True, check=True)
    assert b"--linger" in shown.stdout
