"""A receiver's call as its owner holds it: the process, what that is told and what it says."""

from __future__ import annotations

import logging
import os
import threading
import time
import weakref
from typing import Any, Literal

from sw_notebook._attempt import Attempt, Journal
from sw_notebook._record import END_WORDS, Recorded, kind_of
from sw_notebook._source import LOOPBACK_LABEL, Credential, Source
from sw_notebook._waiting import Changes
from sw_notebook.destinations import Destination
from sw_notebook.exceptions import ReceiverError, SwNotebookError
from sw_notebook.signaling.hosts import Hosts

from .audio import Audio
from .frame import Frame
from .link import Link
from .memory import Memory
from .order import Order, Wish
from .picture_ring import PictureReader
from .pipe import Message
from .questions import Questions, frames_of
from .sound_ring import SoundReader
from .video import Video

__all__ = ["Calling"]

logger = logging.getLogger("sw_notebook.receiver")

WINDOW_SECONDS = 30.0


class Calling(Recorded):
    """One call after the other, each in a process of its own.

    Args:
        destination: what is called.
        source: where tokens are from.
        name: what the others see.
        wish: what is received, and how.
    """

    def __init__(self, destination: Destination, source: Source, name: str, wish: Wish) -> None:
        self._destination, self._source, self._name = destination, source, name
        self._wish = wish
        self._lock = threading.RLock()
        self._changes = Changes()
        # Apart, so that who waits for one kind of media is not woken for the other.
        self._pictures, self._sounds = Changes(), Changes()
        self._journal = Journal()
        self._journal.loopback = source.label == LOOPBACK_LABEL
        self._link: Link | None = None
        self._links: weakref.WeakSet[Link] = weakref.WeakSet()
        self._ordered = False
        self._negotiated = False
        self._hangup_asked = False
        self._stats: dict[str, Any] = {}
        self._questions = Questions(self._changes)
        self._want = {"audio": False, "video": False}
        # Kinds of media that the call goes on without, and why.
        self._without: dict[str, str] = {}
        self.call_id: str | None = None
        """The id of the current or last call, None before."""
        self.media_directions: dict[str, str] = {}
        """What was negotiated: ``{"audio": "recvonly", "video": "recvonly"}``."""
        self.video = Video(
            self._pictures,
            lambda wanted: self._tell_want("video", wanted),
            lambda: self._is_over("video"),
            self._look_back,
        )
        """The frames, as ``Video``."""
        self._sound: SoundReader | None = None
        self.audio = Audio(
            lambda: self._sound,
            self._sounds,
            lambda wanted: self._tell_want("audio", wanted),
            lambda: self._is_over("audio"),
        )
        """The sound, as ``Audio``."""

    # --- what it is told ----------------------------------------------------------------

    def _begin(self) -> Attempt:
        """Start a call; it goes on in a thread.  Holds the lock."""
        attempt = self._journal.begin(
            self._destination, {}, time.time(), pasted_token=False, ice={}
        )
        self._hangup_asked = self._ordered = self._negotiated = False
        self.call_id, self.media_directions, self._without = None, {}, {}
        self._link, self._sound, self._stats = None, None, {}
        self.video._begin()
        self.audio._begin()
        self._say("info", f"Dialing {self._destination.uri}...")
        threading.Thread(target=self._start, args=(attempt,), name="dial", daemon=True).start()
        return attempt

    def hangup(self) -> None:
        """End the call; does nothing where none is up, so it is safe to call twice."""
        with self._lock:
            attempt = self._up
            if attempt is None:
                return
            self._hangup_asked = True
            link = self._link
            if not self._ordered:
                # Nobody was called yet, and nobody will be.
                self._end(attempt)
        if link is not None:
            link.tell(do="hangup")
            link.end()
        self._notify()

    def _look_back(self, since: float) -> list[Frame]:
        """Return the frames that came since a moment."""
        return frames_of(self._ask(WINDOW_SECONDS, do="window", since=since))

    def _ask(self, seconds: float, **question: Any) -> Message:
        """Ask the process something and wait for the answer.

        Raises:
            ReceiverError: there is no call, or no answer.
        """
        with self._lock:
            link = self._link if self._up is not None else None
        if link is None:
            raise ReceiverError("there is no call: dial first")
        return self._questions.ask(link, seconds, lambda: self._up is None, **question)

    # --- dialling, in a thread ------------------------------------------------------------

    def _start(self, attempt: Attempt) -> None:
        link = None
        try:
            if not attempt.over:
                link = _link(self, attempt)
                self._dial(
                    attempt, link, self._order(self._source.credential(reference=self._name))
                )
        except SwNotebookError as error:
            self._failed(attempt, kind_of(error), type(error).__name__, str(error))
        except Exception as error:
            logger.exception("dialling failed")
            words = f"the receiver's process cannot be started ({type(error).__name__})"
            self._failed(attempt, "kernel", "ReceiverError", words)
        if link is not None and attempt.over:
            link.close()

    def _dial(self, attempt: Attempt, link: Link, order: Order) -> None:
        with self._lock:
            if attempt.over:
                return
            self._link = link
            self._ordered = True
            link.tell(do="dial", **order.wire())
        for kind in self._want:
            self._send_want(link, kind)

    def _order(self, credential: Credential) -> Order:
        token = credential.token
        url = credential.space[1] if credential.space else f"https://{self._source.label}"
        hosts = Hosts.of(token.host, url)
        if hosts is None:
            raise ReceiverError(
                "the token names no host to connect to (its claim ch): check where it is from"
            )
        return Order.to(self._destination.uri, token.reveal(), hosts, self._wish)

    # --- what the process says, in the link's thread ----------------------------------------

    def _heard(self, attempt: Attempt, message: Message) -> None:
        body, now = message.body, time.time()
        with self._lock:
            current = attempt is self._journal.attempt
            match body["is"]:
                case "pictures" if message.fd is not None:
                    memory = Memory.received(message.fd, body["size"])
                    if current:
                        self.video._show(PictureReader(memory))
                case "sound" if message.fd is not None:
                    memory = Memory.received(message.fd, body["size"])
                    if current:
                        self._sound = SoundReader(memory)
                case "stats" | "window":
                    self._questions.answered(message)
                case _ if not current:
                    pass
                case "status":
                    self._set_status(body["status"], None, now)
                case "dialled":
                    self.call_id = body["call_id"]
                case "directions":
                    self.media_directions = body["directions"]
                    self._negotiated = True
                case "error":
                    self._add_error(body, now)
                    if "without" in body:
                        error = self._journal.errors[-1]
                        self._without[body["without"]] = f"{error.message}. {error.advice}"
                case "log":
                    self._say(body["level"], body["text"])
                case "ended":
                    self._stats = body["stats"] or self._stats
                    self._journal.set_end(body["reason"], self._end_words(body))
                    self._set_status(body["status"], None, now)
                    if self._link is not None:
                        self._link.end()
        self._notify()

    def _rang(self, kinds: bytes) -> None:
        if b"v" in kinds:
            self.video._rang()
        if b"a" in kinds:
            self._sounds.notify()

    def _notify(self) -> None:
        """Let all who wait for anything look again."""
        for changes in (self._changes, self._pictures, self._sounds):
            changes.notify()

    def _gone(self, attempt: Attempt, status: int, tail: str) -> None:
        why = f"signal {-status}" if status < 0 else f"exit status {status}"
        words = f"the receiver's process has ended ({why})"
        if tail and status and not attempt.over:
            self._say("error", tail.splitlines()[-1])
        self._failed(attempt, "kernel", "ReceiverError", words)

    def _failed(self, attempt: Attempt, kind: str, name: str, words: str) -> None:
        with self._lock:
            if attempt is self._journal.attempt and not attempt.over:
                error = {"kind": kind, "name": name, "message": words, "fatal": True}
                if self._hangup_asked:
                    self._end(attempt)
                else:
                    self._add_error(error, time.time())
                    self._set_status("failed", None, time.time())
        self._notify()

    def _end(self, attempt: Attempt) -> None:
        """Say that somebody hung up, where the process cannot."""
        if not attempt.over:
            self._journal.set_end("hangup", END_WORDS["hangup"])
            self._set_status("destroyed", None, time.time())

    def _say(self, level: Literal["info", "warning", "error"], text: str) -> None:
        with self._lock:
            self._journal.say(level, text, time.time())

    # --- what video and audio ask -----------------------------------------------------------

    def _tell_want(self, kind: str, wanted: bool) -> None:
        self._want[kind] = wanted
        self._send_want(self._link, kind)

    def _send_want(self, link: Link | None, kind: str) -> None:
        """Tell the process what is wanted; also in the middle of telling it."""
        wanted = None
        while link is not None and wanted != self._want[kind]:
            wanted = self._want[kind]
            link.tell(do="want", kind=kind, wanted=wanted)

    def _is_over(self, kind: str) -> bool:
        """Whether no more media of a kind will come.

        Raises:
            CallEnded: because the call failed.
            ReceiverError: there is none of this kind, or no memory for it.
        """
        with self._lock:
            if kind not in self._wish.kinds:
                raise ReceiverError(f"this receiver was made with {kind}=False: make another one")
            attempt = self._journal.attempt
            if attempt is None or not attempt.over:
                if kind in self._without:
                    raise ReceiverError(f"no more {kind} comes: {self._without[kind]}")
                if self._negotiated and kind not in self.media_directions:
                    raise ReceiverError(
                        f"the far side of {self._destination.uri} sends no {kind}: dial another one"
                    )
                return False
            if attempt.end_kind in ("hangup", "remote"):
                return True
            attempt.outcome("connected")  # raises where it never was
            raise ReceiverError(f"no more {kind} comes: {attempt.end_reason}. {attempt.end_advice}")


def _link(receiver: Calling, attempt: Attempt) -> Link:
    """Start a process whose thread does not keep its receiver: one that is let go of ends."""
    known = weakref.ref(receiver)

    def heard(message: Message) -> None:
        if (found := known()) is not None:
            found._heard(attempt, message)
        elif message.fd is not None:
            os.close(message.fd)

    def rang(kinds: bytes) -> None:
        if (found := known()) is not None:
            found._rang(kinds)

    endings: list[weakref.finalize[..., Calling]] = []

    def gone(status: int, tail: str) -> None:
        for ending in endings:
            ending.detach()
        if (found := known()) is not None:
            found._gone(attempt, status, tail)

    link = Link(heard, rang, gone)
    ending = weakref.finalize(receiver, link.tell, do="hangup")
    ending.atexit = False
    endings.append(ending)
    receiver._links.add(link)
    return link
