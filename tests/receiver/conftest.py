"""What the tests of the receiver share."""

from __future__ import annotations

import gc
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sw_notebook.space import LoopbackSpace

from .reading import children, until


@pytest.fixture(scope="session")
def space() -> Iterator[LoopbackSpace]:
    """Return a space of the tests' own."""
    with LoopbackSpace(private=True, no_answer_seconds=3600) as space:
        yield space


@pytest.fixture
def nothing_left(space: LoopbackSpace) -> Iterator[None]:
    """No process, thread, descriptor or leg is left of a receiver that is closed."""
    yield
    gc.collect()
    until(lambda: not children())
    until(lambda: not space.legs())
    until(lambda: not {t.name for t in threading.enumerate()} & {"receiver", "dial"})


@pytest.fixture
def in_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return what lets the processes of receivers run something before all else."""

    def run(code: str) -> None:
        (tmp_path / "sitecustomize.py").write_text(
            "import sys\n"
            "if 'sw_notebook.receiver' in sys.orig_argv:\n" + textwrap.indent(code, "    ") + "\n"
        )
        monkeypatch.syspath_prepend(str(tmp_path))

    return run
