"""The receiver's process as its owner holds it: started, told, listened to and let go."""

from __future__ import annotations

import collections
import contextlib
import logging
import os
import select
import socket
import subprocess
import tempfile
import threading
import time
import weakref
from collections.abc import Callable
from typing import IO, Any

from sw_notebook._python import environment, module

from .pipe import Message, Pipe

__all__ = ["Link"]

END_SECONDS = 3.0
"""How long the process may take to hang up."""

_TAIL = 2000

LOOK_SECONDS = 2.0

logger = logging.getLogger("sw_notebook.receiver")

_forking = threading.RLock()
_links: weakref.WeakSet[Link] = weakref.WeakSet()


class Link:
    """A process, and the two lines to it.

    Args:
        heard: called with each message, in a thread of the link's.
        rang: called when there is media, with its kinds: ``b"v"`` and ``b"a"``, any
            number of times; so too.
        gone: called once when the process has gone, with its exit status and the end of what it
            wrote to stderr; so too.
    """

    def __init__(
        self,
        heard: Callable[[Message], None],
        rang: Callable[[bytes], None],
        gone: Callable[[int, str], None],
    ) -> None:
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the link
        with _forking:  # a fork would hold the other end of the line open
            here, bell = self._start()
        self._pipe = Pipe(here)
        self._bell = bell
        self._heard, self._rang, self._gone = heard, rang, gone
        self._closing = threading.Lock()
        self._outbox: collections.deque[dict[str, Any]] = collections.deque()
        self._telling = threading.Lock()
        self._deadline = float("inf")
        self._thread = threading.Thread(target=self._run, name="receiver", daemon=True)
        _links.add(self)
        self._thread.start()

    def _start(self) -> tuple[socket.socket, int]:
        here, there = socket.socketpair()
        bell, ring = os.pipe()
        with there, os.fdopen(ring, "wb"):
            fds = (there.fileno(), ring)
            try:
                self._process = subprocess.Popen(
                    module(
                        "sw_notebook.receiver",
                        *("--line", str(fds[0]), "--bell", str(fds[1])),
                        *("--parent", str(os.getpid())),
                    ),
                    pass_fds=fds,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=self._stderr,
                    # A session of its own: an interrupt is meant for the cell, not for the call.
                    start_new_session=True,
                    env=environment(),
                )
            except BaseException:
                here.close()
                os.close(bell)
                self._stderr.close()
                raise
        return here, bell

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def tell(self, **body: Any) -> None:
        """Tell the process something; nothing happens where it has gone.

        Also from the garbage collector, in the middle of telling it something else.
        """
        self._outbox.append(body)
        while self._outbox and self._telling.acquire(blocking=False):
            try:
                while self._outbox:
                    self._pipe.send(self._outbox.popleft())
            finally:
                self._telling.release()

    def end(self) -> None:
        """Expect the process to end soon; one that does not is killed."""
        self._deadline = min(self._deadline, time.monotonic() + 2 * END_SECONDS)

    def _run(self) -> None:
        try:
            self._listen()
        except Exception:
            logger.exception("the receiver cannot listen to its process any more")
            self._process.kill()
        try:
            status = self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        self._let_go()
        self._gone(status, self._tail())

    def _listen(self) -> None:
        # This wakes for each frame: what costs time here costs it 30 times a second.
        poller, line, bell = select.poll(), self._pipe.fileno(), self._bell
        poller.register(line, select.POLLIN)
        poller.register(bell, select.POLLIN)
        while True:
            ready = [fd for fd, _ in poller.poll(LOOK_SECONDS * 1000)]
            if not ready and self._process.poll() is not None:
                return  # a fork of it may hold the line open
            if time.monotonic() > self._deadline:
                self._process.kill()
                return
            # First what was said: memory is announced before there are pictures in it.
            if line in ready:
                messages = self._pipe.receive()
                if messages is None:
                    return
                for message in messages:
                    self._heard(message)
            if bell in ready:
                kinds = os.read(bell, 65536)
                if kinds:
                    self._rang(kinds)
                else:
                    poller.unregister(bell)

    def _tail(self) -> str:
        with self._stderr as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL))
            return file.read().decode(errors="replace").strip()

    def _let_go(self) -> None:
        with self._closing:
            if self._bell >= 0:
                self._pipe.close()
                os.close(self._bell)
                self._bell = -1

    def close(self) -> None:
        """End the process, which hangs up, and wait for that; safe to call twice."""
        self.tell(do="hangup")
        self.end()
        if threading.current_thread() is not self._thread:
            self._thread.join(4 * END_SECONDS)  # by then it was killed

    def forget(self) -> None:
        """In a forked child: this is the parent's, and must end with the parent."""
        bell, self._bell = self._bell, -1
        if bell >= 0:
            with contextlib.suppress(OSError):
                self._pipe.close()
                os.close(bell)


def _forked() -> None:
    _forking.release()
    for link in list(_links):
        link.forget()


os.register_at_fork(
    before=_forking.acquire, after_in_parent=_forking.release, after_in_child=_forked
)
