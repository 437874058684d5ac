"""Takes orders from the line, and sends back what becomes of them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import threading

from sw_notebook.receiver.memory import Memory
from sw_notebook.receiver.order import Order
from sw_notebook.receiver.pipe import Message, Pipe

from .media import Outlets
from .participant import Participant

__all__ = ["work"]


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
    try:
        await worker.over.wait()
        if worker.calling is not None:
            await worker.calling
    finally:
        pipe.send({"is": "bye"})


class _Worker:
    def __init__(self, pipe: Pipe, bell: int) -> None:
        self.over = asyncio.Event()
        self.calling: asyncio.Task[None] | None = None
        self._pipe = pipe
        self._bell = bell
        self._participant: Participant | None = None
        pipe.send({"is": "ready"})

    def told(self, message: Message) -> None:
        body = message.body
        match body["do"]:
            case "dial":
                self._participant = Participant(
                    Order.of(body), self._pipe.send, Outlets(self._show, self._ring)
                )
                self.calling = asyncio.create_task(self._participant.run())
                self.calling.add_done_callback(lambda _: self.over.set())
            case "want" if self._participant is not None:
                self._participant.want(body["kind"], body["wanted"])
            case "hangup" if self._participant is not None:
                self._participant.hang_up()
            case "stats" if self._participant is not None:
                stats = self._participant.stats()
                self._pipe.send({"is": "stats", "id": body["id"], "stats": stats})

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
