"""Sessions that outlive their sockets."""

from __future__ import annotations

import asyncio

from sw_notebook.signaling.fabric import Event
from sw_notebook.space.credentials import Claims
from sw_notebook.space.sessions import BACKLOG, Session, Sessions

CLAIMS = Claims("j", "sub", "ada", 2_000_000_000)


class Outlet:
    """Remembers what was sent."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def send(self, event: Event) -> None:
        """Remember an event."""
        self.sent.append(event.type)


def test_events_wait_for_the_client() -> None:
    """What happens without a socket is sent when there is one again, in order."""
    session, outlet = Session("p1", CLAIMS), Outlet()
    session.send(Event("a", {}))
    session.send(Event("b", {}))
    session.attach(outlet)
    session.send(Event("c", {}))
    assert outlet.sent == ["a", "b", "c"]


def test_the_backlog_is_bounded() -> None:
    """The newest are kept."""
    session, outlet = Session("p1", CLAIMS), Outlet()
    for number in range(BACKLOG + 3):
        session.send(Event(str(number), {}))
    session.attach(outlet)
    assert outlet.sent == [str(number) for number in range(3, BACKLOG + 3)]


def test_a_newer_socket_stays() -> None:
    """The old one, when it closes late, does not take the session down."""
    session, old, new = Session("p1", CLAIMS), Outlet(), Outlet()
    session.attach(old)
    session.attach(new)
    assert not session.detach(old)
    assert session.connected
    assert session.detach(new)
    assert not session.connected


async def test_a_session_that_comes_back_lives() -> None:
    """Within the time, as itself."""
    ended: list[Session] = []
    sessions = Sessions(60, ended.append)
    session = sessions.create(CLAIMS)
    session.attach(Outlet())
    assert len(sessions) == 1
    sessions.lost(session)
    assert sessions.resume(session.protocol) is session
    assert sessions.resume("other") is None
    sessions.close()
    assert not ended


async def test_a_session_that_stays_away_ends() -> None:
    """It is forgotten, and its end is told once."""
    gone: asyncio.Future[Session] = asyncio.get_running_loop().create_future()
    sessions = Sessions(0, gone.set_result)
    session = sessions.create(CLAIMS)
    sessions.lost(session)
    assert await gone is session
    assert sessions.resume(session.protocol) is None
