"""What a call and a receiver have in common: a record of attempts, to be read and waited for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Literal, get_args

from .exceptions import (
    CallTimeoutError,
    MissingExtraError,
    RestError,
    SpaceError,
    SwNotebookError,
    TokenError,
)
from .records import Message, Rows, StatusChange
from .status import Waitable

if TYPE_CHECKING:
    from ._attempt import Attempt, Journal
    from ._waiting import Changes

__all__ = ["END_WORDS", "Dialing", "Recorded", "hint", "kind_of"]

END_WORDS = {
    "hangup": "hung up",
    "rejected": "rejected",
    "remote": "the far side hung up",
    "error": "it failed",
    "model closed": "the call was closed",
    "page closed": "its page was closed or reloaded",
    "kernel gone": "the kernel stopped",
    "document closed": "its notebook was closed",
    "send failed": "the page could not reach the kernel",
    "transferred": "transferred",
    "hidden": "nothing showed it any more",
    "taken over": "another page took it over",
    "run again": "its cell was run again",
}


_MISSED = {"LOSE_RACE": "answered elsewhere", "NO_ANSWER": "it was not answered in time"}
"""What the goodbye to a call that rings means, by its cause."""


class Recorded:
    """Attempts, one after the other, in a journal that is written from other threads."""

    # None of these is defined here: ipywidgets makes attributes of its own.
    if TYPE_CHECKING:
        _journal: Journal
        _changes: Changes
        _lock: AbstractContextManager[object]

    @property
    def _up(self) -> Attempt | None:
        """The attempt that is under way."""
        attempt = self._journal.attempt
        return None if attempt is None or attempt.over else attempt

    # --- reading ------------------------------------------------------------------------

    @property
    def history(self) -> Rows[StatusChange]:
        """Every status of every attempt, oldest first; a table in a cell.  Keeps 5,000."""
        with self._lock:
            return Rows(StatusChange, self._journal.history)

    @property
    def messages(self) -> Rows[Message]:
        """The log, oldest first; a table in a cell.  Keeps 2,000 lines."""
        with self._lock:
            return Rows(Message, self._journal.messages)

    def _duration(self) -> str:
        attempt = self._journal.attempt
        if attempt is None or attempt.connected_time is None:
            return ""
        # The page's clock may be ahead of the kernel's.
        seconds = max(0, int((attempt.ended_time or time.time()) - attempt.connected_time))
        return f"{' after' if attempt.over else ''} {seconds // 60:02d}:{seconds % 60:02d}"

    # --- waiting ------------------------------------------------------------------------

    async def wait_for(
        self,
        status: Waitable,
        timeout: float | None = None,  # noqa: ASYNC109 - a cell has no context manager to spare
    ) -> str:
        """Wait until this attempt has reached ``status``, and return the status it has then.

        Regards the current attempt, or the next one where none was dialled yet (so that a cell
        can wait for a click on *Dial*).  Returns at once what was already reached; a call that
        is connected has passed ``ringing``.

        Args:
            status: one of the SDK's statuses, or ``"ended"`` for ``destroyed`` or ``failed``.
            timeout: seconds; None waits as long as the attempt lasts.

        Raises:
            CallEnded: the attempt ended before, with kind and advice.
            NoPageError: no page shows the call within five seconds; a receiver needs none.
            CallTimeoutError: the timeout passed; it is a ``TimeoutError`` too.
            CannotWaitError: the kernel does not let a cell wait for a page (ipykernel 6).
            ValueError: there is no such status.
        """
        check_status(status)
        return await self._wait(self._journal.attempt, status, timeout)

    async def _wait(self, attempt: Attempt | None, status: str, seconds: float | None) -> str:
        return await self._until(lambda: self._look(attempt, status), status, seconds)

    async def _until(
        self, look: Callable[[], str | None], status: str, seconds: float | None
    ) -> str:
        try:
            async with asyncio.timeout(seconds):
                return await self._changes.until(look)
        except TimeoutError:
            raise CallTimeoutError(status, self._status_now, seconds or 0.0) from None

    def _look(self, attempt: Attempt | None, status: str) -> str | None:
        """Return the status if it is what is waited for, None if it still may be."""
        with self._lock:
            current = attempt or self._journal.attempt
            return None if current is None else current.outcome(status)

    @property
    def _status_now(self) -> str:
        attempt = self._journal.attempt
        return "idle" if attempt is None else attempt.status

    # --- writing, with the lock held ------------------------------------------------------

    def _say(self, level: Literal["info", "warning", "error"], text: str) -> None:
        """Add a line to the log."""
        raise NotImplementedError

    def _add_error(self, data: Mapping[str, Any], when: float) -> None:
        record = self._journal.add_error(
            data["kind"], data["name"], data["message"], when, fatal=data["fatal"]
        )
        # What ends an attempt before the far side has answered is what dial() raises.
        attempt = self._journal.attempt
        dialling = attempt is None or attempt.connected_time is None
        verb = attempt.verb if attempt else "dial"
        what = f"{verb}() rejected" if record.fatal and dialling else "Error"
        level: Literal["error", "warning"] = "error" if record.fatal else "warning"
        self._say(level, f"{what}: {record.name} — {record.message}. {record.advice}.")

    def _end_words(self, data: Mapping[str, Any]) -> str:
        words = END_WORDS[data["reason"]]
        attempt = self._journal.attempt
        if attempt is not None and attempt.inbound and attempt.connected_time is None:
            if data["reason"] == "hangup" and "ringing" not in attempt.statuses:
                return "stopped listening"
            if data["reason"] == "remote":
                words = _MISSED.get(data["cause"], "the caller has hung up")
        cause = " ".join(str(part) for part in (data["cause"], data["cause_code"]) if part)
        return f"{words} ({cause})" if cause and data["reason"] == "remote" else words

    def _set_status(self, status: str, raw: str | None, when: float) -> None:
        if not self._journal.set_status(status, raw, when):
            return
        attempt = self._journal.attempt
        # Of a failure the line before this one tells.
        why = attempt.end_reason if attempt and status == "destroyed" else ""
        self._say("info", f"Status: {status}" + (f" ({why})" if why else ""))


class Dialing(Awaitable[str]):
    """A call under way: await it for ``connected``, or for ``ringing`` where it is to come in.

    Raises (when awaited):
        CallEnded: the attempt ended before, with kind and advice.
        NoPageError: no page answered within five seconds; a receiver needs none.
    """

    def __init__(
        self,
        call: Recorded,
        attempt: Attempt,
        until: Literal["connected", "ringing"] = "connected",
    ) -> None:
        self._call = call
        self._attempt = attempt
        self._until = until

    def __await__(self) -> Generator[Any, Any, str]:
        return self._call._wait(self._attempt, self._until, None).__await__()

    async def within(self, seconds: float) -> str:
        """Wait for it at most so long.

        Raises:
            CallTimeoutError: it took longer; the call goes on.
        """
        return await self._call._wait(self._attempt, self._until, seconds)

    def __repr__(self) -> str:
        return f"<Dialing {self._attempt.destination.uri} {self._attempt.status}>"


def check_status(status: str) -> None:
    """Refuse what is no status.

    Raises:
        ValueError: with the nearest one.
    """
    known = get_args(Waitable)
    if status not in known:
        raise ValueError(f"no status {status!r}: {hint(status, known)}")


def hint(word: object, known: Sequence[str]) -> str:
    """Return the nearest of the known words, or all of them.

    >>> hint("conected", ["connected", "failed"])
    "did you mean 'connected'?"
    """
    import difflib  # loaded on a mistake only

    near = difflib.get_close_matches(str(word), known, 1)
    return f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"


def kind_of(error: SwNotebookError) -> str:
    """Return the kind of what went wrong before anything was dialled."""
    if isinstance(error, TokenError | RestError):
        return "token"
    if isinstance(error, SpaceError | MissingExtraError):
        return "space"
    return "kernel"
