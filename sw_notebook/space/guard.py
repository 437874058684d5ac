"""Who may speak to a space at all: this machine's pages and programs, and pages named by it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Middleware

from .asked import refuse

__all__ = ["guard"]

logger = logging.getLogger("sw_notebook.space")

LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
CORS = {
    "Access-Control-Allow-Methods": "DELETE, GET, OPTIONS, POST",
    # '*' does not cover Authorization.
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Accept",
    "Access-Control-Allow-Private-Network": "true",
    "Access-Control-Max-Age": "600",
    "Vary": "Origin",
    "Cache-Control": "no-store",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def guard(allowed_origins: Collection[str] = (), allowed_hosts: Collection[str] = ()) -> Middleware:
    """Let in only this machine's pages and programs, and let its pages read the answers.

    A page of another site can send requests to 127.0.0.1, under its own name or one that it
    resolves to 127.0.0.1; hence the look at both Host and Origin.

    Args:
        allowed_origins: pages of other sites that are let in too.
        allowed_hosts: names of the space besides those of this machine.
    """
    hosts = LOCAL | frozenset(allowed_hosts)

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        if _hostname(f"//{request.host}") not in hosts:
            raise refuse(
                403,
                "the Host is not this machine; use 127.0.0.1 or localhost, or start the space "
                "with --allow-host",
            )
        if origin is not None and not _is_local(origin) and origin not in allowed_origins:
            logger.warning("refused a page of %.80r", origin)
            raise refuse(
                403,
                "the page is not of this machine; open it on localhost, or start the space with "
                "its origin in allowed_origins",
            )
        headers = dict(CORS) if origin is None else {**CORS, "Access-Control-Allow-Origin": origin}
        if request.method == "OPTIONS":
            return web.Response(status=204, headers=headers)
        try:
            response = await handler(request)
        except web.HTTPException as error:
            error.headers.update(headers)
            raise
        if not response.prepared:
            response.headers.update(headers)
        return response

    return middleware


def _is_local(origin: str) -> bool:
    return origin.startswith(("http://", "https://")) and _hostname(origin) in LOCAL


def _hostname(url: str) -> str | None:
    try:
        name = urlsplit(url).hostname
    except ValueError:
        name = None
    return name
