"""Long lists in pages, each of which names the next one, as the platform's REST API has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from aiohttp import web

from .asked import refuse

__all__ = ["paged"]

PAGE_SIZES = range(1, 101)
PAGE_SIZE = 50

T = TypeVar("T")


def paged(
    request: web.Request, found: Sequence[T], wire: Callable[[T], dict[str, Any]]
) -> web.Response:
    """Return the page that the query asks for by ``page_size`` and ``page_number``, from 0.

    Args:
        request: what is answered.
        found: the whole list.
        wire: returns one of it as JSON.
    """
    size = _number(request, "page_size", PAGE_SIZE, PAGE_SIZES)
    page = _number(request, "page_number", 0, range(1_000_000))
    links = {}
    if len(found) > size * (page + 1):
        more = {**request.query, "page_size": str(size), "page_number": str(page + 1)}
        links["next"] = f"{request.path}?{urlencode(more)}"
    data = [wire(one) for one in found[size * page : size * (page + 1)]]
    return web.json_response({"data": data, "links": links})


def _number(request: web.Request, name: str, usual: int, allowed: range) -> int:
    text = request.query.get(name, str(usual))
    if not (text.isascii() and text.isdecimal() and len(text) < 8 and int(text) in allowed):
        raise refuse(400, f"{name} goes from {allowed[0]} to {allowed[-1]}")
    return int(text)
