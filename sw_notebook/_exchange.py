"""The kernel's end of the line to the pages: who shows the call, who owns it, what they ask."""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from . import _static
from ._attempt import Attempt
from ._kernel import spawn, timer
from ._lease import Lease
from ._page import Act, Alive, Event, Events, PageMessageError, Request, View, parse
from ._record import kind_of
from ._source import Credential, find_space
from .exceptions import SwNotebookError
from .records import Message
from .status import FINAL

if TYPE_CHECKING:  # a protocol class takes a millisecond to make, and only checkers need it
    from typing import Protocol

    class Host(Protocol):
        """What the exchange needs of the call; all but ``_credential`` with the lock held."""

        def _current(self) -> Attempt | None: ...
        def _acted(self, act: Act) -> None: ...
        def _happened(self, event: Event) -> None: ...
        def _no_page(self, attempt: Attempt) -> None: ...
        def _page_gone(self, attempt: Attempt) -> None: ...
        @property
        def _asks_key(self) -> bool: ...
        def _credential(self, fingerprint: str | None) -> Credential: ...
        def _backlog(self, count: int) -> Sequence[Message]: ...
        def _warn(self, text: str) -> None: ...


__all__ = ["Exchange"]

Answer = tuple[dict[str, Any], list[bytes]]
"""What a request is answered with: plain data, and buffers."""

logger = logging.getLogger("sw_notebook")

PAGE_TIMEOUT = 5.0
"""Seconds in which a page has to answer; measured answers of an idle kernel take milliseconds."""

DROPS_SAID = 10
"""After so many bad messages the log of the call says no more of them."""

BACKLOG = 200
"""Log lines that a page gets when it opens."""


class Exchange:
    """Sends commands to one page at a time, answers requests, and puts events in order.

    Exactly one page owns an attempt: the page that was clicked, or else the one that last
    showed the call.  Its events are numbered; repeated ones are dropped and missing ones are
    said in the log.
    """

    def __init__(
        self, host: Host, lock: Any, send: Callable[[dict[str, Any], list[bytes]], None]
    ) -> None:
        self._host = host
        self._lock = lock
        self._send = send
        self._shown: dict[str, int] = {}
        self._last_seq: dict[str, int] = {}
        self._dropped = 0
        self._lease = Lease(lock, self._ping, host._page_gone)

    @property
    def has_page(self) -> bool:
        """Whether any page shows the call."""
        return bool(self._shown)

    # --- to the page ------------------------------------------------------------------

    def dial(self, attempt: Attempt, page: str = "") -> None:
        """Tell a page to dial or listen, or the first that shows the call within five seconds."""
        attempt.page = page or next(reversed(self._shown), "")
        attempt.clicked = bool(page)
        timer(PAGE_TIMEOUT, lambda: self._page_late(attempt))
        if attempt.page:
            self._command_dial(attempt)

    def _command_dial(self, attempt: Attempt) -> None:
        asks_key = self._host._asks_key and not attempt.pasted_token
        where = {"destination": attempt.destination.uri, "options": attempt.options}
        self.command(
            attempt,
            "listen" if attempt.inbound else "dial",
            **({} if attempt.inbound else where),
            ice=attempt.ice,
            pasted_token=attempt.pasted_token,
            asks_key=asks_key,
        )
        # With a key the token waits for the page to say which.
        if not attempt.pasted_token and not asks_key:
            self._get_token(attempt, None)

    def _get_token(self, attempt: Attempt, fingerprint: str | None) -> None:
        number, page = attempt.number, attempt.page
        # Minting, the user's function and the start of the space all take their time.
        spawn(lambda: self._deliver(number, page, fingerprint), "sw_notebook-token")

    def _deliver(self, number: int, page: str, fingerprint: str | None) -> None:
        """Send a page the token for the attempt, unless it is over or another page's by then."""
        answer, _ = _outcome(lambda: self._credential(fingerprint))
        with self._lock:
            attempt = self._host._current()
            mine = attempt and (attempt.page, attempt.number) == (page, number)
            if attempt is None or attempt.over or not mine:
                return
        self._send({"kind": "credential", "page": page, "attempt": number, **answer}, [])

    def hangup(self, attempt: Attempt, reason: str = "hangup") -> None:
        """Tell the attempt's page to hang up; one that is gone is not waited for."""
        self.command(attempt, "hangup", reason=reason)
        timer(PAGE_TIMEOUT, lambda: self._hangup_late(attempt))

    def call_off(self, attempt: Attempt) -> None:
        """Tell the attempt's page, should it still be there, that its call is over."""
        if attempt.page:
            self.command(attempt, "hangup", reason="hangup")

    def command(self, attempt: Attempt, command: str, **fields: Any) -> None:
        """Tell the attempt's page to do something."""
        self._order(attempt.page, attempt.number, command, **fields)

    def lines(self, lines: Sequence[Message]) -> None:
        """Show lines of the log on every page."""
        self._send({"kind": "lines", "lines": [dataclasses.asdict(line) for line in lines]}, [])

    def _order(self, page: str, attempt: int, command: str, **fields: Any) -> None:
        content = {"kind": "command", "page": page, "command": command, "attempt": attempt}
        self._send(content | fields, [])

    def _ping(self, attempt: Attempt) -> None:
        self._send({"kind": "ping", "page": attempt.page}, [])

    def _page_late(self, attempt: Attempt) -> None:
        with self._lock:
            if not attempt.accepted and not attempt.over:
                self._host._no_page(attempt)

    def _hangup_late(self, attempt: Attempt) -> None:
        with self._lock:
            if not attempt.over:
                self._host._page_gone(attempt)

    # --- from the page ----------------------------------------------------------------

    def receive(self, content: object) -> None:
        """Take one custom message; a bad one is logged and changes nothing."""
        try:
            message = parse(content)
        except PageMessageError as error:
            logger.warning("a message of the page was dropped: %s", error)
            self._dropped += 1
            if self._dropped <= DROPS_SAID:
                with self._lock:
                    self._host._warn(
                        f"A message of the page was dropped: {error}.  "
                        "After an upgrade of sw_notebook, reload the page"
                    )
            return
        with self._lock:
            attempt = self._host._current()
            if attempt is not None and message.page == attempt.page:
                self._lease.heard()
            match message:
                case View():
                    self._view(message)
                case Alive():
                    pass  # heard, and that is all
                case Request():
                    self._request(message)
                case Act():
                    self._host._acted(message)
                case Events():
                    for event in message.events:
                        self._event(event)

    def _view(self, view: View) -> None:
        self._shown.pop(view.page, None)
        if view.count == 0:
            return
        self._shown[view.page] = view.count  # the last key is the page that showed it last
        attempt = self._host._current()
        if not attempt or attempt.over or attempt.accepted or attempt.clicked:
            return
        # The page that was told may be gone; if it answers all the same, it is called off.
        if attempt.page != view.page:
            attempt.page = view.page
            self._command_dial(attempt)

    def _event(self, event: Event) -> None:
        last = self._last_seq.get(event.page, 0)
        if event.seq <= last:
            logger.info("event %d of the page was repeated and dropped", event.seq)
            return
        self._last_seq[event.page] = event.seq
        if event.seq > last + 1:
            lost = event.seq - last - 1
            self._host._warn(f"{lost} event{'s' * (lost > 1)} of the page did not arrive")
        attempt = self._host._current()
        ours = attempt and attempt.number == event.attempt and attempt.page == event.page
        if attempt and ours and not attempt.over:
            if event.type == "accepted":
                self._lease.start(attempt)
            elif event.type == "key" and self._host._asks_key and not attempt.keyed:
                attempt.keyed = True
                self._get_token(attempt, event.data["fingerprint"])
            self._host._happened(event)
        elif not _is_last(event):
            # A page that goes on with an attempt that is over must not keep a microphone open.
            self._order(event.page, event.attempt, "hangup", reason="hangup")

    # --- requests ---------------------------------------------------------------------

    def _request(self, request: Request) -> None:
        match request.what:
            case "application":
                spawn(lambda: self._answer(request, _application), "sw_notebook-application")
            case "messages":
                lines = [dataclasses.asdict(line) for line in self._host._backlog(BACKLOG)]
                self._answer(request, lambda: ({"messages": lines}, []))
            case "space":
                domain = request.domain or ""
                spawn(lambda: self._answer(request, lambda: _known(domain)), "sw_notebook-space")

    def _credential(self, fingerprint: str | None) -> Answer:
        credential = self._host._credential(fingerprint)
        result: dict[str, Any] = {"token": credential.token.reveal()}
        expires_in = credential.token.expires_in
        if expires_in is not None:
            result["expiry_at"] = round((time.time() + expires_in) * 1000)
        if credential.space is not None:
            result["space"] = _address(credential.space)
        return result, []

    def _answer(self, request: Request, work: Callable[[], Answer]) -> None:
        answer, buffers = _outcome(work)
        self._send({"kind": "reply", "page": request.page, "id": request.id, **answer}, buffers)


def _is_last(event: Event) -> bool:
    """Whether a page that says this has no call any more, or says nothing about it."""
    return event.type in ("ended", "log") or event.data.get("status") in FINAL


def _outcome(work: Callable[[], Answer]) -> Answer:
    """Return ``{"result": …}``, or ``{"error": …}`` where the work failed."""
    try:
        result, buffers = work()
    except SwNotebookError as error:
        return _error(kind_of(error), error, str(error)), []
    except Exception as error:
        logger.exception("what a page needs could not be made")
        return _error("kernel", error, "the kernel failed to answer"), []
    return {"result": result}, buffers


def _error(kind: str, error: Exception, message: str) -> dict[str, Any]:
    return {"error": {"kind": kind, "name": type(error).__name__, "message": message}}


def _application() -> Answer:
    return {"hash": _static.application_hash()}, [_static.application()]


def _known(domain: str) -> Answer:
    found = find_space(domain)
    return {"space": found and _address(found)}, []


def _address(space: tuple[str, str]) -> dict[str, str]:
    domain, url = space
    return {"domain": domain, "url": url}
