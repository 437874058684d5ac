"""A participant that only receives: its video and its sound are for cells, scripts and tests."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any, Self

from sw_notebook._ice import checked_servers
from sw_notebook._record import Dialing, check_status
from sw_notebook._source import source_for
from sw_notebook.destinations import Destination
from sw_notebook.exceptions import (
    CallError,
    CallInProgressError,
    CallTimeoutError,
    DestinationError,
    ReceiverError,
)
from sw_notebook.records import ErrorRecord, Rows
from sw_notebook.status import Waitable

from .calling import Calling
from .order import Wish
from .stats import Stats

__all__ = ["NAME", "Receiver"]

NAME = "notebook receiver"
"""What the other members of a room read."""

VIDEO_CODECS = ("VP8", "H264")
RINGING = {"user": "person", "phone": "phone number", "SIP": "SIP address"}
STATS_SECONDS = 2.0


class Receiver(Calling):
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
        called = Destination.parse(destination)
        if called.kind in RINGING and not allow_ringing:
            raise DestinationError(
                f"a receiver is a participant of its own, so it would ring this "
                f"{RINGING[called.kind]} again; dial a room, or say allow_ringing=True"
            )
        kinds = tuple(kind for kind, on in (("audio", audio), ("video", video)) if on)
        if not kinds:
            raise ValueError("a receiver without audio and without video receives nothing")
        codecs = tuple(preferred_video_codecs)
        if not codecs or not set(codecs) <= set(VIDEO_CODECS):
            raise ValueError(
                f"preferred_video_codecs={list(preferred_video_codecs)!r}: "
                f"give one or both of {', '.join(VIDEO_CODECS)}"
            )
        servers = checked_servers(ice_servers)
        wish = Wish(
            kinds=kinds,
            video_codecs=codecs,
            ice_servers=None if servers is None else tuple(servers),
            relay_only=bool(relay_only),
            plain=bool(plain),
        )
        super().__init__(called, source_for(token, space), name, wish)
        self._closed = False

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
            return Dialing(self, self._begin())

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
        return Stats.of(self._stats, self.video, self.audio)

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
