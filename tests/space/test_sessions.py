"""Sessions that outlive their sockets."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

from sw_notebook.signaling.fabric import Event
from sw_notebook.space.credentials import Claims
from sw_notebook.space.sessions import BACKLOG, Session, Sessions

CLAIMS = Claims("ada", jti="j", subscriber_id="sub", expires_at=2_000_000_000)


class Outlet:
    """Remembers what was sent."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.cuts = 0
        self.expired = asyncio.Event()

    def send(self, event: Event) -> None:
        """Remember an event."""
        self.sent.append(event.type)

    def cut(self) -> None:
        """Count."""
        self.cuts += 1

    def expire(self) -> None:
        """Take note."""
        self.expired.set()


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


def test_what_a_socket_did_not_send_goes_through_the_next() -> None:
    """Whether that one is there already or not."""
    session, old, new, newer = Session("p1", CLAIMS), Outlet(), Outlet(), Outlet()
    session.attach(old)
    session.attach(new)
    assert not session.detach(old, [Event("a", {})])
    assert session.detach(new, [Event("b", {})])
    session.send(Event("c", {}))
    session.attach(newer)
    assert (new.sent, newer.sent) == (["a"], ["b", "c"])


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


def test_a_socket_is_cut() -> None:
    """If there is one."""
    session, outlet = Session("p1", CLAIMS), Outlet()
    session.cut()
    session.attach(outlet)
    session.cut()
    assert outlet.cuts == 1


async def test_clients_are_kept_away() -> None:
    """Until the time is over; 0 ends it."""
    sessions = Sessions(60, lambda session: None)
    assert not sessions.barred
    sessions.bar(60)
    assert sessions.barred
    sessions.bar(0)
    assert not sessions.barred


async def test_a_session_closes_when_its_token_runs_out() -> None:
    """Unless it goes on with another one; what is over does not close."""
    sessions, outlets = Sessions(0.01, lambda _: None), [Outlet() for _ in range(3)]
    soon = replace(CLAIMS, expires_at=int(time.time()) - 1)
    expiring, renewed, over = (sessions.create(soon) for _ in range(3))
    for session, outlet in zip((expiring, renewed, over), outlets, strict=True):
        session.attach(outlet)
    sessions.renew(renewed, CLAIMS)
    over.detach(outlets[2])
    await outlets[0].expired.wait()
    assert renewed.claims == CLAIMS
    assert [outlet.expired.is_set() for outlet in outlets] == [True, False, False]
    sessions.close()
