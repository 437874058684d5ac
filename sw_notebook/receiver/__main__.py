"""``python -m sw_notebook.receiver``: the process of one receiver; a receiver starts it."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import socket
import sys
import threading
import warnings

__all__ = ["main"]

PARENT_SECONDS = 0.5


def main(arguments: list[str] | None = None) -> int:
    """Do what the other end of the line says, until it has gone or the call is over."""
    parser = argparse.ArgumentParser(
        prog="python -m sw_notebook.receiver", description=__doc__, add_help=False
    )
    parser.add_argument("--line", type=int, required=True, help="descriptor of the line")
    parser.add_argument("--bell", type=int, required=True, help="descriptor to ring for frames")
    parser.add_argument("--parent", type=int, required=True, help="process of the receiver")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    # FreeSWITCH's certificate has the serial number 0, which is not ours to mend.
    warnings.filterwarnings("ignore", "Parsed a serial number")
    # Loaded here, as it takes a moment, and a receiver may be gone by then.
    from .child.work import work

    os.set_blocking(options.bell, False)
    threading.Thread(target=_watch, args=(options.parent,), daemon=True).start()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(work(socket.socket(fileno=options.line), options.bell))
    return 0


def _watch(parent: int) -> None:
    """End this process some time after the receiver's; a fork of it may hold the line open."""
    over = threading.Event()
    while os.getppid() == parent:
        over.wait(PARENT_SECONDS)
    over.wait(4 * PARENT_SECONDS)  # the line tells, too, and then the call is hung up
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
