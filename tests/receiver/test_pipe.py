from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator

import pytest

from sw_notebook.receiver.pipe import Message, Pipe


@pytest.fixture
def pipes() -> Iterator[tuple[Pipe, Pipe]]:
    """Both ends of a line."""
    here, there = map(Pipe, socket.socketpair())
    yield here, there
    here.close()
    there.close()


def test_messages_come_in_order_however_they_are_cut(pipes: tuple[Pipe, Pipe]) -> None:
    """A long one comes in many pieces, and short ones together."""
    here, there = pipes
    bodies = [{"text": "x" * size} for size in (0, 1, 200_000, 5, 70_000, 3)]
    sending = threading.Thread(target=lambda: [here.send(body) for body in bodies])
    sending.start()
    found: list[Message] = []
    while len(found) < len(bodies):
        found += there.receive() or []
    sending.join()
    assert [message.body for message in found] == bodies
    assert {message.fd for message in found} == {None}


def test_descriptors_come_with_their_message(pipes: tuple[Pipe, Pipe]) -> None:
    """Also among others that have none."""
    here, there = pipes
    ends = [os.pipe() for _ in range(3)]
    for number, (read, _) in enumerate(ends):
        here.send({"before": number})
        here.send({"number": number}, read)
    found: list[Message] = []
    while len(found) < 6:
        found += there.receive() or []
    for message in found:
        if "number" in message.body:
            assert message.fd is not None
            read, write = ends[message.body["number"]]
            os.write(write, b"here")
            assert os.read(message.fd, 4) == b"here"
            for fd in (message.fd, read, write):
                os.close(fd)
        else:
            assert message.fd is None


def test_threads_do_not_mix_their_messages(pipes: tuple[Pipe, Pipe]) -> None:
    """Each is whole."""
    here, there = pipes
    threads = [
        threading.Thread(
            target=lambda n=n: [here.send({"n": n, "x": "y" * 999}) for _ in range(50)]
        )
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    found: list[Message] = []
    while len(found) < 200:
        found += there.receive() or []
    for thread in threads:
        thread.join()
    assert sorted(message.body["n"] for message in found) == sorted(list(range(4)) * 50)


def test_an_end_that_has_gone_is_noticed(pipes: tuple[Pipe, Pipe]) -> None:
    """By who reads and by who sends, and closing twice is fine."""
    here, there = pipes
    here.send({"last": 1})
    here.close()
    here.close()
    assert [message.body for message in there] == [{"last": 1}]
    assert there.receive() is None
    assert not there.send({})
    assert not here.send({})
    assert here.receive() is None
