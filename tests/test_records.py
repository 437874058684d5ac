"""Records print as tables."""

from __future__ import annotations

from sw_notebook.records import Message, Rows, StatusChange

ROWS = Rows(
    StatusChange,
    [StatusChange(1, "new", None, 0.0, 0.0), StatusChange(1, "trying", "trying", 0.25, 0.25)],
)


def test_rows_are_a_sequence() -> None:
    """They can be counted, sliced, compared and looped over."""
    assert len(ROWS) == 2
    assert [row.status for row in ROWS] == ["new", "trying"]
    assert ROWS[1:] == [ROWS[1]]
    assert isinstance(ROWS[:1], Rows)
    assert Rows(StatusChange, list(ROWS)) == ROWS
    assert ROWS != 7


def test_rows_print_as_a_table() -> None:
    """As text and as HTML, with None as nothing."""
    lines = repr(ROWS).splitlines()
    assert lines[0].split() == ["attempt", "status", "raw_status", "time", "seconds"]
    assert lines[2].split()[-1] == "0.250"
    assert "None" not in repr(ROWS)
    assert ROWS._repr_html_().count("<tr>") == 3


def test_html_is_escaped() -> None:
    """A far side's words are not markup."""
    rows = Rows(Message, [Message(1, 0.0, "error", "<script>")])
    assert "<script>" not in rows._repr_html_()
    assert "&lt;script&gt;" in rows._repr_html_()


def test_no_rows_print_the_head_alone() -> None:
    """An empty history shows what it would hold."""
    assert repr(Rows(Message, [])) == "index  time  level  text"
