"""The door from a call to the spaces of this user."""

from __future__ import annotations

from pathlib import Path

import pytest

from sw_notebook.space import LoopbackSpace, door
from sw_notebook.space.runtime import Record, write_private


def test_there_is_one_default() -> None:
    """Shared by all calls of a kernel, and not started by being asked for."""
    assert door.default() is door.default()
    assert not door.default().private
    assert not door.default().running


def test_a_space_of_this_kernel_is_found(space: LoopbackSpace) -> None:
    """By the domain that its tokens name."""
    assert door.find(space.domain) == space.url


def test_the_shared_space_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Through its file, also where this kernel does not hold it."""
    monkeypatch.setenv("SW_NOTEBOOK_RUNTIME_DIR", str(tmp_path))
    assert door.find("abc.loopback.invalid") is None
    record = Record("http://127.0.0.1:1", "abc", "project", "token", 1)
    write_private(tmp_path / "space.json", record.dump())
    assert door.find("abc.loopback.invalid") == "http://127.0.0.1:1"
    assert door.find("xyz.loopback.invalid") is None
