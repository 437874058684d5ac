"""The sessions of a space: one per client, which outlives the loss of its socket for a while."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from sw_notebook.signaling.fabric import Event

from .credentials import Claims

__all__ = ["Outlet", "Session", "Sessions"]

logger = logging.getLogger("sw_notebook.space")

BACKLOG = 256


class Outlet(Protocol):
    """Where a session sends its events while its socket is open."""

    def send(self, event: Event) -> None:
        """Send an event, or queue it to be sent."""

    def cut(self) -> None:
        """Cut the socket, without a word."""

    def expire(self) -> None:
        """Close the socket, as the token has run out."""


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

    def cut(self) -> None:
        """Cut the client's socket, if it has one, without a word."""
        if self._outlet is not None:
            self._outlet.cut()

    def expire(self) -> None:
        """Close the client's socket, if it has one, as its token has run out."""
        if self._outlet is not None:
            logger.info("the token of session %s has expired", self.protocol)
            self._outlet.expire()

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

    def detach(self, outlet: Outlet, unsent: Iterable[Event] = ()) -> bool:
        """Stop sending through this socket; False where another one took over already.

        Args:
            outlet: the socket.
            unsent: what it was given to send and did not; it is sent through the next socket.
        """
        ours = self._outlet is outlet
        if ours:
            self._outlet = None
            self.online = False
        for event in unsent:
            self.send(event)
        return ours


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
        self._expiries: dict[str, asyncio.TimerHandle] = {}
        self._barred_until = 0.0

    def __len__(self) -> int:
        return sum(session.connected for session in self._sessions.values())

    def people(self) -> list[dict[str, Any]]:
        """Return who is there: each client's subscriber, whether it is connected and online."""
        return [
            {
                "reference": session.claims.reference,
                "connected": session.connected,
                "online": session.online,
            }
            for session in self._sessions.values()
        ]

    def __iter__(self) -> Iterator[Session]:
        return iter(list(self._sessions.values()))

    def create(self, claims: Claims) -> Session:
        """Begin a session."""
        protocol = f"signalwire_{secrets.token_hex(8)}_{claims.subscriber_id}"
        session = self._sessions[protocol] = Session(protocol, claims)
        self.renew(session, claims)
        return session

    def renew(self, session: Session, claims: Claims) -> None:
        """Let a session go on with another token, until that one runs out."""
        session.claims = claims
        _cancel(self._expiries, session.protocol)
        left = max(0.0, claims.expires_at - time.time())
        loop = asyncio.get_running_loop()
        self._expiries[session.protocol] = loop.call_later(left, session.expire)

    @property
    def barred(self) -> bool:
        """Whether no client may come now: a socket does not say whose it is until it is open."""
        return asyncio.get_running_loop().time() < self._barred_until

    def bar(self, seconds: float) -> None:
        """Let no client come for so long; 0 lets them come again."""
        self._barred_until = asyncio.get_running_loop().time() + seconds

    def resume(self, protocol: str) -> Session | None:
        """Return the session that a client comes back to, if it is still there."""
        _cancel(self._timers, protocol)
        return self._sessions.get(protocol)

    def lost(self, session: Session) -> None:
        """Start waiting for a client whose socket closed."""
        loop = asyncio.get_running_loop()
        self._timers[session.protocol] = loop.call_later(
            self._resume_seconds, self._give_up, session
        )

    def close(self) -> None:
        """Forget all sessions and stop waiting; safe to call twice."""
        for timer in (*self._timers.values(), *self._expiries.values()):
            timer.cancel()
        self._timers.clear()
        self._expiries.clear()
        self._sessions.clear()

    def _give_up(self, session: Session) -> None:
        self._timers.pop(session.protocol, None)
        self._sessions.pop(session.protocol, None)
        _cancel(self._expiries, session.protocol)
        logger.info("session %s did not come back", session.protocol)
        self._ended(session)


def _cancel(timers: dict[str, asyncio.TimerHandle], protocol: str) -> None:
    timer = timers.pop(protocol, None)
    if timer is not None:
        timer.cancel()
