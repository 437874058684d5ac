"""The sessions of a space: one per client, which outlives the loss of its socket for a while."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Callable
from typing import Protocol

from sw_notebook.signaling.fabric import Event

from .credentials import Claims

__all__ = ["Outlet", "Session", "Sessions"]

logger = logging.getLogger("sw_notebook.space")

BACKLOG = 256


class Outlet(Protocol):
    """Where a session sends its events while its socket is open."""

    def send(self, event: Event) -> None:
        """Send an event, or queue it to be sent."""


class Session:
    """One client of the space, known by its ``protocol``.

    While the client has no socket, at most 256 events are kept for it, the newest; older ones
    are dropped and counted in the log.
    """

    def __init__(self, protocol: str, claims: Claims) -> None:
        self.protocol = protocol
        self.claims = claims
        self.online = False
        self._outlet: Outlet | None = None
        self._kept: deque[Event] = deque(maxlen=BACKLOG)
        self._lost = 0

    @property
    def connected(self) -> bool:
        """Whether the client has a socket now."""
        return self._outlet is not None

    def send(self, event: Event) -> None:
        """Send an event, or keep it until the client is back."""
        if self._outlet is not None:
            self._outlet.send(event)
            return
        self._lost += len(self._kept) == BACKLOG
        self._kept.append(event)

    def attach(self, outlet: Outlet) -> None:
        """Send through this socket from now on, first what was kept."""
        self._outlet = outlet
        if self._lost:
            logger.warning("session %s lost %d events", self.protocol, self._lost)
        kept, self._kept, self._lost = list(self._kept), deque(maxlen=BACKLOG), 0
        for event in kept:
            outlet.send(event)

    def detach(self, outlet: Outlet) -> bool:
        """Stop sending through this socket; False where another one took over already."""
        if self._outlet is not outlet:
            return False
        self._outlet = None
        self.online = False
        return True


class Sessions:
    """All sessions of a space.

    Args:
        resume_seconds: how long a session waits for its client to come back.
        ended: called with a session that waited in vain.
    """

    def __init__(self, resume_seconds: float, ended: Callable[[Session], None]) -> None:
        self._resume_seconds = resume_seconds
        self._ended = ended
        self._sessions: dict[str, Session] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def __len__(self) -> int:
        return sum(session.connected for session in self._sessions.values())

    def create(self, claims: Claims) -> Session:
        """Begin a session."""
        protocol = f"signalwire_{secrets.token_hex(8)}_{claims.subscriber_id}"
        session = self._sessions[protocol] = Session(protocol, claims)
        return session

    def resume(self, protocol: str) -> Session | None:
        """Return the session that a client comes back to, if it is still there."""
        timer = self._timers.pop(protocol, None)
        if timer is not None:
            timer.cancel()
        return self._sessions.get(protocol)

    def lost(self, session: Session) -> None:
        """Start waiting for a client whose socket closed."""
        loop = asyncio.get_running_loop()
        self._timers[session.protocol] = loop.call_later(
            self._resume_seconds, self._give_up, session
        )

    def close(self) -> None:
        """Forget all sessions and stop waiting; safe to call twice."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._sessions.clear()

    def _give_up(self, session: Session) -> None:
        self._timers.pop(session.protocol, None)
        self._sessions.pop(session.protocol, None)
        logger.info("session %s did not come back", session.protocol)
        self._ended(session)
