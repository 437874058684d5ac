"""Every signalling frame on record, for who wants to see what a client and the space say."""

from __future__ import annotations

import io
import json
import logging
import os
import stat
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from sw_notebook.exceptions import FrameError, SpaceStartError
from sw_notebook.signaling.jsonrpc import load
from sw_notebook.signaling.masking import masked

__all__ = ["MAX_BYTES", "FrameLog"]

logger = logging.getLogger("sw_notebook.space")

MAX_BYTES = 16 << 20
"""How large the file grows; then it becomes ``FILE.1``, in the place of an older one."""

_PRIVATE = 0o600


class FrameLog:
    """Appends each frame to a file as one line of JSON, with secrets masked.

    A line has the ``time`` in Unix seconds, the ``direction`` (``"in"`` is to the space), which
    ``socket`` and ``session``, and the ``frame``; of one that is no JSON object it has only the
    ``unreadable`` reason.  Only the user can read the file; two of 16 MiB are kept at most.

    Args:
        path: the file; what is in it stays.  With None nothing is written.

    Raises:
        SpaceStartError: it cannot be written.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: io.FileIO | None = None
        if path is not None:
            try:
                self._file = _open(path)
            except OSError as error:
                raise SpaceStartError(
                    f"frames cannot be logged to {path}: {error.strerror}; name another file"
                ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def write(
        self, direction: Literal["in", "out"], socket: str, session: str | None, data: str | bytes
    ) -> None:
        """Write one frame; where that fails, say so once and write no more."""
        if self._file is None or self._path is None:
            return
        line: dict[str, Any] = {
            "time": round(time.time(), 6),
            "direction": direction,
            "socket": socket,
            "session": session,
        }
        try:
            line["frame"] = masked(load(data))
        except FrameError as error:
            line["unreadable"] = error.reason  # it does not show what it is about
        try:
            self._file.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")
            if _is_file(self._file) and self._file.tell() > MAX_BYTES:
                self._turn(self._path)
        except OSError as error:
            logger.warning("frames are not logged any more: %s", error.strerror)
            self._close()

    def _turn(self, path: Path) -> None:
        self._close()
        path.replace(path.with_name(f"{path.name}.1"))
        self._file = _open(path)

    def _close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()


def _open(path: Path) -> io.FileIO:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
    file = os.fdopen(os.open(path, flags, _PRIVATE), "ab", buffering=0)
    if _is_file(file):
        os.fchmod(file.fileno(), _PRIVATE)  # it may have been there, for all to read
    return file


def _is_file(file: io.FileIO) -> bool:
    """Whether it is no pipe or device, which has neither a size nor rights of its own."""
    return stat.S_ISREG(os.fstat(file.fileno()).st_mode)
