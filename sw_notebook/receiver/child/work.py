"""Takes orders from the line, and sends back what becomes of them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import threading
from collections.abc import Callable
from typing import Any

from sw_notebook.exceptions import ReceiverError
from sw_notebook.receiver.memory import Memory
from sw_notebook.receiver.order import Order
from sw_notebook.receiver.pipe import Message, Pipe

from .media import Outlets
from .participant import Participant
from .past import Window

__all__ = ["work"]

logger = logging.getLogger("sw_notebook.receiver")


async def work(line: socket.socket, bell: int) -> None:
    """Do what the line says; return when the call is over, or the other end has gone.

    Args:
        line: to the receiver.
        bell: where to ring for media, without blocking.
    """
    pipe = Pipe(line)
    worker = _Worker(pipe, bell)
    loop = asyncio.get_running_loop()

    def read() -> None:
        for message in pipe:
            loop.call_soon_threadsafe(worker.told, message)
        with contextlib.suppress(RuntimeError):  # the loop has closed
            loop.call_soon_threadsafe(worker.left_alone)

    threading.Thread(target=read, name="line", daemon=True).start()
    await worker.over.wait()
    if worker.calling is not None:
        await worker.calling


class _Worker:
    def __init__(self, pipe: Pipe, bell: int) -> None:
        self.over = asyncio.Event()
        self.calling: asyncio.Task[None] | None = None
        self._pipe = pipe
        self._bell = bell
        self._participant: Participant | None = None

    def told(self, message: Message) -> None:
        body = message.body
        match body["do"]:
            case "dial":
                loop = asyncio.get_running_loop()

                def fail(kind: str, words: str) -> None:
                    loop.call_soon_threadsafe(participant.fail, kind, words)

                participant = self._participant = Participant(
                    Order.of(body), self._pipe.send, Outlets(self._show, self._ring, fail)
                )
                self.calling = asyncio.create_task(self._participant.run())
                self.calling.add_done_callback(lambda _: self.over.set())
            case "want" if self._participant is not None:
                self._participant.want(body["kind"], body["wanted"])
            case "hangup":
                self.left_alone()
            case "stats" if self._participant is not None:
                stats = self._participant.stats()
                self._pipe.send({"is": "stats", "id": body["id"], "stats": stats})
            case "window" if self._participant is not None:
                look = self._participant.window
                threading.Thread(target=self._look_back, args=(look, body), daemon=True).start()

    def _look_back(self, look: Callable[[float], Window | None], body: dict[str, Any]) -> None:
        """Decode the past in a thread of its own: meanwhile the present goes on."""
        answer: dict[str, Any] = {"is": "window", "id": body["id"], "size": 0, "frames": []}
        try:
            found = look(body["since"])
        except Exception as error:
            logger.exception("looking back failed")
            known = isinstance(error, ReceiverError)
            words = str(error) if known else f"looking back failed ({type(error).__name__})"
            self._pipe.send(answer | {"error": words})
            return
        if found is None:
            self._pipe.send(answer)
            return
        with found.memory as memory:
            frames = [list(about) for about in found.frames]
            self._pipe.send(answer | {"size": memory.size, "frames": frames}, memory.fd)

    def left_alone(self) -> None:
        if self._participant is None:
            self.over.set()
        else:
            self._participant.hang_up()

    def _show(self, what: str, memory: Memory) -> None:
        self._pipe.send({"is": what, "size": memory.size}, memory.fd)

    def _ring(self, kind: str) -> None:
        # A bell that was not answered yet says it all.
        with contextlib.suppress(BlockingIOError, BrokenPipeError):
            os.write(self._bell, kind[:1].encode())
