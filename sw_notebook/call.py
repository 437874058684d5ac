"""The call as a notebook value: show it, dial it, await it, watch it, keep it."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any, Literal

from . import _cells
from ._attempt import Attempt
from ._exchange import PAGE_TIMEOUT
from ._inbound import Inbound
from ._kernel import refuse_wait, timer
from ._page import Act
from ._record import END_WORDS, Dialing, hint
from .destinations import Destination
from .exceptions import (
    CallError,
    CallInProgressError,
    NoPageError,
    SwNotebookError,
)
from .media import DIAL_OPTIONS, dial_options

__all__ = ["Call", "Dialing"]


_ANYBODY = Destination("from anybody", "user", None)
"""What stands for the destination of a call that is to come in."""

_NOT_TAKEN = "a call that comes in stays in its page: hang up there, and listen() here"

_made = _cells.Superseded()


class Call(Inbound):
    """A SignalWire call, placed or taken by the browser that shows it.

    Shown in a cell it is a dialler with both videos, the status and a log; in Python it is a
    value that you dial, await and read.  With no token, no space and no credentials it goes to
    the loopback space on this machine, and the widget says so.

    Args:
        destination: what to call: ``/public/<resource>``, ``/private/<user>``,
            ``+15551234567`` or ``sip:alice@example.com``, with or without
            ``?channel=audio`` or ``?channel=video``.

        token: a subscriber access token: a string, a ``Token``, or a function (sync or async)
            that returns one.  It is never a synced trait, so no notebook saves it.
        space: a ``LoopbackSpace``, or ``"loopback"`` for the shared one; or ``Credentials``, whose
            space is asked for a token at each dial.  Excludes ``token``.  Where neither is given
            and the environment has ``SIGNALWIRE_SPACE``, ``SIGNALWIRE_PROJECT_ID`` and
            ``SIGNALWIRE_API_TOKEN``, these are the credentials.

        audio, video: send sound and picture.  None leaves it to the SDK: sound yes, picture no,
            or what the ``?channel=`` hint says.  ``video=True`` also receives video, where the
            SDK alone would only send.
        receive_audio, receive_video: receive sound and picture.  None leaves it to the SDK.
        ice_servers: STUN and TURN servers instead of the space's own, as ``RTCIceServer`` dicts:
            ``[{"urls": "turn:turn.example.com", "username": "me", "credential": "secret"}]``.
        relay_only: send all media through a TURN server.
        title: what the widget is called.
        on_hidden: ``"hangup"`` ends a call that no view shows for ``hidden_seconds``;
            ``"keep"`` lets it go on out of sight.
        hidden_seconds: 0 to 3600, default 10.

        Every other option of the SDK's ``DialOptions`` that is plain data is taken in snake
        case: ``input_audio_device_constraints``, ``input_video_device_constraints``,
        ``preferred_audio_codecs``, ``preferred_video_codecs``, ``stereo``, ``node_id``,
        ``user_variables``.

    Raises:
        TypeError: an unknown keyword (with a suggestion), or both ``token`` and ``space``.
        traitlets.TraitError: a value of the wrong type.
        CredentialsError: the environment has some of the three variables, or wrong ones.

    >>> call = Call("/public/echo", video=True)
    >>> call
    <Call /public/echo idle (loopback space)>

    Source: https://signalwire.com/docs/browser-sdk/v4/guides/outbound-calls
    """

    _closed = ""
    """What to say of a call that is closed."""

    def __init__(
        self,
        destination: str = "",
        *,
        # Where
        token: Any = None,
        space: Any = None,
        # Media
        audio: bool | None = None,
        video: bool | None = None,
        receive_audio: bool | None = None,
        receive_video: bool | None = None,
        ice_servers: list[dict[str, Any]] | None = None,
        relay_only: bool = False,
        # Display
        title: str = "SignalWire call",
        on_hidden: Literal["hangup", "keep"] = "hangup",
        hidden_seconds: float = 10.0,
        **options: Any,
    ) -> None:
        known = [*DIAL_OPTIONS, "token", "space", "title", "layout"]
        for name in options:
            if name not in known:
                raise TypeError(f"Call has no option {name!r}: {hint(name, known)}")
        super().__init__(
            token,
            space,
            destination=destination,
            audio=audio,
            video=video,
            receive_audio=receive_audio,
            receive_video=receive_video,
            ice_servers=ice_servers,
            relay_only=relay_only,
            title=title,
            on_hidden=on_hidden,
            hidden_seconds=hidden_seconds,
            **options,
        )
        if execution := _cells.current():
            for older in _made.add(execution, self):
                older._supersede()

    # --- verbs --------------------------------------------------------------------------

    def dial(self, destination: str | None = None) -> Dialing:
        """Start a call; awaiting what this returns ends at ``connected`` or raises.

        The call is placed by the page that last showed this object; a page that shows it
        within five seconds will do.

        Args:
            destination: dial this instead, and keep it.

        Raises:
            DestinationError: there is none.
            TokenError: the token is empty.
            CallInProgressError: this call is up already.

        Awaiting raises ``CallEnded`` (with kind and advice), ``NoPageError``, or
        ``CannotWaitError`` where the kernel does not let a cell wait (ipykernel 6).

        ::

            await call.dial()                       # ends at "connected"
            await call.dial().within(10)            # or raises CallTimeoutError
        """
        if destination is not None and not self._up:
            self.destination = destination  # outside the lock, as its observers run now
        with self._lock:
            return Dialing(self, self._dial(page="", pasted_token=False))

    def listen(self) -> Dialing:
        """Be online, so that one caller can ring; awaiting what this returns ends at ``ringing``.

        The page that shows this object is then a client of the person whose token it has.  It
        rings once: ``answer()`` or ``reject()`` it, and ``listen()`` again for the next caller.
        ``hangup()`` stops listening.

        Raises:
            TokenError: the token is empty.
            CallInProgressError: this call is up already.

        Awaiting raises ``CallEnded``, ``NoPageError`` or ``CannotWaitError``, as for ``dial()``.

        ::

            await call.listen()                     # ends when somebody rings
            await call.answer(video=True)           # or call.reject()
        """
        with self._lock:
            attempt = self._begin(_ANYBODY, page="", pasted_token=False, inbound=True)
            return Dialing(self, attempt, "ringing")

    def hangup(self) -> None:
        """End the call; does nothing where none is up, so it is safe to call twice."""
        with self._lock:
            attempt = self._up
            if attempt is None:
                return
            attempt.successor = ""  # nor shall the page dial that was to take it over
            if not attempt.accepted:
                # No page has dialled yet; one that still answers is called off.
                self._end("hangup", END_WORDS["hangup"])
            elif not attempt.hangup_asked:
                attempt.hangup_asked = True
                self._exchange.hangup(attempt)

    def close(self) -> None:
        """Hang up and take the widget away; safe to call twice."""
        # ipywidgets also closes what a constructor that raised has left behind.
        if "_journal" not in self.__dict__:
            return
        self._close("model closed", "this call is closed: make a new Call")

    def _supersede(self) -> None:
        """Close a call that an earlier run of a cell has made, now that the cell runs again."""
        self._close(
            "run again",
            "this call was closed when its cell was run again: use the one of the last run",
        )

    def _close(self, kind: str, words: str) -> None:
        with self._lock:
            if self._up is not None:
                self._say("info", f"The call ends: {END_WORDS[kind]}")
                self._end(kind, END_WORDS[kind])
            self._closed = self._closed or words
        super().close()

    def __repr__(self) -> str:
        where = f" ({self.space_label})" if self.space_label else ""
        up = self._up
        what = (up.destination.uri if up else self.destination) or "nowhere"
        closed = " closed" if self._closed else ""
        return f"<Call {what} {self.status}{self._duration()}{closed}{where}>"

    # --- dialling -----------------------------------------------------------------------

    def _dial(self, *, page: str, pasted_token: bool) -> Attempt:
        return self._begin(None, page=page, pasted_token=pasted_token, inbound=False)

    def _begin(
        self, destination: Destination | None, *, page: str, pasted_token: bool, inbound: bool
    ) -> Attempt:
        """Begin an attempt; without a destination it is the one of the trait."""
        with self._lock:
            if self._closed:
                raise CallError(self._closed)
            if (current := self._up) is not None:
                raise CallInProgressError(current.status)
            try:
                destination = destination or Destination.parse(self.destination)
                if not pasted_token:
                    self._source.check()
            except SwNotebookError as error:
                self._refused(error)
                raise
            given = {name: getattr(self, name) for name in DIAL_OPTIONS}
            options = dial_options(given)
            self._forget_call()
            self._write("direction", "inbound" if inbound else "outbound")
            attempt = self._journal.begin(
                destination,
                options,
                time.time(),
                pasted_token=pasted_token,
                ice=self._ice(),
                inbound=inbound,
            )
            self._exchange.dial(attempt, page)  # first: the page draws each line before the next
            if inbound:
                self._say("info", "Listening for a call…")
            else:
                self._say("info", f"Dialing {destination.uri}...")
                self._say("info", f"Options: {_shown(given)}")
            if destination.kind == "address":
                self._say(
                    "warning",
                    "The destination has none of the four common shapes "
                    "(/public/…, /private/…, +1…, sip:…); it is dialled as it is",
                )
            self._paint_label(pasted_token)
            self._paint()
            return attempt

    def _ice(self) -> dict[str, Any]:
        servers = {} if self.ice_servers is None else {"servers": self.ice_servers}
        return {**servers, "relay_only": self.relay_only}

    async def _wait(self, attempt: Attempt | None, status: str, seconds: float | None) -> str:
        late = threading.Event()

        def look() -> str | None:
            with self._lock:
                current = attempt or self._journal.attempt
                # One that is not painted is looked at again when it is.
                if current is not None and self._painted(current):
                    found = current.outcome(status)
                    if found is not None:
                        return found
                refuse_wait(status)
                if current is None and late.is_set() and not self._exchange.has_page:
                    raise NoPageError(PAGE_TIMEOUT)
                return None

        def give_up() -> None:
            late.set()
            self._changes.notify()

        waiting = timer(PAGE_TIMEOUT, give_up) if attempt is None else None
        try:
            return await self._until(look, status, seconds)
        finally:
            if waiting:
                waiting.cancel()

    def _take_over(self, page: str) -> None:
        attempt = self._up
        if attempt is None or attempt.page == page or attempt.hangup_asked:
            return
        if attempt.inbound:
            raise CallError(_NOT_TAKEN)
        if attempt.pasted_token:
            raise CallError(
                "this call uses a token that was pasted into the other page: hang up there, "
                "paste it here and dial"
            )
        attempt.successor = page
        attempt.hangup_asked = True
        self._exchange.hangup(attempt, "taken over")

    def _acted(self, act: Act) -> None:
        try:
            match act.act:
                case "dial":
                    self._dial(page=act.page, pasted_token=act.pasted_token)
                case "answer":
                    self.answer()
                case "reject":
                    self.reject()
                case "hangup":
                    self.hangup()
                case "set":
                    self._write(act.name, act.value)
                case "mute":
                    self._mute("audio" if act.name == "audio" else "video", act.value)
                case "hold":
                    self._hold(act.value)
                case "digits":
                    self.send_digits(act.value)
                case "take over":
                    self._take_over(act.page)
        except CallError as error:
            self._say("warning", str(error))
        except SwNotebookError:
            pass  # recorded where it was raised
        except ValueError as error:
            self._say("warning", str(error))


def _shown(given: Mapping[str, Any]) -> str:
    """The options for the log; what is not yes or no may be private, so only its name."""
    values = {name: value for name, value in given.items() if value is not None}
    shown = [f"{name}={v}" if isinstance(v, bool) else name for name, v in values.items()]
    return ", ".join(shown) or "none given"
