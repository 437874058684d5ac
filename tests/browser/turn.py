"""A real TURN server, coturn in the foreground, that asks for a password."""

from __future__ import annotations

import atexit
import json
import secrets
import socket
import subprocess
import time
from pathlib import Path

from aioice.ice import get_host_addresses

from tools import turn

from .server import end

__all__ = ["TurnServer"]


class TurnServer:
    """coturn on an address that other machines could see, as a browser uses no other.

    Attributes:
        address: where it listens and relays.
        port: where it listens, for UDP and TCP.
        log: the file that holds what it said.
        username: whom it knows.
        credential: the password of that name.
    """

    def __init__(self, home: Path) -> None:
        found = turn.find()
        if found is None:
            raise turn.TurnMissingError(
                "no turnserver starts here: run `make test`, which installs one"
            )
        # as the far side sees this machine
        self.address = get_host_addresses(use_ipv4=True, use_ipv6=False)[0]
        self.port = _free_port(self.address)
        self.log = home / "turn.log"
        self.username = "alice"
        self.credential = secrets.token_hex(12)
        command = [
            *(str(found), "-n", "--verbose", "--no-tls", "--no-dtls", "--no-cli", "--no-rfc5780"),
            *("--lt-cred-mech", "--realm=sw-notebook.test", "--fingerprint"),
            f"--user={self.username}:{self.credential}",
            *(f"--listening-ip={self.address}", f"--relay-ip={self.address}"),
            f"--listening-port={self.port}",
            *("--simple-log", f"--log-file={self.log}", f"--pidfile={home / 'turn.pid'}"),
            f"--userdb={home / 'turn.db'}",
        ]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=home,
        )
        atexit.register(self.stop)
        try:
            self._wait()
        except RuntimeError:
            self.stop()
            raise

    def url(self, transport: str = "udp") -> str:
        """Return what browsers call it."""
        return f"turn:{self.address}:{self.port}?transport={transport}"

    def write_servers(self, path: Path, *, credential: str = "", transport: str = "udp") -> str:
        """Write ``ice_servers`` to a file, and return the expression that reads it.

        A notebook keeps its source, so a password has no place in it.
        """
        server = {
            "urls": self.url(transport),
            "username": self.username,
            "credential": credential or self.credential,
        }
        path.write_text(json.dumps([server]))
        return f"__import__('json').load(open({str(path)!r}))"

    def said(self, since: int = 0) -> str:
        """Return what it logged, from this length of the log on."""
        return self.log.read_text()[since:]

    def stop(self) -> None:
        """Stop it; safe to call twice."""
        atexit.unregister(self.stop)
        end(self._process)

    def _wait(self) -> None:
        """Wait until it listens."""
        until = time.monotonic() + 30
        while self._process.poll() is None and time.monotonic() < until:
            try:
                socket.create_connection((self.address, self.port), timeout=5).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        said = self.log.read_text() if self.log.exists() else "nothing"
        raise RuntimeError(f"turnserver does not listen; it said:\n{said}")


def _free_port(address: str) -> int:
    """Return a port of this address that nothing uses, neither for UDP nor for TCP."""
    while True:
        with (
            socket.socket(type=socket.SOCK_DGRAM) as datagrams,
            socket.socket(type=socket.SOCK_STREAM) as stream,
        ):
            datagrams.bind((address, 0))
            port = int(datagrams.getsockname()[1])
            try:
                stream.bind((address, port))
            except OSError:
                continue
            return port
