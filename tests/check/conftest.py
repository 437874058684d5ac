"""An account to check: a loopback space that the environment names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sw_notebook.credentials import VARIABLES
from sw_notebook.space import LoopbackSpace

from .checking import Checking


@pytest.fixture(scope="session")
def space() -> Iterator[LoopbackSpace]:
    """A space where nobody answers for an hour."""
    with LoopbackSpace(private=True, no_answer_seconds=3600) as space:
        yield space


@pytest.fixture
def checking(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Checking]:
    """The command, with an environment to be filled."""
    monkeypatch.setattr("sw_notebook.rest.patience.FIRST_PAUSE", 0.0)
    yield Checking(monkeypatch.setenv, capsys.readouterr)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def account(checking: Checking, space: LoopbackSpace) -> Checking:
    """The command, with the account of the space."""
    checking.use(space.url, space.project_id, space.api_token)
    return checking
