"""The space as a whole: one HTTP server on 127.0.0.1, and its beginning and end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Callable

from aiohttp import web

from sw_notebook.signaling.causes import cause
from sw_notebook.signaling.dpop import Proofs

from .calls import Calls
from .credentials import Keys
from .devices import Devices
from .directory import Directory
from .gateway import Gateway
from .guard import guard
from .issuing import Issuing
from .media import hooks
from .owners import Owners
from .people import People
from .rest import Rest
from .sessions import Session, Sessions
from .settings import Settings

__all__ = ["serve"]

logger = logging.getLogger("sw_notebook.space")


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
    keys, owners = Keys(), Owners(settings.linger)

    def ended(session: Session) -> None:
        calls.end_all(session, cause("RECOVERY_ON_TIMER_EXPIRE"))

    sessions = Sessions(settings.resume_seconds, ended)
    calls = Calls(settings, People(sessions))
    proofs = Proofs()
    gateway = Gateway(keys, calls, sessions, proofs)
    application = web.Application(middlewares=[guard(settings.allowed_origins)])
    application.router.add_get("/", gateway.serve)
    application.add_routes(Issuing(keys, settings.token_seconds, calls.people).routes())
    application.add_routes(Devices(keys, proofs, settings.token_seconds).routes())
    application.add_routes(Directory(keys, calls).routes())
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
