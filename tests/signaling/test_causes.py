"""Why calls end."""

from __future__ import annotations

import pytest

from sw_notebook.signaling.causes import CAUSES, Cause, cause


@pytest.mark.parametrize("known", CAUSES, ids=lambda known: known.name)
def test_known_causes_are_found_both_ways(known: Cause) -> None:
    """By name, by number, and by the number as text."""
    assert cause(known.name) == cause(number=known.number) == cause(number=str(known.number))
    assert cause(known.name) == known


def test_the_name_wins() -> None:
    """As with FreeSWITCH."""
    assert cause("USER_BUSY", 16).number == 17


def test_nothing_is_normal() -> None:
    """A bye without a cause is somebody hanging up."""
    assert cause() == cause("NORMAL_CLEARING") == cause("", "")


@pytest.mark.parametrize(
    ("name", "number", "expected"),
    [
        ("TEA_BREAK", None, ("TEA_BREAK", 31)),
        ("TEA_BREAK", "700", ("TEA_BREAK", 700)),
        (None, 700, ("NORMAL_UNSPECIFIED", 700)),
        (None, "²", ("NORMAL_CLEARING", 16)),
        (None, "9" * 50, ("NORMAL_CLEARING", 16)),
    ],
)
def test_unknown_causes_keep_what_they_say(
    name: str | None, number: int | str | None, expected: tuple[str, int]
) -> None:
    """What is not known is passed on as far as it makes sense."""
    found = cause(name, number)
    assert (found.name, found.number) == expected
