"""STUN as a browser asks for it, and as nobody should."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
from collections.abc import Iterator

import psutil
import pytest
from aioice import stun
from hypothesis import given
from hypothesis import strategies as st

from sw_notebook.space.settings import Settings
from sw_notebook.space.stun import MAX_REQUEST, answer, responding

from .client import client
from .running import Running

SOURCE = ("192.0.2.7", 40000)


def request(**attributes: object) -> bytes:
    """A binding request."""
    return bytes(stun.Message(stun.Method.BINDING, stun.Class.REQUEST, attributes=attributes))


@contextlib.contextmanager
def asking(address: str) -> Iterator[socket.socket]:
    """A socket at an address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sending:
        sending.bind((address, 0))
        sending.settimeout(5)
        yield sending


@pytest.mark.parametrize("port", [40000, 40001, 1, 65535])
def test_another_port_is_told(port: int) -> None:
    """Or there would be no new candidate."""
    told = answer(request(), ("192.0.2.7", port))
    assert told is not None
    host, shifted = stun.parse_message(told).attributes["XOR-MAPPED-ADDRESS"]
    assert host == "192.0.2.7"
    assert abs(shifted - port) == 1


def test_the_answer_belongs_to_the_request() -> None:
    """And is small, however much was asked."""
    asked = request(SOFTWARE="x" * 400)
    told = answer(asked, SOURCE)
    assert told is not None
    assert len(told) == 32
    answered = stun.parse_message(told)
    assert answered.transaction_id == stun.parse_message(asked).transaction_id
    assert answered.message_class is stun.Class.RESPONSE


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\x01",
        bytes(20),
        request()[:-1],
        request() + b"x",
        request(SOFTWARE="x" * MAX_REQUEST),
        b"\x3f\xff" + request()[2:],
        bytes(stun.Message(stun.Method.BINDING, stun.Class.INDICATION)),
        bytes(stun.Message(stun.Method.ALLOCATE, stun.Class.REQUEST)),
        answer(request(), SOURCE) or b"",
    ],
    ids=itertools.count(),  # what they hold differs from one run to the next
)
def test_all_else_is_not_answered(data: bytes) -> None:
    """Two responders that answered answers would never end."""
    assert answer(data, SOURCE) is None


@given(st.binary(max_size=100), st.integers(0, 60))
def test_any_bytes_are_survived(noise: bytes, cut: int) -> None:
    """Also such that begin well; nothing grows."""
    for data in (noise, request()[:cut] + noise):
        told = answer(data, SOURCE)
        assert told is None or len(told) == 32


async def test_it_answers_this_machine_where_it_is_asked() -> None:
    """At an interface address, from which the answer comes; malformed requests are counted."""
    async with responding(True) as (url, responder):
        assert url is not None
        _, host, port = url.split(":")
        with asking(host) as sending:
            sending.sendto(b"junk", (host, int(port)))
            sending.sendto(request(), (host, int(port)))
            told, source = await asyncio.to_thread(sending.recvfrom, 2048)
            assert source == (host, int(port))
            mapped = stun.parse_message(told).attributes["XOR-MAPPED-ADDRESS"]
            assert mapped == (host, sending.getsockname()[1] ^ 1)
        assert (responder.answered, responder.ignored) == (1, 1)


async def test_others_are_not_answered() -> None:
    """A forged source would get what it never asked for."""
    async with responding(True) as (_, responder):
        responder.datagram_received(request(), SOURCE)
        assert (responder.answered, responder.ignored) == (0, 1)


async def test_without_an_interface_there_is_none(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It says so; nobody would be answered."""
    monkeypatch.setattr("sw_notebook.space.stun.get_host_addresses", lambda **_: [])
    async with responding(True) as (url, _):
        assert url is None
    assert "no network interface" in caplog.text


async def test_it_is_offered_where_asked_for() -> None:
    """To every client, and gone with the space."""
    before = psutil.Process().num_fds()
    async with Running().serving(Settings(stun=True)) as running, client(running) as one:
        (server,) = (await one.connect())["ice_servers"]
        assert server["urls"].startswith("stun:")
    async with Running().serving(Settings()) as running, client(running) as one:
        assert (await one.connect())["ice_servers"] == []
    assert psutil.Process().num_fds() <= before
