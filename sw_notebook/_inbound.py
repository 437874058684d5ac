"""What can be done with a call that comes in: answer it, or reject it."""

from __future__ import annotations

from ._attempt import Attempt
from ._incall import InCall
from ._record import Dialing
from .exceptions import CallError
from .media import DIAL_OPTIONS, dial_options

__all__ = ["Inbound"]


class Inbound(InCall):
    """The verbs of a call that rings here, after ``listen()``."""

    def answer(self, *, audio: bool | None = None, video: bool | None = None) -> Dialing:
        """Take the call that rings; awaiting what this returns ends at ``connected`` or raises.

        The browser asks for microphone and camera now, not before.

        Args:
            audio: send sound; None leaves it to the trait of this name, and where that is None,
                too, sends it.
            video: send a picture; None leaves it to the trait, and where that is None, too, sends
                none.

        Raises:
            CallError: nobody rings, or this call was answered or rejected already.

        Awaiting raises ``CallEnded`` where the caller has hung up meanwhile, somebody has answered
        elsewhere, or a device cannot be opened.
        """
        with self._lock:
            attempt = self._ringing("answer")
            given = {name: getattr(self, name) for name in DIAL_OPTIONS}
            chosen = {"audio": audio, "video": video}
            given |= {name: value for name, value in chosen.items() if value is not None}
            attempt.settled = "answered"
            self._say("info", "Answering…")
            self._exchange.command(attempt, "answer", options=dial_options(given))
            return Dialing(self, attempt)

    def reject(self) -> None:
        """Do not take the call that rings: the caller hears that this side is busy.

        Raises:
            CallError: nobody rings, or this call was answered or rejected already.
        """
        with self._lock:
            attempt = self._ringing("reject")
            attempt.settled = "rejected"
            self._exchange.command(attempt, "reject")

    def _ringing(self, verb: str) -> Attempt:
        """Return the attempt that rings and waits for a word from this side.

        Raises:
            CallError: there is none; it says why, and what to do.
        """
        attempt = self._journal.attempt
        if attempt is None or not attempt.inbound:
            why, todo = "nobody rings", "await call.listen() first"
        elif attempt.settled:
            why, todo = f"this call is {attempt.settled} already", "listen() again once it is over"
        elif attempt.over:
            why, todo = f"nobody rings any more ({attempt.end_reason})", "listen() again"
        elif "ringing" not in attempt.statuses:
            why, todo = "nobody rings yet", "await call.listen(), which ends when somebody does"
        else:
            return attempt
        raise CallError(f"{why}, so there is nothing to {verb}: {todo}")
