"""The thread of a socket: what is taken when, of datagrams that may lie unread for a while."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, cast

import pytest
from aiortc import RTCDtlsTransport

from sw_notebook.receiver.child import hooks
from sw_notebook.receiver.child import pump as pumping
from sw_notebook.receiver.child.pump import Pump
from sw_notebook.rtp.packets import Packet

from .reading import until

CHECK = b"\x00\x01\x00\x00" + bytes(16)
"""A message of STUN."""

NEVER = threading.TIMEOUT_MAX
"""For how long packets may lie unread that only a nudge or the end fetches."""


def packet(number: int) -> bytes:
    """Return a packet of sound, as it is on the wire where nothing is encrypted."""
    return b"\x80\x6f" + number.to_bytes(2) + (960 * number).to_bytes(4) + bytes(4) + b"sound"


class Patient:
    """A stream that misses nothing: it notes which packet came, when, and in which turn."""

    def __init__(self) -> None:
        self.leisure_is = 0.0
        self.turns = 0
        self.came: list[tuple[int, float, int]] = []

    @property
    def waiting(self) -> bool:
        """Whether it waits for a packet that is missing."""
        return False

    @property
    def leisure(self) -> float:
        """For how long packets may lie there."""
        self.turns += 1
        return self.leisure_is

    def packet(self, packet: Packet, now: float) -> None:
        """Note it."""
        self.came.append((packet.sequence_number, now, self.turns))

    def tick(self, now: float) -> None:
        """Nothing is due."""

    def report(self, ssrc: int, ntp: float, timestamp: int) -> None:
        """Nobody asks for the time."""

    @property
    def numbers(self) -> list[int]:
        """Which packets came."""
        return [number for number, _, _ in self.came]


class Open:
    """Stands where a call has what decrypts."""

    def unprotect(self, data: bytes) -> bytes:
        """Return it as it came."""
        return data

    unprotect_rtcp = unprotect


class Wire:
    """Two ends of a connection without keys, and the pump at one of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, diverted: bool) -> None:
        self.stream = Patient()
        self.back: list[bytes] = []
        self.failed = threading.Event()
        self._far = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        own.bind(("127.0.0.1", 0))
        self._far.connect(own.getsockname())
        self._near = None if diverted else own
        if diverted:
            own.close()
        monkeypatch.setattr(hooks, "divert", self._divert)
        monkeypatch.setattr(hooks, "take_socket", lambda _: self._taken())
        self.pump = Pump(cast(RTCDtlsTransport, None), {111: self.stream}, self.failed.set)

    def _divert(self, _: Any, take: Callable[[bytes], None]) -> Open:
        self._take = take
        return Open()

    def _taken(self) -> tuple[socket.socket, Callable[[bytes, Any], None]] | None:
        return None if self._near is None else (self._near, lambda data, _: self.back.append(data))

    def send(self, *datagrams: bytes) -> None:
        """Let these come: by the socket, or by aiortc where that reads them."""
        for datagram in datagrams:
            if self._near is None:
                self._take(datagram)
            else:
                self._far.send(datagram)

    async def rest(self) -> None:
        """Return when the pump rests, after packet 0: from now on nothing is fetched by itself."""
        self.send(packet(0))
        await asyncio.to_thread(until, lambda: self.stream.numbers == [0])
        self.stream.leisure_is = NEVER
        turns = self.stream.turns
        await asyncio.to_thread(until, lambda: self.stream.turns > turns)

    def close(self) -> None:
        """End it; safe to call twice."""
        self.stream.leisure_is = 0.0
        self.pump.stop()
        self._far.close()
        if self._near is not None:
            self._near.close()


@pytest.fixture(params=[False, True], ids=["socket", "loop"])
async def wire(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a wire, by a socket of the pump's own and by aiortc's."""
    wire = Wire(monkeypatch, diverted=request.param)
    yield wire
    await asyncio.to_thread(wire.close)
    assert not wire.failed.is_set()


@pytest.fixture
async def by_socket(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a wire by a socket of the pump's own."""
    wire = Wire(monkeypatch, diverted=False)
    yield wire
    await asyncio.to_thread(wire.close)
    assert not wire.failed.is_set()


async def test_all_that_has_gathered_is_taken_in_one_turn(wire: Wire) -> None:
    """However much it is: else more and more would lie there, later and later."""
    await wire.rest()
    wire.send(*(packet(number) for number in range(1, 301)))
    wire.pump.nudge()
    await asyncio.to_thread(until, lambda: len(wire.stream.came) == 301)
    assert wire.stream.numbers == list(range(301))
    assert len({turn for _, _, turn in wire.stream.came[1:]}) == 1


async def test_what_has_gathered_before_the_end_is_taken(wire: Wire) -> None:
    """It is part of the call."""
    await wire.rest()
    wire.send(*(packet(number) for number in range(1, 101)))
    await asyncio.to_thread(wire.pump.stop)
    assert wire.stream.numbers == list(range(101))


async def test_a_check_among_packets_keeps_none_of_them_waiting(by_socket: Wire) -> None:
    """It is aiortc's, and the rest is taken with what came before it."""
    wire = by_socket
    await wire.rest()
    wire.send(packet(1), packet(2), CHECK, packet(3), CHECK, packet(4))
    wire.pump.nudge()
    await asyncio.to_thread(
        until, lambda: len(wire.stream.came) == 5 and wire.back == [CHECK, CHECK]
    )
    assert len({turn for _, _, turn in wire.stream.came[1:]}) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says when they came")
async def test_packets_have_the_time_when_they_came(by_socket: Wire) -> None:
    """Not that when they are looked at."""
    wire = by_socket
    await wire.rest()
    before = time.monotonic()
    wire.send(packet(1))
    after = time.monotonic()
    await asyncio.sleep(0.05)  # it is the time itself that is tested
    wire.pump.nudge()
    await asyncio.to_thread(until, lambda: len(wire.stream.came) == 2)
    # the wall clock, by which the system stamps it, is adjusted while it runs
    assert before - 0.005 <= wire.stream.came[1][1] <= after + 0.04


async def test_without_such_times_each_packet_is_read_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where the system refuses to tell, the call goes on, and nothing rests."""
    monkeypatch.setattr(pumping, "_SO_TIMESTAMPNS", 9999)
    wire = Wire(monkeypatch, diverted=False)
    try:
        wire.stream.leisure_is = NEVER
        for number in range(3):
            wire.send(packet(number))
            await asyncio.to_thread(until, lambda: len(wire.stream.came) > number)  # noqa: B023
        assert wire.stream.turns == 0
    finally:
        await asyncio.to_thread(wire.close)
