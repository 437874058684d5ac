"""The kernel's end of the line to the pages: who shows the call, who owns it, what they ask."""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from . import _static
from ._attempt import Attempt
from ._credentials import Credential, find_space
from ._kernel import spawn, timer
from ._page import Act, Event, PageMessageError, Request, View, parse
from .exceptions import MissingExtraError, SpaceError, SwNotebookError, TokenError
from .records import Message
from .status import FINAL

if TYPE_CHECKING:  # a protocol class takes a millisecond to make, and only checkers need it
    from typing import Protocol

    class Host(Protocol):
        """What the exchange needs of the call; all but ``_credential`` with the lock held."""

        def _current(self) -> Attempt | None: ...
        def _acted(self, act: Act) -> None: ...
        def _happened(self, event: Event) -> None: ...
        def _no_page(self, attempt: Attempt, *, hanging_up: bool) -> None: ...
        def _credential(self) -> Credential: ...
        def _backlog(self, count: int) -> Sequence[Message]: ...
        def _warn(self, text: str) -> None: ...


__all__ = ["Exchange"]

logger = logging.getLogger("sw_notebook")

PAGE_TIMEOUT = 5.0
"""Seconds in which a page has to answer; measured answers of an idle kernel take milliseconds."""

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

    @property
    def has_page(self) -> bool:
        """Whether any page shows the call."""
        return bool(self._shown)

    # --- to the page ------------------------------------------------------------------

    def dial(self, attempt: Attempt, page: str = "") -> None:
        """Tell a page to dial, or the first that shows the call within five seconds."""
        attempt.page = page or next(reversed(self._shown), "")
        attempt.clicked = bool(page)
        timer(PAGE_TIMEOUT, lambda: self._page_late(attempt))
        if attempt.page:
            self._command_dial(attempt)

    def _command_dial(self, attempt: Attempt) -> None:
        self._command(
            attempt,
            "dial",
            destination=attempt.destination.uri,
            options=attempt.options,
            pasted_token=attempt.pasted_token,
        )

    def hangup(self, attempt: Attempt) -> None:
        """Tell the attempt's page to hang up; one that is gone is not waited for."""
        self._command(attempt, "hangup")
        timer(PAGE_TIMEOUT, lambda: self._hangup_late(attempt))

    def mute(self, attempt: Attempt, media: str, muted: bool) -> None:
        """Tell the attempt's page to mute or unmute."""
        self._command(attempt, "mute", media=media, muted=muted)

    def message(self, message: Message) -> None:
        """Show a log line on every page."""
        self._send({"kind": "message", "message": dataclasses.asdict(message)}, [])

    def _command(self, attempt: Attempt, command: str, **fields: Any) -> None:
        content = {
            "kind": "command",
            "page": attempt.page,
            "command": command,
            "attempt": attempt.number,
        }
        self._send(content | fields, [])

    def _page_late(self, attempt: Attempt) -> None:
        with self._lock:
            if not attempt.accepted and not attempt.over:
                self._host._no_page(attempt, hanging_up=False)

    def _hangup_late(self, attempt: Attempt) -> None:
        with self._lock:
            if not attempt.over:
                self._host._no_page(attempt, hanging_up=True)

    # --- from the page ----------------------------------------------------------------

    def receive(self, content: object) -> None:
        """Take one custom message; a bad one is logged and changes nothing."""
        try:
            message = parse(content)
        except PageMessageError as error:
            logger.warning("a message of the page was dropped: %s", error)
            with self._lock:
                self._host._warn(f"A message of the page was dropped: {error}")
            return
        with self._lock:
            match message:
                case View():
                    self._view(message)
                case Request():
                    self._request(message)
                case Act():
                    self._host._acted(message)
                case Event():
                    self._event(message)

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
            self._host._happened(event)
        elif not _is_last(event):
            self._call_off(event)

    def _call_off(self, event: Event) -> None:
        """A page that goes on with an attempt that is over must not keep a microphone open."""
        content = {"kind": "command", "page": event.page, "command": "hangup"}
        self._send({**content, "attempt": event.attempt}, [])

    # --- requests ---------------------------------------------------------------------

    def _request(self, request: Request) -> None:
        match request.what:
            case "application":
                self._reply(request, {"hash": _static.application_hash()}, [_static.application()])
            case "messages":
                lines = [dataclasses.asdict(line) for line in self._host._backlog(BACKLOG)]
                self._reply(request, {"messages": lines})
            case "credential":
                attempt = self._host._current()
                mine = attempt and (attempt.page, attempt.number) == (request.page, request.attempt)
                if attempt is None or attempt.over or not mine:
                    self._refuse(request, "kernel", "NoAttempt", "this page is not dialling")
                    return
                # Minting, the user's function and the start of the space all take their time.
                spawn(lambda: self._answer(request, self._credential), "sw_notebook-token")
            case "space":
                domain = request.domain or ""
                spawn(lambda: self._answer(request, lambda: _known(domain)), "sw_notebook-space")

    def _credential(self) -> dict[str, Any]:
        credential = self._host._credential()
        result: dict[str, Any] = {"token": credential.token.reveal()}
        expires_in = credential.token.expires_in
        if expires_in is not None:
            result["expiry_at"] = round((time.time() + expires_in) * 1000)
        if credential.space is not None:
            result["space"] = _address(credential.space)
        return result

    def _answer(self, request: Request, work: Callable[[], dict[str, Any]]) -> None:
        try:
            result = work()
        except SwNotebookError as error:
            self._refuse(request, _kind(error), type(error).__name__, str(error))
        except Exception as error:
            logger.exception("a request of the page failed")
            self._refuse(request, "kernel", type(error).__name__, "the kernel failed to answer")
        else:
            self._reply(request, result)

    def _reply(
        self, request: Request, result: dict[str, Any], buffers: list[bytes] | None = None
    ) -> None:
        content = {"kind": "reply", "page": request.page, "id": request.id, "result": result}
        self._send(content, buffers or [])

    def _refuse(self, request: Request, kind: str, name: str, message: str) -> None:
        error = {"kind": kind, "name": name, "message": message}
        self._send({"kind": "reply", "page": request.page, "id": request.id, "error": error}, [])


def _is_last(event: Event) -> bool:
    """Whether a page that says this has no call any more, or says nothing about it."""
    return event.type in ("ended", "log") or event.data.get("status") in FINAL


def _known(domain: str) -> dict[str, Any]:
    found = find_space(domain)
    return {"space": found and _address(found)}


def _address(space: tuple[str, str]) -> dict[str, str]:
    domain, url = space
    return {"domain": domain, "url": url}


def _kind(error: SwNotebookError) -> str:
    if isinstance(error, TokenError):
        return "token"
    if isinstance(error, SpaceError | MissingExtraError):
        return "space"
    return "kernel"
