"""The space as a whole: one HTTP server on 127.0.0.1, and its beginning and end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from aiohttp import web

from sw_notebook.signaling.causes import cause

from .calls import Calls
from .credentials import Keys
from .gateway import Gateway
from .media import hooks
from .owners import Owners
from .rest import Rest, guard
from .sessions import Session, Sessions

__all__ = ["Settings", "serve"]

logger = logging.getLogger("sw_notebook.space")


@dataclass(frozen=True, slots=True)
class Settings:
    """How a space behaves.

    Args:
        port: where to listen on 127.0.0.1; 0 lets the system choose.
        linger: seconds to stay after the last owner; None means until it is stopped.
        resume_seconds: how long calls outlive the loss of their client's socket.
    """

    port: int = 0
    linger: float | None = None
    resume_seconds: float = 20.0


async def serve(settings: Settings, ready: Callable[[str, Keys], None]) -> None:
    """Run a space until its owners have gone, or the process is told to end.

    Args:
        settings: how it behaves.
        ready: called once it listens, with its URL and its credentials.
    """
    for name in hooks.missing():
        logger.warning("this aiortc lacks %s; media is decoded and encoded anew", name)
    async with _space(settings) as (url, keys, owners):
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, owners.close)
        logger.info("space %s listens on %s", keys.space_id, url)
        ready(url, keys)
        await owners.wait_until_gone()
        logger.info("space %s ends", keys.space_id)


@contextlib.asynccontextmanager
async def _space(settings: Settings) -> AsyncIterator[tuple[str, Keys, Owners]]:
    keys, calls, owners = Keys(), Calls(), Owners(settings.linger)

    def ended(session: Session) -> None:
        calls.end_all(session, cause("RECOVERY_ON_TIMER_EXPIRE"))

    sessions = Sessions(settings.resume_seconds, ended)
    gateway = Gateway(keys, calls, sessions)
    application = web.Application(middlewares=[guard])
    application.router.add_get("/", gateway.serve)
    application.add_routes(Rest(keys, calls, sessions, owners).routes())
    runner = web.AppRunner(
        application, handler_cancellation=True, access_log=None, shutdown_timeout=1.0
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", settings.port)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}", keys, owners
        await site.stop()
    finally:
        owners.close()
        await calls.close()
        await gateway.close()
        sessions.close()
        await runner.cleanup()
