"""The built page comes from where it was built to."""

from __future__ import annotations

from pathlib import Path

import pytest

from sw_notebook import _static


def test_a_page_that_was_not_built_is_said_to_be_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the name of the file and the command that makes it."""
    monkeypatch.setattr(_static, "_STATIC", tmp_path)
    with pytest.raises(RuntimeError, match=r"without loader\.js: in a checkout run  make build "):
        _static._read("loader.js")
