"""Keeps the record of a call in step with what its pages say, and the traits with the record."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import traitlets

from ._attempt import Attempt, Journal
from ._exchange import PAGE_TIMEOUT, Exchange
from ._kernel import pin_routing
from ._pace import Pace
from ._page import Act, Event
from ._record import Recorded
from ._scribe import Scribe
from ._source import LOOPBACK_LABEL, Credential, source_for
from ._traits import SILENT, CallTraits
from ._waiting import Changes
from .destinations import Destination
from .exceptions import DestinationError, NoPageError, SwNotebookError
from .records import ErrorRecord, Message, Participant, Rows

__all__ = ["Bookkeeping"]


class Bookkeeping(Recorded, CallTraits):
    """A call without its verbs: the journal, the line to the pages, and the traits they paint.

    The page's messages are handled in a thread beside the cell, so the journal has a lock; the
    traits, and with them the user's observers, are written when it is released.
    """

    _lock: Scribe

    def __init__(self, token: object, space: object, **traits: Any) -> None:
        self._pace = Pace(self._show_pages)
        self._lock = Scribe(self._pace.together)
        self._changes = Changes()
        self._journal = Journal()
        self._painted_errors = self._journal.errors
        self._given_space = space
        self._source = source_for(token, space)
        self._exchange = Exchange(self, self._lock, self._post)
        super().__init__(token=self._source.token, **traits)
        with self._lock:
            self._paint_label()

    def open(self) -> None:
        """Open the line to the page, as ipywidgets does when it makes a widget."""
        super().open()
        pin_routing(self.comm)

    def close(self) -> None:
        """Close the line to the page, which has been told everything by then."""
        self._pace.flush()
        super().close()

    def send_state(self, key: str | Iterable[str] | None = None) -> None:
        """Send a trait that changed with others that do, and what is asked for at once."""
        if isinstance(key, str):
            self._pace.state(key)
        else:
            super().send_state(key)

    def _show_pages(self, names: Sequence[str], lines: Sequence[Message]) -> None:
        if names:
            super().send_state(names)
        if lines:
            self._exchange.lines(lines)

    def _handle_custom_msg(self, content: object, _buffers: object) -> None:
        # Not a callback of on_msg(): the page may ask before a constructor could add one.
        self._exchange.receive(content)

    def _painted(self, attempt: Attempt) -> bool:
        """Whether the traits show the status that this attempt has: they follow the journal.

        While an observer runs they do not, so one that waits for a thread that waits for the same
        call waits for ever, like one that waits for itself.
        """
        shown = (self.attempt, self.status) == (attempt.number, attempt.status)
        return shown or attempt is not self._journal.attempt

    # --- what the exchange calls, with the lock held --------------------------------------

    def _current(self) -> Attempt | None:
        return self._journal.attempt

    @property
    def _asks_key(self) -> bool:
        """Whether the token is to be bound to the key of the page that dials."""
        return self._source.asks_key

    def _credential(self, fingerprint: str | None) -> Credential:
        return self._source.credential(fingerprint)

    def _backlog(self, count: int) -> Sequence[Message]:
        return list(self._journal.messages)[-count:]

    def _warn(self, text: str) -> None:
        self._say("warning", text)

    def _acted(self, act: Act) -> None:
        """Do what a person clicked."""
        raise NotImplementedError

    def _refused(self, error: SwNotebookError) -> None:
        """Record what was wrong with the request to dial; no attempt begins."""
        kind = "destination" if isinstance(error, DestinationError) else "token"
        cause = str(error).partition(";")[0]
        self._journal.errors = ()
        self._journal.add_error(kind, type(error).__name__, cause, time.time(), fatal=False)
        self._say("error", str(error))
        self._paint()

    def _forget_call(self) -> None:
        for name, value in (
            ("call_id", None),
            ("incoming", None),
            ("participants", Rows(Participant, ())),
            ("media_directions", {}),
            ("local_media", SILENT),
            ("remote_media", SILENT),
            ("audio_muted", False),
            ("video_muted", False),
            ("held", False),
            ("token_expires_at", None),
            ("token_renews", False),
        ):
            self._write(name, value)

    def _happened(self, event: Event) -> None:
        attempt = self._journal.attempt
        assert attempt is not None
        data = event.data
        match event.type:
            case "accepted":
                attempt.accepted = True
            case "status":
                self._set_status(data["status"], data["raw"], event.time)
            case "dialled":
                self._write("call_id", data["call_id"])
            case "incoming":
                self._write("incoming", dict(data))
                who = data["number"] or data["name"] or "somebody"
                attempt.destination = Destination(f"from {who}", "user", None)
                self._say("info", f"{data['name'] or who} is calling ({who})")
            case "participants":
                self._write("participants", Rows(Participant, data["participants"]))
            case "token":
                self._write("token_expires_at", data["expires_at"])
                self._write("token_renews", data["renews"])
            case "directions":
                self._write("media_directions", data["directions"])
            case "media":
                self._write(f"{data['side']}_media", data["media"])
            case "muted":
                self._write(f"{data['media']}_muted", data["muted"])
            case "error":
                self._add_error(data, event.time)
            case "held":
                self._write("held", data["held"])
                self._say("info", "On hold" if data["held"] else "Off hold")
            case "ended":
                self._journal.set_end(data["reason"], self._end_words(data))
            case "log":
                self._say(data["level"], data["text"])
        self._paint()
        self._hand_over(attempt)

    def _no_page(self, attempt: Attempt) -> None:
        attempt.failure = error = NoPageError(PAGE_TIMEOUT)
        # One that answers late must not open a microphone for a call that is over.
        self._exchange.call_off(attempt)
        now = time.time()
        self._journal.add_error("page", "NoPageError", str(error), now, fatal=True)
        self._say("error", f"{attempt.verb}() rejected: NoPageError — {error}")
        self._journal.set_status("failed", None, now)
        self._paint()

    def _page_gone(self, attempt: Attempt) -> None:
        self._exchange.call_off(attempt)
        self._end("page closed", "its page did not answer")
        self._hand_over(attempt)

    def _hand_over(self, attempt: Attempt) -> None:
        """Dial anew from the page that takes the call over, once the other one has let it go."""
        if attempt.over and (page := attempt.successor):
            attempt.successor = ""
            # Where somebody hung up meanwhile, nobody wants another call.
            if attempt.end_kind in ("taken over", "page closed"):
                self._acted(Act(page, "dial"))

    def _end(self, kind: str, reason: str) -> None:
        """End an attempt that no page will end."""
        self._journal.set_end(kind, reason)
        self._set_status("destroyed", None, time.time())
        self._paint()

    # --- painting -----------------------------------------------------------------------

    def _say(self, level: Literal["info", "warning", "error"], text: str) -> None:
        message = self._journal.say(level, text, time.time())
        self._lock.later(lambda: self._pace.line(message))

    def _paint(self) -> None:
        """Write the traits that follow from the journal, the status last, then wake waiters."""
        attempt = self._journal.attempt
        if self._journal.errors is not self._painted_errors:
            self._painted_errors = self._journal.errors
            self._write("errors", Rows(ErrorRecord, self._journal.errors))
        if attempt is not None:
            self._write("attempt", attempt.number)
            self._write("owner", "" if attempt.over else attempt.page)
            self._write("dial_time", attempt.time)
            self._write("connected_time", attempt.connected_time)
            if attempt.over:
                self._write("held", False)
                self._write("participants", Rows(Participant, ()))
            self._write("end_reason", attempt.end_reason if attempt.over else "")
            self._write("status_time", self._journal.history[-1].time)
            self._write("status", attempt.status)
        self._lock.later(self._changes.notify)

    def _paint_label(self, pasted_token: bool = False) -> None:
        label = "pasted token" if pasted_token else self._source.label
        self._journal.loopback = label == LOOPBACK_LABEL
        self._write("token_box", self._source.token_box)
        self._write("space_label", label)

    def _write(self, name: str, value: object) -> None:
        """Write a trait once the journal is unlocked."""
        self._lock.later(lambda: self._set(name, value))

    def _set(self, name: str, value: object) -> None:
        try:
            self.set_trait(name, value)
        except Exception as error:  # noqa: BLE001 - an observer's; the trait itself is set
            with self._lock:
                self._say(
                    "warning", f"An observer of {name} raised {type(error).__name__}: {error}"
                )

    @traitlets.observe("destination")
    def _destination_changed(self, change: dict[str, Any]) -> None:
        with contextlib.suppress(SwNotebookError):
            self.set_trait("destination_kind", "")
            self.set_trait("destination_kind", Destination.parse(change["new"]).kind)

    @traitlets.validate("token")
    def _hold_token(self, proposal: dict[str, Any]) -> object:
        try:
            self._source = source_for(proposal["value"], self._given_space)
        except (TypeError, SwNotebookError) as error:
            # traitlets' own message would quote the value
            raise traitlets.TraitError(str(error)) from None
        return self._source.token

    @traitlets.observe("token")
    def _token_changed(self, _change: dict[str, Any]) -> None:
        with self._lock:
            self._paint_label()

    def _post(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        if self.comm is not None:
            self.send(content, buffers)
