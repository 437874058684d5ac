"""Why calls end: the causes of ITU-T Q.850 and those that FreeSWITCH adds."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CAUSES", "Cause", "cause"]


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause: the name on the wire, its number, and what it means to a person."""

    name: str
    number: int
    meaning: str


CAUSES: tuple[Cause, ...] = (
    Cause("UNALLOCATED_NUMBER", 1, "there is no such number"),
    Cause("NO_ROUTE_DESTINATION", 3, "no way leads to that destination"),
    Cause("NORMAL_CLEARING", 16, "somebody hung up"),
    Cause("USER_BUSY", 17, "the other side is busy"),
    Cause("NO_USER_RESPONSE", 18, "the other side's phone did not respond"),
    Cause("NO_ANSWER", 19, "nobody answered"),
    Cause("SUBSCRIBER_ABSENT", 20, "the other side is not online"),
    Cause("CALL_REJECTED", 21, "the other side rejected the call"),
    Cause("DESTINATION_OUT_OF_ORDER", 27, "the media connection could not be set up"),
    Cause("INVALID_NUMBER_FORMAT", 28, "the number is not well formed"),
    Cause("NORMAL_UNSPECIFIED", 31, "the call ended without a reason"),
    Cause("NORMAL_CIRCUIT_CONGESTION", 34, "all lines are in use"),
    Cause("NORMAL_TEMPORARY_FAILURE", 41, "something failed for now; try again"),
    Cause("BEARERCAPABILITY_NOTAUTH", 57, "this kind of call is not allowed"),
    Cause("BEARERCAPABILITY_NOTAVAIL", 58, "this kind of call is not available"),
    Cause("INCOMPATIBLE_DESTINATION", 88, "the two sides have no media in common"),
    Cause("INVALID_MSG_UNSPECIFIED", 95, "the request was malformed"),
    Cause("RECOVERY_ON_TIMER_EXPIRE", 102, "the connection was lost and did not come back"),
    Cause("ORIGINATOR_CANCEL", 487, "the caller gave up before an answer"),
    Cause("SYSTEM_SHUTDOWN", 501, "the system that carried the call was shut down"),
    Cause("LOSE_RACE", 502, "another client of the same person answered"),
    Cause("BLIND_TRANSFER", 800, "the call was handed to another destination"),
    Cause("ATTENDED_TRANSFER", 801, "the call was joined to another one"),
    Cause("ALLOTTED_TIMEOUT", 802, "the time allowed for the call is over"),
    Cause("MEDIA_TIMEOUT", 804, "media stopped arriving"),
    Cause("USER_NOT_REGISTERED", 806, "the other side is not registered"),
)
_BY_NAME = {known.name: known for known in CAUSES}
_BY_NUMBER = {known.number: known for known in CAUSES}


def cause(name: str | None = None, number: int | str | None = None) -> Cause:
    """Find a cause; like FreeSWITCH, the name wins over the number.

    Neither known is normal too: the answer then keeps what was given.

    >>> cause("USER_BUSY")
    Cause(name='USER_BUSY', number=17, meaning='the other side is busy')
    >>> cause(number="16").name
    'NORMAL_CLEARING'
    >>> cause("TEA_BREAK").number
    31
    """
    if name and name in _BY_NAME:
        return _BY_NAME[name]
    text = str(number)
    digits = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else None
    if digits is not None and digits in _BY_NUMBER and not name:
        return _BY_NUMBER[digits]
    unspecified = _BY_NAME["NORMAL_UNSPECIFIED"]
    if not name and digits is None:
        return _BY_NAME["NORMAL_CLEARING"]
    return Cause(
        name or unspecified.name,
        digits if digits is not None else unspecified.number,
        unspecified.meaning,
    )
