"""What the tests of the receiver share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sw_notebook.space import LoopbackSpace


@pytest.fixture(scope="session")
def space() -> Iterator[LoopbackSpace]:
    """Return a space of the tests' own."""
    with LoopbackSpace(private=True, no_answer_seconds=3600) as space:
        yield space
