"""Reading parameters."""

from __future__ import annotations

import pytest

from sw_notebook.exceptions import FrameError
from sw_notebook.signaling.fields import Fields
from sw_notebook.signaling.jsonrpc import INVALID_PARAMS

FIELDS = Fields(
    {"text": "a", "object": {"inner": "b"}, "list": [1], "flag": True, "number": 3, "none": None},
    "the.method",
)


def test_values_are_returned() -> None:
    """Each kind comes back as it is."""
    assert FIELDS.text("text") == "a"
    assert FIELDS.object("object") == {"inner": "b"}
    assert FIELDS.fields("object").text("inner") == "b"
    assert FIELDS.list("list") == [1]
    assert FIELDS.flag("flag")
    assert FIELDS.number("number") == 3


def test_defaults_stand_in_for_what_is_missing() -> None:
    """Missing and null take the default."""
    assert FIELDS.text("none", "x") == "x"
    assert FIELDS.list("missing", []) == []
    assert not FIELDS.flag("missing")
    assert "none" not in FIELDS
    assert "text" in FIELDS


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("text", "missing"),
        ("text", "number"),
        ("object", "list"),
        ("list", "object"),
        ("flag", "text"),
        ("number", "flag"),
        ("number", "text"),
    ],
)
def test_wrong_ones_are_named(kind: str, name: str) -> None:
    """The refusal names the method and the parameter."""
    with pytest.raises(FrameError, match=f"the.method needs {name}") as refused:
        getattr(FIELDS, kind)(name)
    assert refused.value.code == INVALID_PARAMS


def test_a_default_does_not_hide_a_wrong_type() -> None:
    """A number where text belongs is refused even if the text is optional."""
    with pytest.raises(FrameError):
        FIELDS.text("number", "x")
