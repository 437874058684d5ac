"""One dial after another, as plain records: what was reached, how it ended, who may know."""

from __future__ import annotations

import collections
import copy
import dataclasses
from typing import Any, Literal

from .advice import advise
from .destinations import Destination
from .exceptions import CallEnded, CallError
from .records import ErrorRecord, Message, StatusChange, shortened
from .status import FINAL, reached

__all__ = ["Attempt", "Journal"]

MESSAGES_KEPT = 2000
HISTORY_KEPT = 5000
ERRORS_KEPT = 100


@dataclasses.dataclass
class Attempt:
    """One call, dialled or waited for: what was asked, and what became of it."""

    number: int
    destination: Destination
    options: dict[str, Any]
    time: float
    pasted_token: bool = False
    ice: dict[str, Any] = dataclasses.field(default_factory=dict, repr=False)
    """How to connect the media; its TURN servers have passwords."""
    page: str = ""
    """The page that was told to dial, "" while none is known."""
    clicked: bool = False
    """A person clicked in that page, so no other may take it over."""
    accepted: bool = False
    """The page answered."""
    keyed: bool = False
    """The page said which key it has, and gets a token for it."""
    inbound: bool = False
    """It waits to be rung, and is not dialled."""
    settled: str = ""
    """What became of the ringing on this side: "answered", "rejected", or "" for neither yet."""
    hangup_asked: bool = False
    successor: str = ""
    """The page that dials anew when this attempt is over: it takes the call over."""
    statuses: list[str] = dataclasses.field(default_factory=list)
    connected_time: float | None = None
    ended_time: float | None = None
    end_kind: str = ""
    end_reason: str = ""
    end_advice: str = ""
    failure: CallError | None = None
    """Raised by the waits instead of CallEnded, where something more exact is known."""

    @property
    def verb(self) -> str:
        """What has begun it."""
        return "listen" if self.inbound else "dial"

    @property
    def status(self) -> str:
        """The last status."""
        return self.statuses[-1] if self.statuses else "new"

    @property
    def over(self) -> bool:
        """Whether it ended."""
        return self.status in FINAL

    def outcome(self, wanted: str) -> str | None:
        """Return the status if ``wanted`` was reached, None if it still may be.

        Raises:
            CallError: it never will be.
        """
        if reached(wanted, self.statuses):
            return self.status
        if not self.over:
            return None
        if self.failure is not None:
            raise copy.copy(self.failure)  # each wait has a traceback of its own
        raise CallEnded(
            wanted,
            status=self.status,
            kind=self.end_kind,
            reason=self.end_reason,
            advice=self.end_advice,
        )


class Journal:
    """Everything that one call object has seen, bounded: the oldest lines go first.

    ``messages`` keeps 2,000 lines and ``history`` 5,000 statuses; ``errors`` are the last 100 of
    the current attempt.  Does no I/O and takes no lock; its owner does both.
    """

    def __init__(self) -> None:
        self.attempt: Attempt | None = None
        self.loopback = False
        """Calls go to the loopback space, which changes the advice."""
        self.history: collections.deque[StatusChange] = collections.deque(maxlen=HISTORY_KEPT)
        self.messages: collections.deque[Message] = collections.deque(maxlen=MESSAGES_KEPT)
        self.errors: tuple[ErrorRecord, ...] = ()
        self._lines = 0
        self._attempts = 0

    def begin(
        self,
        destination: Destination,
        options: dict[str, Any],
        time: float,
        *,
        pasted_token: bool,
        ice: dict[str, Any],
        inbound: bool = False,
    ) -> Attempt:
        """Begin an attempt at status ``new``."""
        self._attempts += 1
        self.errors = ()
        self.attempt = Attempt(
            self._attempts, destination, options, time, pasted_token, ice, inbound=inbound
        )
        self.set_status("new", None, time)
        return self.attempt

    def say(self, level: Literal["info", "warning", "error"], text: str, time: float) -> Message:
        """Add a line to the log."""
        self._lines += 1
        # An observer's exception may say as much as it likes.
        message = Message(self._lines, time, level, shortened(text))
        self.messages.append(message)
        return message

    def set_status(self, status: str, raw: str | None, time: float) -> bool:
        """Record a status of the current attempt; False where it repeats or comes too late."""
        attempt = self.attempt
        if attempt is None or attempt.over or (attempt.statuses and attempt.status == status):
            return False
        attempt.statuses.append(status)
        if status == "connected":
            # A call that was lost and came back has been connected since the first time.
            attempt.connected_time = attempt.connected_time or time
        elif status in FINAL:
            attempt.ended_time = time
        self.history.append(
            StatusChange(attempt.number, status, raw, time, max(0.0, time - attempt.time))
        )
        return True

    def add_error(
        self, kind: str, name: str, message: str, time: float, *, fatal: bool
    ) -> ErrorRecord:
        """Record an error with its advice; a fatal one explains the end of the attempt."""
        where = self.attempt.destination.kind if self.attempt else ""
        advice = advise(kind, name, destination_kind=where, loopback=self.loopback)
        record = ErrorRecord(kind, name, message, fatal, advice, time)
        self.errors = (*self.errors, record)[-ERRORS_KEPT:]
        if fatal and self.attempt and not self.attempt.over:
            self.attempt.end_kind = kind
            self.attempt.end_reason = message
            self.attempt.end_advice = record.advice
        return record

    def set_end(self, kind: str, reason: str) -> None:
        """Say why the current attempt is about to end, unless an error said so already."""
        if self.attempt and not self.attempt.end_reason:
            self.attempt.end_kind = kind
            self.attempt.end_reason = reason
