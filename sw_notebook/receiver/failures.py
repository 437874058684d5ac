"""Why a receiver's call failed or ended, in the words and kinds that a call has for it."""

from __future__ import annotations

import logging
from typing import NamedTuple

from sw_notebook.exceptions import RestError, SDPError
from sw_notebook.signaling.causes import Cause
from sw_notebook.signaling.heard import Failed

__all__ = ["Failing", "Failure", "ended", "explained", "refused", "unreachable"]

logger = logging.getLogger("sw_notebook.receiver")


class Failure(NamedTuple):
    """What failed.

    Args:
        kind: destination, token, network, space or call, as in ``ErrorRecord.kind``.
        name: for the advice, as ``UserBusy``.
        message: what happened, as a sentence without a full stop.
    """

    kind: str
    name: str
    message: str


class Failing(Exception):
    """The call cannot go on, for a reason that is known."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(failure.message)


# The names that the advice knows; the page has the same ones for the same causes.
_CAUSES = {
    "UNALLOCATED_NUMBER": ("call", "NoSuchNumber"),
    "NO_ROUTE_DESTINATION": ("destination", "NoRoute"),
    "NORMAL_CIRCUIT_CONGESTION": ("call", "LinesBusy"),
    "INCOMPATIBLE_DESTINATION": ("call", "NoCommonMedia"),
    "INVALID_NUMBER_FORMAT": ("call", "NoSuchNumber"),
    "DESTINATION_OUT_OF_ORDER": ("network", "NoMedia"),
    "MEDIA_TIMEOUT": ("network", "ConnectionLost"),
    "RECOVERY_ON_TIMER_EXPIRE": ("network", "ConnectionLost"),
}
_CLEARED = frozenset({"NORMAL_CLEARING", "NORMAL_UNSPECIFIED", "BLIND_TRANSFER"})


def ended(why: Cause, *, answered: bool) -> Failure | None:
    """Say what an end means; None where it is how calls end.

    >>> from sw_notebook.signaling.causes import cause
    >>> ended(cause("USER_BUSY"), answered=False)
    Failure(kind='call', name='UserBusy', message='the other side is busy (USER_BUSY 17)')
    >>> ended(cause("NORMAL_CLEARING"), answered=True) is None
    True
    """
    if answered and why.name in _CLEARED:
        return None
    kind, name = _CAUSES.get(why.name, ("call", why.name.title().replace("_", "")))
    return Failure(kind, name, f"{why.meaning} ({why.name} {why.number})")


def refused(failed: Failed) -> Failure:
    """Say what a refusal means.

    >>> refused(Failed("verto.invite", -32002, "no such destination: /public/x")).message
    'no such destination: /public/x (-32002)'
    """
    words = f"{failed.reason} ({failed.code})"
    if failed.method == "verto.invite":
        return Failure("destination", "CallRefused", words)
    return Failure("token", "ConnectionRefused", f"the space refused the connection: {words}")


def unreachable(error: RestError) -> Failure:
    """Say what a REST request of the space means that brought nothing."""
    kind = "network" if error.status is None else "token"
    words = f"{error.host} gave no {error.wanted}: {error.reason}"
    return Failure(kind, "RestError" if error.status else "NoAnswerFromSpace", words)


def explained(error: BaseException) -> Failure:
    """Say what an exception means that ended the call; one that nobody foresaw is logged."""
    match error:
        case Failing(failure=failure):
            return failure
        case SDPError():
            return Failure("network", "NoNetworkInterfaceError", str(error))
    logger.error("dialling failed", exc_info=error)
    return Failure("call", type(error).__name__, f"the receiver failed ({type(error).__name__})")
