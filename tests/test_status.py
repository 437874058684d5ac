"""What "reached" means."""

from __future__ import annotations

import pytest

from sw_notebook.status import is_active, reached


@pytest.mark.parametrize(
    ("wanted", "seen", "expected"),
    [
        ("connected", ["new", "trying", "connecting", "connected"], True),
        ("ringing", ["new", "trying", "connecting"], True),
        ("connected", ["new", "trying", "failed"], False),
        ("connected", ["new", "connected", "destroyed"], True),
        ("ended", ["new", "connected"], False),
        ("ended", ["new", "destroyed"], True),
        ("disconnecting", ["new", "connected", "destroyed"], True),
        ("disconnected", ["new", "connected", "disconnecting"], False),
        ("destroyed", ["new", "failed"], False),
        ("failed", ["new", "failed"], True),
    ],
)
def test_reached(wanted: str, seen: list[str], expected: bool) -> None:
    """A skipped status was passed; an end is not beyond connected."""
    assert reached(wanted, seen) is expected


def test_active() -> None:
    """Idle and final are not under way."""
    active = ["new", "trying", "ringing", "connecting", "connected", "disconnecting"]
    assert all(map(is_active, active))
    assert not any(map(is_active, ["idle", "destroyed", "failed"]))
