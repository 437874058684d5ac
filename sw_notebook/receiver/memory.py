"""Memory that two processes share and that has no name, so that it cannot be left behind."""

from __future__ import annotations

import contextlib
import mmap
import os
import sys
import tempfile
from pathlib import Path
from typing import Self

from sw_notebook.exceptions import ReceiverError

__all__ = ["MOST", "Memory"]

MOST = 1 << 30
"""Bytes beyond which nothing is reserved: the system would end other programs to find more."""


class Memory:
    """A piece of shared memory.

    It has a file descriptor and no name: it is gone when the last process that has it is gone,
    however that came about.

    Args:
        fd: the descriptor, which this object closes in the end.
        size: in bytes.

    >>> memory = Memory.create(8)
    >>> with Memory(os.dup(memory.fd), 8) as other:
    ...     memory.buffer[0] = 7
    ...     other.buffer[0]
    7
    >>> memory.close()
    """

    def __init__(self, fd: int, size: int) -> None:
        self.fd = fd
        self.size = size
        try:
            self.buffer = mmap.mmap(fd, size)
        except BaseException:
            os.close(fd)
            raise

    @classmethod
    def create(cls, size: int) -> Memory:
        """Reserve so many bytes, zeroed.

        Raises:
            ReceiverError: it is beyond ``MOST``, there is not so much, or this system does not
                allow it.
        """
        if size > MOST:
            raise ReceiverError(
                f"{size / 2**20:.0f} MiB for the frames are beyond what is reserved "
                f"({MOST / 2**20:.0f} MiB): ask for fewer or smaller frames"
            )
        try:
            fd = _nameless_file()
            try:
                # Reserved now: memory that is promised only would end the process when it is used.
                _reserve(fd, size)
            except BaseException:
                os.close(fd)
                raise
            return cls(fd, size)
        except OSError as error:
            raise ReceiverError(
                f"no {size / 2**20:.0f} MiB of shared memory for the frames ({error.strerror}); "
                "free some memory, or raise the limit of /dev/shm or of the container"
            ) from None

    @classmethod
    def received(cls, fd: int, size: int) -> Memory:
        """Take memory that another process has sent; its descriptor is closed at once.

        It is gone with the last view of it, so nobody has to close it.
        """
        memory = cls(fd, size)
        memory.fd = -1
        os.close(fd)
        return memory

    def close(self) -> None:
        """Let go of it, unless something still looks at it; safe to call twice.

        Views into it (a frame's pixels) stay valid as long as somebody has them.
        """
        fd, self.fd = self.fd, -1
        if fd >= 0:
            os.close(fd)
        with contextlib.suppress(BufferError):  # the last view closes it
            self.buffer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _nameless_file() -> int:
    if sys.platform == "linux":
        return os.memfd_create("sw_notebook", os.MFD_CLOEXEC)
    fd, name = tempfile.mkstemp(prefix="sw_notebook-")
    Path(name).unlink()
    return fd


def _reserve(fd: int, size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(fd, 0, size)
    else:
        os.ftruncate(fd, size)
