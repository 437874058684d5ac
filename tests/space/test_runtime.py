"""Where spaces are found."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from sw_notebook.exceptions import SpaceStartError
from sw_notebook.space.runtime import PROTOCOL, Record, runtime_folder, write_private

RECORD = Record("http://127.0.0.1:1", "space", "project", "PTsecret", 1)


def test_records_come_back(tmp_path: Path) -> None:
    """Through a file, and without the secret in their repr."""
    path = tmp_path / "space.json"
    write_private(path, RECORD.dump())
    assert Record.read(path) == RECORD
    assert "PTsecret" not in repr(RECORD)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"url": 1, "x": 2}', "5"])
def test_other_files_are_no_record(tmp_path: Path, text: str) -> None:
    """They are as good as no file."""
    path = tmp_path / "space.json"
    path.write_text(text)
    assert Record.read(path) is None
    assert Record.read(tmp_path / "missing") is None


def test_only_the_user_can_read_the_file(tmp_path: Path) -> None:
    """And nothing else is left beside it."""
    path = tmp_path / "space.json"
    write_private(path, "old")
    write_private(path, "new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    """Not even a part of it, and what was there before stays."""
    path = tmp_path / "space.json"
    path.mkdir()
    (path / "kept").touch()
    with pytest.raises(OSError, match=r"space\.json"):
        write_private(path, "new")
    assert list(tmp_path.iterdir()) == [path]


def test_a_record_removes_itself_only(tmp_path: Path) -> None:
    """Not that of a space that came after it."""
    path = tmp_path / "space.json"
    write_private(path, RECORD.dump())
    replace(RECORD, space_id="earlier").remove_from(path)
    assert path.exists()
    RECORD.remove_from(path)
    RECORD.remove_from(path)
    assert not path.exists()


def test_versions_must_match() -> None:
    """Of the package and of what is spoken."""
    assert RECORD.compatible
    assert not replace(RECORD, version="0.0.0").compatible
    assert not replace(RECORD, protocol=PROTOCOL + 1).compatible


def test_the_folder_is_the_users_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is made, for this user only."""
    folder = tmp_path / "a" / "b"
    monkeypatch.setenv("SW_NOTEBOOK_RUNTIME_DIR", str(folder))
    assert runtime_folder() == folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_folder_is_the_systems_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the system says that runtime files go, or else among the temporary files."""
    monkeypatch.delenv("SW_NOTEBOOK_RUNTIME_DIR")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert runtime_folder() == tmp_path / "sw_notebook"
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert runtime_folder() == tmp_path / f"sw_notebook-{os.getuid()}"


def test_a_folder_that_others_could_write_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever made it could have put a space of their own there."""
    open_to_all = tmp_path / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    for folder in (open_to_all, link):
        monkeypatch.setenv("SW_NOTEBOOK_RUNTIME_DIR", str(folder))
        with pytest.raises(SpaceStartError, match="not a folder of yours alone"):
            runtime_folder()
