"""The space as a whole: one HTTP server on 127.0.0.1, and its beginning and end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import ssl
from collections.abc import AsyncIterator, Callable

from aiohttp import web

from sw_notebook.exceptions import SpaceStartError
from sw_notebook.signaling.causes import cause
from sw_notebook.signaling.dpop import Proofs

from .calls import Calls
from .conversations import Conversations
from .credentials import Keys
from .devices import Devices
from .directory import Directory
from .frames import FrameLog
from .gateway import Gateway
from .guard import guard
from .history import History
from .injecting import Injecting
from .issuing import Issuing
from .making import Making
from .media import hooks
from .owners import Owners
from .people import People
from .rest import Rest
from .sessions import Session, Sessions
from .settings import Settings
from .stun import responding
from .texting import Texting

__all__ = ["serve"]

MAX_PAYLOAD = 1200
"""Octets of an RTP packet besides its header of 12, as the platform's media servers send."""

logger = logging.getLogger("sw_notebook.space")


async def serve(
    settings: Settings,
    ready: Callable[[str, Keys], None],
    *,
    keys: Keys | None = None,
    tls: ssl.SSLContext | None = None,
) -> None:
    """Run a space until its owners have gone, or the process is told to end.

    Args:
        settings: how it behaves.
        ready: called once it listens, with its URL and its credentials.
        keys: its credentials; without them it makes its own.
        tls: its certificate; without it, it speaks http and ws, with it only https and wss.

    Raises:
        SpaceStartError: it cannot listen there, or not write what it is to.
    """
    for name in hooks.missing():
        logger.warning("this aiortc lacks %s; media is decoded and encoded anew", name)
    hooks.limit_packets(MAX_PAYLOAD)
    keys = keys or Keys()
    async with _space(settings, keys, tls) as (url, owners):
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, owners.close)
        logger.info("space %s listens on %s", keys.space_id, url)
        ready(url, keys)
        await owners.wait_until_gone()
        logger.info("space %s ends", keys.space_id)


@contextlib.asynccontextmanager
async def _space(
    settings: Settings, keys: Keys, tls: ssl.SSLContext | None
) -> AsyncIterator[tuple[str, Owners]]:
    owners = Owners(settings.linger)

    def ended(session: Session) -> None:
        calls.end_all(session, cause("RECOVERY_ON_TIMER_EXPIRE"))

    sessions = Sessions(settings.resume_seconds, ended)
    history = History(Conversations(settings.max_conversations, settings.max_messages), sessions)
    calls = Calls(settings, People(sessions), history.call_over)
    proofs = Proofs()
    async with contextlib.AsyncExitStack() as stack:
        frames = stack.enter_context(FrameLog(settings.log_frames))
        stun, _ = await stack.enter_async_context(responding(settings.stun))
        gateway = Gateway(
            keys,
            calls,
            sessions,
            proofs,
            settings=settings,
            frames=frames,
            ice_servers=[{"urls": stun}] if stun is not None else [],
        )
        application = web.Application(
            middlewares=[guard(settings.allowed_origins, settings.allowed_hosts)]
        )
        application.router.add_get("/", gateway.serve)
        application.add_routes(
            Issuing(keys, calls.routes, settings.token_seconds, calls.people).routes()
        )
        application.add_routes(Directory(keys, calls).routes())
        application.add_routes(Texting(keys, calls.routes, history, settings.max_text).routes())
        application.add_routes(Making(keys, calls.rooms).routes())
        application.add_routes(Devices(keys, proofs, settings.token_seconds).routes())
        application.add_routes(Rest(keys, calls, sessions, owners).routes())
        application.add_routes(Injecting(keys, gateway.injection).routes())
        runner = web.AppRunner(
            application, handler_cancellation=True, access_log=None, shutdown_timeout=1.0
        )
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", settings.port, ssl_context=tls)
            await _listen(site, settings.port)
            host, port = runner.addresses[0][:2]
            yield f"{'http' if tls is None else 'https'}://{host}:{port}", owners
            await site.stop()
        finally:
            owners.close()
            await calls.close()
            await gateway.close()
            sessions.close()
            await runner.cleanup()


async def _listen(site: web.TCPSite, port: int) -> None:
    try:
        await site.start()
    except OSError as error:
        raise SpaceStartError(
            f"port {port} of 127.0.0.1 cannot be listened on ({os.strerror(error.errno or 0)}): "
            "give another one, or none to let the system choose"
        ) from error
