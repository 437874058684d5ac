"""Frames."""

from __future__ import annotations

import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sw_notebook.exceptions import FrameError
from sw_notebook.signaling.jsonrpc import (
    INVALID_REQUEST,
    MAX_DEPTH,
    MAX_FRAME,
    MAX_ID,
    PARSE_ERROR,
    Error,
    Frame,
    Request,
    Result,
    encode,
    parse,
)

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
OBJECTS = st.dictionaries(st.text(), JSON, max_size=4)
IDS = st.text(max_size=MAX_ID)
FRAMES = st.one_of(
    st.builds(Request, IDS, st.text(), OBJECTS),
    st.builds(Result, IDS, OBJECTS),
    st.builds(Error, IDS, st.integers(), st.text()),
)


def refusal(data: str | bytes) -> FrameError | None:
    """Return what a frame is refused with, if it is."""
    try:
        parse(data)
    except FrameError as error:
        return error
    return None


@given(FRAMES)
def test_frames_come_back(frame: Frame) -> None:
    """What was encoded is parsed to the same."""
    assert parse(encode(frame)) == frame


@given(FRAMES)
def test_frames_are_ascii_on_one_line(frame: Frame) -> None:
    """No text can break a log line or an encoding."""
    assert set(encode(frame)) <= set(string.printable) - set("\r\n\t\v\f")


@given(st.text() | st.binary() | JSON.map(json.dumps) | OBJECTS.map(json.dumps))
def test_only_frame_errors_come_out(data: str | bytes) -> None:
    """Whatever comes in, nothing but a FrameError comes out."""
    error = refusal(data)
    assert error is None or (error.reason and error.code in (PARSE_ERROR, INVALID_REQUEST))


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "jsonrpc": st.just("2.0") | JSON,
            "id": IDS | JSON,
            "method": st.text() | JSON,
            "params": OBJECTS | JSON,
            "result": JSON,
            "error": JSON,
        },
    )
)
def test_nearly_right_frames_are_parsed_or_refused(frame: dict[str, object]) -> None:
    """Frames that are almost good raise nothing but a FrameError, with their id."""
    error = refusal(json.dumps(frame))
    known = frame.get("id") if isinstance(frame.get("id"), str) else None
    assert error is None or error.id == known


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("", PARSE_ERROR, "not JSON"),
        ("{", PARSE_ERROR, "not JSON"),
        ('{"id": NaN}', PARSE_ERROR, "not JSON"),
        ("[" * 100_000, PARSE_ERROR, "not JSON"),
        ('{"id": ' + "9" * 5000 + "}", PARSE_ERROR, "not JSON"),
        ("[1]", INVALID_REQUEST, "an array"),
        ('"text"', INVALID_REQUEST, "a string"),
        ("null", INVALID_REQUEST, "missing or null"),
        ('{"jsonrpc": "2.0", "method": "m"}', INVALID_REQUEST, "id is missing"),
        ('{"jsonrpc": "2.0", "id": 7, "method": "m"}', INVALID_REQUEST, "id is a number"),
        ('{"jsonrpc": "2.0", "id": true, "method": "m"}', INVALID_REQUEST, "id is a boolean"),
        ('{"id": "1", "method": "m"}', INVALID_REQUEST, "jsonrpc 2.0"),
        ('{"id": "' + "x" * 201 + '"}', INVALID_REQUEST, "id has 201 characters; send at most"),
        ('{"jsonrpc": "2.0", "id": "1"}', INVALID_REQUEST, "neither request"),
        ('{"jsonrpc": "2.0", "id": "1", "method": 3}', INVALID_REQUEST, "method is a number"),
        (
            '{"jsonrpc": "2.0", "id": "1", "method": "m", "params": []}',
            INVALID_REQUEST,
            "params are an array",
        ),
    ],
)
def test_the_reason_is_named(text: str, code: int, words: str) -> None:
    """Each kind of bad frame has its own words and code."""
    with pytest.raises(FrameError, match=words) as refused:
        parse(text)
    assert refused.value.code == code


def test_a_long_id_is_not_repeated() -> None:
    """The refusal is no longer than any other."""
    error = refusal(json.dumps({"id": "x" * (MAX_ID + 1)}))
    assert error is not None
    assert error.id is None
    assert len(error.reason) < 100


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_depth_is_bounded(opening: str, closing: str) -> None:
    """Up to the limit a frame is read, one more and it is not; breadth is no depth."""

    def text(depth: int) -> str:
        inner = opening * depth + "1" + closing * depth
        return '{"jsonrpc": "2.0", "id": "1", "result": {"a": [], "b": ' + inner + "}}"

    assert parse(text(MAX_DEPTH - 2))
    with pytest.raises(FrameError, match=f"deeper than {MAX_DEPTH} levels; send less"):
        parse(text(MAX_DEPTH - 1))
    assert parse('{"jsonrpc": "2.0", "id": "1", "result": {"a": [' + "[]," * 999 + "[]]}}")


@pytest.mark.parametrize("letter", ["x", "é", "😀"])
def test_frames_are_measured_in_bytes(letter: str) -> None:
    """A frame over 1 MiB of UTF-8 is not read."""
    with pytest.raises(FrameError, match="bytes; send at most"):
        parse(letter * (MAX_FRAME // len(letter.encode()) + 1))


def test_an_error_without_shape_is_still_an_error() -> None:
    """What a client refuses with is read leniently."""
    assert parse('{"jsonrpc": "2.0", "id": "1", "error": 5}') == Error(
        "1", INVALID_REQUEST, "no reason given"
    )
