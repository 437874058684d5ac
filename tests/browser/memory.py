"""How much memory a page and a space hold."""

from __future__ import annotations

from typing import Any

import psutil

from sw_notebook import LoopbackSpace

from .notebook import Notebook

__all__ = ["MIB", "heap", "space_process"]

MIB = 2**20


def space_process(space: LoopbackSpace) -> psutil.Process:
    """The process that listens where the space is."""
    port = int(space.url.rpartition(":")[2])
    for connection in psutil.net_connections("tcp4"):
        if connection.laddr and connection.laddr.port == port and connection.status == "LISTEN":
            return psutil.Process(connection.pid)
    raise LookupError(f"nothing listens at {space.url}")


def heap(notebook: Notebook) -> int:
    """Bytes that the page's JavaScript holds after a collection."""
    session: Any = notebook.page.context.new_cdp_session(notebook.page)
    session.send("HeapProfiler.collectGarbage")
    metrics = session.send("Runtime.getHeapUsage")
    session.detach()
    return int(metrics["usedSize"])
