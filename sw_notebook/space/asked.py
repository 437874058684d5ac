"""Reads what a request asks for, and refuses what it cannot mean."""

from __future__ import annotations

import base64
import binascii
import json
import logging
import re
from typing import Any

from aiohttp import web

from .credentials import Claims, Keys, TokenRefused

__all__ = [
    "any_text",
    "body",
    "check_project",
    "check_token",
    "faulty",
    "moment",
    "names",
    "refuse",
    "seconds",
    "text",
    "whole",
]

logger = logging.getLogger("sw_notebook.space")

MAX_SECONDS = 3600

_HALF = re.compile("[\ud800-\udfff]")


def refuse(status: int, reason: str) -> web.HTTPException:
    """Return the refusal with this status, to be raised."""
    kinds = {
        400: web.HTTPBadRequest,
        401: web.HTTPUnauthorized,
        403: web.HTTPForbidden,
        404: web.HTTPNotFound,
        409: web.HTTPConflict,
    }
    return kinds[status](text=json.dumps({"error": reason}), content_type="application/json")


def faulty(attribute: str, message: str) -> web.HTTPException:
    """Return the refusal of a field as the platform words it, to be raised: 422."""
    fault = {
        "type": "validation_error",
        "code": "invalid_parameter",
        "attribute": attribute,
        "message": message,
    }
    return web.HTTPUnprocessableEntity(
        text=json.dumps({"errors": [fault]}), content_type="application/json"
    )


async def body(request: web.Request) -> dict[str, Any]:
    """Return the JSON object that was sent, an empty one where nothing was."""
    if not request.can_read_body:
        return {}
    try:
        found = await request.json()
    except (ValueError, RecursionError):
        raise refuse(400, "the body is not JSON; send one object") from None
    if not isinstance(found, dict):
        raise refuse(400, "the body is not an object; send one")
    return found


def text(found: dict[str, Any], name: str) -> str:
    """Return a field that has to be there, as text."""
    return whole(name, any_text(found, name))


def any_text(found: dict[str, Any], name: str) -> str:
    """Do the same where it is only passed on: half a character is allowed, too."""
    value = found.get(name)
    if not isinstance(value, str) or not value:
        raise faulty(name, "is missing; send it as text")
    return value


def whole(name: str, value: str) -> str:
    """Return the text of a field, which has to be such as can be signed and hashed."""
    if _HALF.search(value) is not None:
        raise faulty(name, "has half a character (a lone surrogate); send whole ones")
    return value


def names(found: dict[str, Any], name: str) -> list[str] | None:
    """Return a field that is a list of text, None where it is not there."""
    value = found.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise faulty(name, "is a list of text")
    return [whole(name, item) for item in value]


def moment(found: dict[str, Any], name: str, usual: int) -> int:
    """Return a field that is a moment, in whole Unix seconds."""
    value = found.get(name, usual)
    if isinstance(value, bool) or not isinstance(value, int):
        raise faulty(name, "is whole Unix seconds")
    return value


def seconds(found: dict[str, Any], usual: float | None = None) -> float:
    """Return how long something lasts."""
    value = found.get("seconds", usual)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refuse(400, "seconds is no number; send how long it lasts")
    if not 0 <= value <= MAX_SECONDS:
        raise refuse(400, f"seconds goes from 0 to {MAX_SECONDS}")
    return float(value)


def check_project(request: web.Request, keys: Keys) -> None:
    """Let in only who has the project's credentials."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    try:
        decoded = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError):
        decoded = ""
    project_id, _, api_token = decoded.partition(":")
    if kind.lower() != "basic" or not keys.is_project(project_id, api_token):
        raise refuse(401, "wrong project id or API token; use those of this space")


def check_token(request: web.Request, keys: Keys) -> Claims:
    """Let in only who has a token of this space, and return what it says."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer":
        raise refuse(401, "no bearer token; send one of this space")
    try:
        return keys.verify(token)
    except TokenRefused as error:
        logger.warning("%s %s refused: %s", request.method, request.path, error)
        raise refuse(401, str(error)) from None
