"""Descriptions as no honest side writes them: real ones, with a few things changed."""

from __future__ import annotations

import re

from hypothesis import strategies as st

__all__ = ["odd"]

_NUMBER = re.compile(r"\d+")
_NUMBERS = ("0", "-1", "1.5", "096", "٩٦", "²", "65536", "99999", str(2**64), "9" * 5000)
_WORDS = ("", "*", "x" * 2000, "née", "\u2028", "\x00", "IN IP6", "1e9", "fd00::2", "a.local")


@st.composite
def odd(draw: st.DrawFn, texts: list[str]) -> str:
    """One of the descriptions, with lines gone, doubled, moved and changed."""
    lines = draw(st.sampled_from(texts)).splitlines()
    for _ in range(draw(st.integers(1, 5))):
        index = draw(st.integers(0, len(lines) - 1))
        change = draw(st.sampled_from(["drop", "double", "move", "number", "word", "text", "cut"]))
        line = lines[index]
        match change:
            case "drop" if len(lines) > 1:
                del lines[index]
            case "double":
                lines.insert(draw(st.integers(0, len(lines))), line)
            case "move":
                lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(index))
            case "number":
                places = [match.span() for match in _NUMBER.finditer(line)]
                start, end = draw(st.sampled_from(places or [(len(line), len(line))]))
                lines[index] = line[:start] + draw(st.sampled_from(_NUMBERS)) + line[end:]
            case "word":
                words = line.split(" ")
                words[draw(st.integers(0, len(words) - 1))] = draw(st.sampled_from(_WORDS))
                lines[index] = " ".join(words)
            case "text":
                lines[index] = line[:2] + draw(st.text(max_size=20))
            case "cut":
                lines[index] = line[: draw(st.integers(0, len(line)))]
    return "\r\n".join([*lines, ""])
