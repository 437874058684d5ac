"""Tables for cells and terminals: without colours of their own, so that every theme suits them."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["as_html", "as_text"]


def as_text(rows: Sequence[Sequence[str]], head: Sequence[str] = ()) -> str:
    """Return the cells in columns.

    >>> print(as_text([["echo", "2"], ["bars", "10"]], ["name", "legs"]))
    name  legs
    echo  2
    bars  10
    """
    lines = [*([head] if head else []), *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def as_html(rows: Sequence[Sequence[str]], head: Sequence[str] = (), caption: str = "") -> str:
    """Return the cells as a table of HTML, whatever they hold.

    >>> as_html([["<b>"]], caption="a & b")
    '<table><caption>a &amp; b</caption><tbody><tr><td>&lt;b&gt;</td></tr></tbody></table>'
    """
    import html  # loaded on use, as importing sw_notebook is to stay light

    def line(cells: Sequence[str], tag: str) -> str:
        return "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells)

    title = f"<caption>{html.escape(caption)}</caption>" if caption else ""
    names = f"<thead><tr>{line(head, 'th')}</tr></thead>" if head else ""
    body = "".join(f"<tr>{line(row, 'td')}</tr>" for row in rows)
    return f"<table>{title}{names}<tbody>{body}</tbody></table>"
