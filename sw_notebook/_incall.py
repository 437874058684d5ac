"""What can be done in a call that is up: mute, hold, digits, transfer, other devices."""

from __future__ import annotations

import re
from typing import Any, Literal

import traitlets

from ._attempt import Attempt
from ._bookkeeping import Bookkeeping
from .destinations import Destination
from .exceptions import CallError

__all__ = ["InCall"]

_DIGITS = re.compile(r"[0-9*#A-Da-dw]{1,64}")


class InCall(Bookkeeping):
    """The verbs of a call that is up.

    Each tells the page and returns at once; what comes of it shows in the traits, and what the
    far side refuses is a line in ``errors``.
    """

    def mute_audio(self) -> None:
        """Close the microphone; before the call is up, it is only silent.

        Raises CallError where no call is up.
        """
        self._mute("audio", True)

    def unmute_audio(self) -> None:
        """Open the microphone again.  Raises CallError where no call is up."""
        self._mute("audio", False)

    def mute_video(self) -> None:
        """Close the camera; before the call is up, it is only black.

        Raises CallError where no call is up.
        """
        self._mute("video", True)

    def unmute_video(self) -> None:
        """Open the camera again.  Raises CallError where no call is up."""
        self._mute("video", False)

    def hold(self) -> None:
        """Put the call on hold: the far side sends nothing until :meth:`unhold`.

        ``held`` is True once the far side has agreed.  Raises CallError where no call is up.
        """
        self._hold(True)

    def unhold(self) -> None:
        """Take the call off hold.  Raises CallError where no call is up."""
        self._hold(False)

    def send_digits(self, digits: str) -> None:
        """Press digits (DTMF), as at a menu of a telephone line.

        Args:
            digits: 1 to 64 of ``0`` to ``9``, ``*``, ``#``, ``A`` to ``D`` (RFC 4733), and ``w``
                for a pause of half a second.  They may be a code, so no log shows them.

        Raises:
            ValueError: there is another character, or none.
            CallError: no call is up.
        """
        if not isinstance(digits, str) or not _DIGITS.fullmatch(digits):
            raise ValueError("digits are 1 to 64 of 0-9, *, #, A-D and w for a pause")
        with self._lock:
            self._exchange.command(self._in_call("press digits in"), "digits", digits=digits)

    def transfer(self, destination: str) -> None:
        """Hand the far side over to another destination; this call then ends as *transferred*.

        Args:
            destination: where to, in the forms that :meth:`dial` takes.

        Raises:
            DestinationError: it is empty or no text.
            CallError: no call is up.
        """
        target = Destination.parse(destination)
        with self._lock:
            attempt = self._in_call("transfer")
            self._say("info", f"Transferring to {target.uri}…")
            self._exchange.command(attempt, "transfer", destination=target.uri)

    def _mute(self, media: Literal["audio", "video"], muted: bool) -> None:
        with self._lock:
            attempt = self._in_call("mute")
            self._exchange.command(attempt, "mute", media=media, muted=muted)

    def _hold(self, held: bool) -> None:
        with self._lock:
            self._exchange.command(self._in_call("hold"), "hold", held=held)

    def _in_call(self, verb: str) -> Attempt:
        """Return the attempt that is up in a page."""
        attempt = self._up
        if attempt is None or not attempt.accepted:
            raise CallError(f"no call is up, so there is none to {verb}: dial first")
        return attempt

    @traitlets.observe("input_audio_device_constraints", "input_video_device_constraints")
    def _devices_changed(self, change: dict[str, Any]) -> None:
        """Use the other microphone or camera at once, where a call is up."""
        with self._lock:
            attempt = self._up
            if attempt is None or not attempt.accepted:
                return
            media = "audio" if "audio" in change["name"] else "video"
            constraints = {} if change["new"] is None else {"constraints": change["new"]}
            self._exchange.command(attempt, "device", media=media, **constraints)
