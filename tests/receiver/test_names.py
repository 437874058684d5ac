"""Candidates of the far side under names of mDNS."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest
from aioice import mdns
from aioice.ice import get_host_addresses

from sw_notebook import Receiver

from .peer import peering
from .reading import children, read, until
from .test_peers import drop

ADDRESS = get_host_addresses(use_ipv4=True, use_ipv6=False)[0]


@pytest.fixture(autouse=True)
def no_process_left() -> Iterator[None]:
    """Each call takes its process along."""
    yield
    until(lambda: not children())


def named(name: str, *, beside: bool) -> Callable[[str], str]:
    """Let the far side have this name, beside its address or instead of all addresses."""

    def change(text: str) -> str:
        lines = []
        for line in text.splitlines(True):
            candidate = line.startswith("a=candidate")
            if candidate and f" {ADDRESS} " in line:
                lines.append(line.replace(f" {ADDRESS} ", f" {name} "))
            if beside or not candidate:
                lines.append(line)
        assert any(name in line for line in lines)
        return "".join(lines)

    return change


async def test_a_name_is_looked_up() -> None:
    """Where there is nothing else, and the far side does not know where we are."""
    name = mdns.create_mdns_hostname()
    owner, other = await mdns.create_mdns_protocol(), await mdns.create_mdns_protocol()
    try:
        await owner.publish(name, ADDRESS)
        if await other.resolve(name) is None:
            pytest.skip("this machine has no multicast")
        unknown = drop("a=candidate", "a=end-of-candidates")
        with peering(offer=unknown, answer=named(name, beside=False)) as peer:
            async with Receiver("/public/any", space=peer) as rx:
                assert read(await rx.video.next())
                assert set(rx.stats().connection["pairs"]) == {"host/host"}
    finally:
        await owner.close()
        await other.close()


def test_a_name_beside_an_address_is_not_looked_up(
    in_the_process: Callable[[str], None],
) -> None:
    """So that it costs no time, and nothing where mDNS cannot be asked."""
    in_the_process(
        "from aioice import mdns\n"
        "async def none():\n"
        "    raise OSError('the port is taken')\n"
        "mdns.create_mdns_protocol = none"
    )
    answer = named(f"{uuid.uuid4()}.local", beside=True)
    with peering(answer=answer) as peer, Receiver("/public/any", space=peer) as rx:
        assert read(next(rx.video.frames()))
        assert rx.errors == []


def test_who_has_a_name_that_nobody_knows_connects_to_us() -> None:
    """As our candidates have addresses."""
    answer = named(f"{uuid.uuid4()}.local", beside=False)
    with peering(answer=answer) as peer, Receiver("/public/any", space=peer) as rx:
        assert read(next(rx.video.frames()))
        assert set(rx.stats().connection["pairs"]) == {"host/prflx"}
