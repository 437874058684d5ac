"""A participant that only receives: its video and its sound are for cells, scripts and tests."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import threading
import time
import weakref
from collections.abc import Sequence
from typing import Any, Literal, Self

from sw_notebook._attempt import Attempt, Journal
from sw_notebook._ice import checked_servers
from sw_notebook._record import END_WORDS, Dialing, Recorded, check_status, kind_of
from sw_notebook._source import LOOPBACK_LABEL, Credential, source_for
from sw_notebook._waiting import Changes
from sw_notebook.destinations import Destination
from sw_notebook.exceptions import (
    CallError,
    CallInProgressError,
    CallTimeoutError,
    DestinationError,
    ReceiverError,
    SwNotebookError,
)
from sw_notebook.records import ErrorRecord, Rows
from sw_notebook.signaling.hosts import Hosts
from sw_notebook.status import Waitable

from .audio import Audio
from .frame import Frame
from .link import Link
from .memory import Memory
from .order import Order
from .picture_ring import PictureReader
from .pipe import Message
from .questions import Questions, frames_of
from .sound_ring import SoundReader
from .stats import Stats
from .video import Video

__all__ = ["NAME", "Receiver"]

logger = logging.getLogger("sw_notebook.receiver")

NAME = "notebook receiver"
"""What the other members of a room read."""

VIDEO_CODECS = ("VP8", "H264")
RINGING = {"user": "person", "phone": "phone number", "SIP": "SIP address"}
STATS_SECONDS = 2.0
WINDOW_SECONDS = 30.0


class Receiver(Recorded):
    """A second participant of a call, which sends nothing and whose media is numpy here.

    It needs no browser and no page: it dials from a process of its own, so that nothing a cell
    does, be it computing, waiting or holding the interpreter for seconds, loses a frame.

    It is a participant, not a tap: in a room the others see it as ``name``, an echo returns
    nothing to it, and a person or a telephone would ring again; so there it has to be told so.

    Args:
        destination: what to call, as for ``Call``.
        token: a subscriber access token, as for ``Call``.
        space: a ``LoopbackSpace``, ``"loopback"``, or ``Credentials``, as for ``Call``.
        audio, video: what to receive.
        preferred_video_codecs: of ``"VP8"`` and ``"H264"``, the best first; what is not named is
            not received.
        name: what the others see, where the space is asked for a token; a token that is passed
            has a name of its own.
        allow_ringing: call a person, a phone number or a SIP address all the same.
        ice_servers: STUN and TURN servers instead of the space's own, as for ``Call``.
        relay_only: send all media through a TURN server.
        plain: receive with aiortc's own code, which takes more time and memory and shows broken
            pictures where packets are lost: to compare, or where the other way is in doubt.
            ``stats().connection["path"]`` says which one runs.

    Raises:
        TypeError: both ``token`` and ``space``, or one of the wrong type.
        DestinationError: there is no destination, or it rings somebody.
        ValueError: neither audio nor video, or an ICE server that is none.
        CredentialsError: the environment has some of its three variables, or wrong ones.

    ::

        with Receiver("/public/bars", space="loopback") as rx:
            for frame in rx.video.frames(max_fps=5):
                print(frame.rgb().mean())
    """

    def __init__(
        self,
        destination: str,
        *,
        # Where
        token: Any = None,
        space: Any = None,
        # Media
        audio: bool = True,
        video: bool = True,
        preferred_video_codecs: Sequence[str] = VIDEO_CODECS,
        # As a participant
        name: str = NAME,
        allow_ringing: bool = False,
        # Network
        ice_servers: list[dict[str, Any]] | None = None,
        relay_only: bool = False,
        plain: bool = False,
    ) -> None:
        self._destination = Destination.parse(destination)
        if self._destination.kind in RINGING and not allow_ringing:
            raise DestinationError(
                f"a receiver is a participant of its own, so it would ring this "
                f"{RINGING[self._destination.kind]} again; dial a room, or say allow_ringing=True"
            )
        self._kinds = tuple(k for k, on in (("audio", audio), ("video", video)) if on)
        if not self._kinds:
            raise ValueError("a receiver without audio and without video receives nothing")
        self._video_codecs = tuple(preferred_video_codecs)
        if not self._video_codecs or not set(self._video_codecs) <= set(VIDEO_CODECS):
            raise ValueError(
                f"preferred_video_codecs={list(preferred_video_codecs)!r}: "
                f"give one or both of {', '.join(VIDEO_CODECS)}"
            )
        self._ice_servers = checked_servers(ice_servers)
        self._relay_only = bool(relay_only)
        self._plain = bool(plain)
        self._name = name
        self._source = source_for(token, space)
        self._lock = threading.RLock()
        self._changes = Changes()
        # Apart, so that who waits for one kind of media is not woken for the other.
        self._pictures, self._sounds = Changes(), Changes()
        self._journal = Journal()
        self._journal.loopback = self._source.label == LOOPBACK_LABEL
        self._link: Link | None = None
        self._links: weakref.WeakSet[Link] = weakref.WeakSet()
        self._ordered = False
        self._negotiated = False
        self._closed = False
        self._hangup_asked = False
        self._stats: dict[str, Any] = {}
        self._questions = Questions(self._changes)
        self._want = {"audio": False, "video": False}
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

    # --- verbs --------------------------------------------------------------------------

    def dial(self) -> Dialing:
        """Start the call; awaiting what this returns ends at ``connected`` or raises.

        ``with`` and ``async with`` do it, too.

        Raises:
            TokenError: the token is empty.
            CallInProgressError: the call is up already.
            CallError: the receiver is closed.
        """
        with self._lock:
            if self._closed:
                raise CallError("this receiver is closed: make a new Receiver")
            if (current := self._up) is not None:
                raise CallInProgressError(current.status)
            self._source.check()
            attempt = self._journal.begin(
                self._destination, {}, time.time(), pasted_token=False, ice={}
            )
            self._hangup_asked = self._ordered = self._negotiated = False
            self.call_id, self.media_directions = None, {}
            self._link, self._sound, self._stats = None, None, {}
            self.video._begin()
            self._say("info", f"Dialing {self._destination.uri}...")
            threading.Thread(target=self._start, args=(attempt,), name="dial", daemon=True).start()
            return Dialing(self, attempt)

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

    def wait(self, status: Waitable, timeout: float | None = None) -> str:
        """Do what ``wait_for`` does, without ``await``: the thread sleeps meanwhile.

        Args:
            status: one of the SDK's statuses, or ``"ended"`` for ``destroyed`` or ``failed``.
            timeout: seconds; None waits as long as the attempt lasts.

        Raises:
            CallEnded: the attempt ended before, with kind and advice.
            CallTimeoutError: the timeout passed.
            ValueError: there is no such status.
        """
        check_status(status)
        attempt = self._journal.attempt
        try:
            return self._changes.block(lambda: self._look(attempt, status), timeout)
        except TimeoutError:
            raise CallTimeoutError(status, self.status, timeout or 0.0) from None

    def close(self) -> None:
        """Hang up, end the process and wait for that; safe to call twice.

        Frames that you have keep their pixels.
        """
        self._closed = True
        self.hangup()
        self.video._close()
        for link in list(self._links):
            link.close()

    # --- what it is ---------------------------------------------------------------------

    @property
    def destination(self) -> str:
        """What it calls."""
        return self._destination.uri

    @property
    def status(self) -> str:
        """Where the call is: ``idle`` before the first dial, then the SDK's words."""
        return self._status_now

    @property
    def end_reason(self) -> str:
        """Why the last attempt ended, in words; ``""`` while none has."""
        attempt = self._journal.attempt
        return attempt.end_reason if attempt is not None and attempt.over else ""

    @property
    def errors(self) -> Rows[ErrorRecord]:
        """The explained errors of the current attempt, oldest first; a table in a cell."""
        with self._lock:
            return Rows(ErrorRecord, self._journal.errors)

    @property
    def space_label(self) -> str:
        """Where it calls: ``"loopback space"``, or the name of a space."""
        return self._source.label

    def stats(self) -> Stats:
        """Return what there is to count and to measure; a table in a cell.

        After the call it is what was known at its end.
        """
        with contextlib.suppress(ReceiverError):
            self._stats = self._ask(STATS_SECONDS, do="stats").body["stats"] or self._stats
        return Stats.of(self._stats, self.video)

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

    def __repr__(self) -> str:
        where = f" ({self.space_label})" if self.space_label else ""
        closed = " closed" if self._closed else ""
        return f"<Receiver {self.destination} {self.status}{self._duration()}{closed}{where}>"

    # --- as a context -------------------------------------------------------------------

    def __enter__(self) -> Self:
        try:
            self.dial()
            self.wait("connected")
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        try:
            await self.dial()
        except BaseException:
            await asyncio.to_thread(self.close)
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.close)

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
        return Order(
            self._destination.uri,
            token.reveal(),
            hosts.rest,
            hosts.socket,
            self._kinds,
            self._video_codecs,
            None if self._ice_servers is None else tuple(self._ice_servers),
            self._relay_only,
            self._plain,
        )

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
            ReceiverError: there is none of this kind.
        """
        with self._lock:
            if kind not in self._kinds:
                raise ReceiverError(f"this receiver was made with {kind}=False: make another one")
            attempt = self._journal.attempt
            if attempt is None or not attempt.over:
                if self._negotiated and kind not in self.media_directions:
                    raise ReceiverError(
                        f"the far side of {self.destination} sends no {kind}: dial another one"
                    )
                return False
            if attempt.end_kind in ("hangup", "remote"):
                return True
            attempt.outcome("connected")  # raises where it never was
            raise ReceiverError(f"no more {kind} comes: {attempt.end_reason}. {attempt.end_advice}")


def _link(receiver: Receiver, attempt: Attempt) -> Link:
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

    endings: list[weakref.finalize[..., Receiver]] = []

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
