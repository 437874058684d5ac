"""What a receiver asks its process in the call, and what is answered."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from sw_notebook._waiting import Changes
from sw_notebook.exceptions import ReceiverError

from .frame import Frame
from .link import Link
from .memory import Memory
from .picture_ring import About, picture_size
from .pipe import Message

__all__ = ["Questions", "frames_of"]


class Questions:
    """Questions that wait for an answer, each in a thread of its own.

    Args:
        changes: told of when there may be an answer.
    """

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._answers: dict[int, Message | None] = {}

    def ask(self, link: Link, seconds: float, over: Callable[[], bool], **question: Any) -> Message:
        """Ask the process something and wait for the answer.

        Args:
            link: the process.
            seconds: how long to wait.
            over: whether no answer will come any more.
            question: what to tell the process.

        Raises:
            ReceiverError: there is no answer.
        """
        with self._lock:
            number = next(self._numbers)
            self._answers[number] = None
        link.tell(id=number, **question)

        def answer() -> tuple[Message | None] | None:
            found = self._answers.get(number)
            return (found,) if found is not None or over() else None

        found: Message | None = None
        try:
            (found,) = self._changes.block(answer, seconds)
        except TimeoutError:
            pass
        finally:
            with self._lock:
                late = self._answers.pop(number)
            if late is not found:
                _let_go(late)
        if found is None:
            raise ReceiverError("the receiver's process gave no answer: look at messages")
        return found

    def answered(self, message: Message) -> None:
        """Hand an answer to the one who waits for it; notify ``changes`` after that."""
        number = message.body["id"]
        with self._lock:
            waits = number in self._answers
            if waits:
                self._answers[number] = message
        if not waits:
            _let_go(message)


def frames_of(answer: Message) -> list[Frame]:
    """Return the frames that came with an answer.

    Raises:
        ReceiverError: there were too many.
    """
    if "error" in answer.body:
        raise ReceiverError(answer.body["error"])
    if answer.fd is None:
        return []
    memory = Memory.received(answer.fd, answer.body["size"])
    frames, start = [], 0
    for values in answer.body["frames"]:
        about = About(*values)
        size = picture_size(about.width, about.height)
        frames.append(Frame(about, owned=np.frombuffer(memory.buffer, np.uint8, size, start)))
        start += size
    return frames


def _let_go(message: Message | None) -> None:
    if message is not None and message.fd is not None:
        os.close(message.fd)
