"""``python -m sw_notebook.space``: one loopback space, in a process of its own."""

from __future__ import annotations

import asyncio
import logging
import logging.handlers
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from .options import Options, for_kernel
from .runtime import PROTOCOL, Record, write_private

if TYPE_CHECKING:
    from .credentials import Keys

__all__ = ["main", "run"]

LOG_BYTES = 1 << 20
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to end; the first line on stdout is JSON and says where and how."""
    options = for_kernel(
        arguments,
        prog="python -m sw_notebook.space",
        about="Serve a SignalWire-compatible space on this machine. "
        f"The first line on stdout is JSON (protocol {PROTOCOL}): its URL and credentials.",
    )
    if options.detach and os.fork():
        # The starter is a kernel that may live for days: it shall not have to bury this process.
        os._exit(0)
    announced: list[Record] = []

    def ready(url: str, keys: Keys) -> None:
        record = Record(
            url=url,
            space_id=keys.space_id,
            project_id=keys.project_id,
            api_token=keys.api_token,
            pid=os.getpid(),
        )
        announced.append(record)
        if options.runtime_file is not None:
            write_private(options.runtime_file, record.dump())
        sys.stdout.write(record.dump() + "\n")
        sys.stdout.flush()
        if options.detach:
            # Nobody reads on, and nobody shall wait for this process to close it.
            with Path(os.devnull).open("w") as nothing:
                os.dup2(nothing.fileno(), sys.stdout.fileno())

    try:
        run(options, ready)
    finally:
        if options.runtime_file is not None and announced:
            announced[0].remove_from(options.runtime_file)
    return 0


def run(options: Options, ready: Callable[[str, Keys], None]) -> None:
    """Serve until told to end.

    Args:
        options: what the command line says.
        ready: called once it listens, with its URL and its credentials.

    Raises:
        SpaceStartError: it cannot listen there, or not write what it is to.
    """
    _log_to(options.log_file)
    # Loaded after the fork, and not at all by `--help`.
    from .server import serve

    asyncio.run(serve(options.settings, ready, keys=options.keys, tls=options.tls))


class _Formatter(logging.Formatter):
    """Writes each message as one line: what clients say shall not look like lines of their own."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """Return the line, without the traceback that may follow it."""
        return _CONTROLS.sub(lambda one: ascii(one[0])[1:-1], super().formatMessage(record))


def _log_to(path: Path | None) -> None:
    handler: logging.Handler = logging.StreamHandler()
    if path is not None:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        handler = logging.handlers.RotatingFileHandler(
            path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8", errors="backslashreplace"
        )
    handler.setFormatter(_Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("sw_notebook").setLevel(logging.INFO)


if __name__ == "__main__":
    sys.exit(main())
