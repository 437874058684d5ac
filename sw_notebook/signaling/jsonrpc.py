"""JSON-RPC 2.0 as the platform speaks it: one object per text frame, and every id a string."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, NoReturn

from sw_notebook.exceptions import FrameError

__all__ = [
    "CALL_ERROR",
    "FORBIDDEN",
    "INVALID_PARAMS",
    "INVALID_REQUEST",
    "MAX_DEPTH",
    "MAX_FRAME",
    "MAX_ID",
    "METHOD_NOT_FOUND",
    "PARSE_ERROR",
    "Error",
    "Frame",
    "Request",
    "Result",
    "encode",
    "load",
    "parse",
    "read_error",
]

MAX_FRAME = 1 << 20
"""The largest frame, in bytes of UTF-8, that is read at all."""
MAX_DEPTH = 64
"""How many objects and arrays may be inside one another; what the platform sends has ten."""
MAX_ID = 200
"""How many characters an id may have, of a frame as of a call; those of the SDK are UUIDs."""

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
# The browser SDK keeps the words of an error only with these two codes and INVALID_PARAMS;
# of any other code the user learns nothing but that the call failed.
CALL_ERROR = -32002
FORBIDDEN = -32003


@dataclass(frozen=True, slots=True)
class Request:
    """A call of ``method``, to be answered under the same ``id``."""

    id: str
    method: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to the request ``id``."""

    id: str
    result: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Error:
    """The refusal of the request ``id``; ``id`` is None where it could not be read."""

    id: str | None
    code: int
    message: str


Frame = Request | Result | Error


def parse(data: str | bytes) -> Frame:
    """Read one frame.

    Args:
        data: the text of the frame, or its bytes.

    Raises:
        FrameError: it is too large, no JSON, no object, or not a request, result or error
            with a string id.  ``code`` is the JSON-RPC code to answer with, and ``id`` the id
            to answer under, where there is one.

    >>> parse('{"jsonrpc": "2.0", "id": "7", "method": "signalwire.ping"}')
    Request(id='7', method='signalwire.ping', params={})
    >>> parse('{"jsonrpc": "2.0", "id": 7, "method": "signalwire.ping"}')
    Traceback (most recent call last):
    ...
    sw_notebook.exceptions.FrameError: the id is a number; send it as a string
    """
    return _frame(load(data))


def load(data: str | bytes) -> dict[str, Any]:
    """Return the JSON object of a frame, whatever it says.

    Raises:
        FrameError: it is too large or too deep, no JSON, or no object.
    """
    size = len(data) if isinstance(data, bytes) else _utf8_size(data)
    if size > MAX_FRAME:
        raise FrameError(f"the frame has {size} bytes; send at most {MAX_FRAME}")
    try:
        frame = json.loads(data, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise FrameError("the frame is not JSON; send one object", code=PARSE_ERROR) from error
    if not isinstance(frame, dict):
        raise FrameError(f"the frame is {_kind(frame)}, not an object; send one object")
    if _too_deep(frame):
        raise FrameError(f"the frame is nested deeper than {MAX_DEPTH} levels; send less")
    return frame


def encode(frame: Frame) -> str:
    """Write one frame as compact ASCII JSON.

    >>> encode(Result("7", {"code": "200"}))
    '{"jsonrpc":"2.0","id":"7","result":{"code":"200"}}'
    """
    body: dict[str, Any] = {"jsonrpc": "2.0", "id": frame.id}
    match frame:
        case Request(method=method, params=params):
            body |= {"method": method, "params": params}
        case Result(result=result):
            body["result"] = result
        case Error(code=code, message=message):
            body["error"] = {"code": code, "message": message}
    return json.dumps(body, separators=(",", ":"), allow_nan=False)


def _frame(frame: dict[str, Any]) -> Frame:
    identifier = frame.get("id")
    known = identifier if isinstance(identifier, str) else None

    def refuse(reason: str) -> NoReturn:
        raise FrameError(reason, id=known)

    if known is None:
        refuse(f"the id is {_kind(identifier)}; send it as a string")
    if len(known) > MAX_ID:
        # Not under that id, or the refusal would be as long.
        raise FrameError(f"the id has {len(known)} characters; send at most {MAX_ID}")
    if frame.get("jsonrpc") != "2.0":
        refuse("the frame does not say jsonrpc 2.0; add it")
    if "method" in frame:
        method, params = frame["method"], frame.get("params")
        if not isinstance(method, str):
            refuse(f"the method is {_kind(method)}; send its name as a string")
        if params is not None and not isinstance(params, dict):
            refuse(f"the params are {_kind(params)}; send an object")
        return Request(known, method, params or {})
    if "error" in frame:
        return read_error(known, frame["error"])
    if "result" not in frame:
        refuse("the frame is neither request, result nor error; add one of them")
    result = frame["result"]
    return Result(known, result if isinstance(result, dict) else {})


def read_error(identifier: str | None, error: object) -> Error:
    """Read an error object; what it does not say is filled in.

    >>> read_error("7", {"code": -32002}).message
    'no reason given'
    """
    body = error if isinstance(error, dict) else {}
    code, message = body.get("code"), body.get("message")
    return Error(
        identifier,
        code if isinstance(code, int) else INVALID_REQUEST,
        message if isinstance(message, str) else "no reason given",
    )


def _kind(value: object) -> str:
    """Say what JSON calls a value, without showing it."""
    match value:
        case None:
            return "missing or null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "an array"
        case _:
            return "an object"


def _too_deep(frame: dict[str, Any]) -> bool:
    level: list[Any] = [frame]
    for _ in range(MAX_DEPTH):
        inner = (one.values() if isinstance(one, dict) else one for one in level)
        level = [value for values in inner for value in values if isinstance(value, dict | list)]
        if not level:
            return False
    return True


def _utf8_size(text: str) -> int:
    # No character takes over four bytes, so most frames need no copy to be measured.
    if len(text) * 4 <= MAX_FRAME:
        return len(text)
    return len(text.encode("utf-8", "surrogatepass"))


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
