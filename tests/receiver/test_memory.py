from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sw_notebook.exceptions import ReceiverError
from sw_notebook.receiver.memory import MOST, Memory


def open_files() -> int:
    """How many descriptors this process has."""
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
def forbidden() -> Iterator[None]:
    """No file of this process may be larger than a page."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_another_process_sees_it() -> None:
    """It needs the descriptor, and nothing else."""
    with Memory.create(4096) as memory:
        program = (
            "import sys; from sw_notebook.receiver.memory import Memory\n"
            "Memory(int(sys.argv[1]), 4096).buffer[:5] = b'hello'"
        )
        command = [sys.executable, "-c", program, str(memory.fd)]
        subprocess.run(command, pass_fds=[memory.fd], check=True)
        assert memory.buffer[:6] == b"hello\0"


def test_it_has_no_name_that_could_be_left_behind() -> None:
    """Nothing in the file system leads to it."""
    with Memory.create(4096) as memory:
        assert str(Path(f"/proc/self/fd/{memory.fd}").readlink()).endswith("(deleted)")
        assert not os.get_inheritable(memory.fd)


def test_it_is_let_go_of_twice() -> None:
    """And a view of it stays valid."""
    memory = Memory.create(16)
    view = memoryview(memory.buffer)
    memory.close()
    memory.close()
    assert bytes(view) == bytes(16)


def test_memory_that_is_forbidden_is_one_clear_error(forbidden: None) -> None:
    """It is reserved at once, so that no write fails later; no descriptor is left open."""
    before = open_files()
    with pytest.raises(ReceiverError, match=r"no 1 MiB of shared memory .* raise the limit"):
        Memory.create(1 << 20)
    assert open_files() == before


def test_more_than_any_frames_need_is_refused() -> None:
    """The system would end other programs to find it."""
    with pytest.raises(ReceiverError, match="ask for fewer or smaller frames"):
        Memory.create(MOST + 1)


def test_a_descriptor_that_is_none_is_closed_again() -> None:
    """Memory that cannot be mapped is not kept."""
    fd = os.memfd_create("empty")
    with pytest.raises(ValueError, match="mmap"):
        Memory(fd, 4096)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(fd)
