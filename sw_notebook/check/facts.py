"""What is worth telling of a check: values in, words out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sw_notebook.advice import advise
from sw_notebook.destinations import Destination
from sw_notebook.signaling.causes import Cause
from sw_notebook.signaling.heard import Failed
from sw_notebook.signaling.sdp import Description, Direction
from sw_notebook.tokens import Token

from .steps import StepFailed

__all__ = [
    "candidate_facts",
    "count",
    "destination_fact",
    "ended",
    "media_facts",
    "refused",
    "server_fact",
    "token_facts",
]

_REVERSED: dict[Direction, Direction] = {
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "sendrecv": "sendrecv",
    "inactive": "inactive",
}
_ADVICE = {
    "UNALLOCATED_NUMBER": ("call", "NoSuchNumber"),
    "NO_ROUTE_DESTINATION": ("destination", ""),
    "INCOMPATIBLE_DESTINATION": ("call", "NoCommonMedia"),
    "DESTINATION_OUT_OF_ORDER": ("network", ""),
    "MEDIA_TIMEOUT": ("network", ""),
}
_AGAIN = "run the check again; where it repeats, report it with these lines"


def count(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun.

    >>> count(1, "address", "addresses")
    '1 address'
    """
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def token_facts(token: Token) -> list[str]:
    """Return the kind of a token and the time it has left."""
    left = token.expires_in
    when = "no expiry" if left is None else f"{max(left, 0) / 60:.0f} min left"
    return [token.kind or "unknown kind", when]


def server_fact(servers: Sequence[dict[str, Any]]) -> str:
    """Return how many ICE servers there are and their kinds, and nothing else of them.

    >>> server_fact([{"urls": ["stun:a", "turn:b"], "username": "u", "credential": "p"}])
    '1 ICE server (stun, turn)'
    """
    urls = [u for s in servers for u in ([s["urls"]] if isinstance(s["urls"], str) else s["urls"])]
    kinds = ", ".join(sorted({url.partition(":")[0] for url in urls}))
    return count(len(servers), "ICE server") + (f" ({kinds})" if kinds else "")


def destination_fact(destination: Destination) -> str:
    """Return where was dialled; of a person's number no more than its end.

    >>> destination_fact(Destination.parse("+15551234567"))
    'phone …4567'
    """
    match destination.kind:
        case "phone":
            return f"phone …{destination.uri.partition('?')[0][-4:]}"
        case "SIP":
            return "a SIP address"
    return destination.uri


def personal(destination: Destination) -> list[str]:
    """Return in what forms a destination names a person, who is nobody's business.

    >>> personal(Destination.parse("+15551234567"))
    ['+15551234567', '15551234567']
    >>> personal(Destination.parse("sip:alice@example.com"))
    ['sip:alice@example.com', 'alice@example.com', 'alice']
    """
    address = destination.uri.partition("?")[0]
    match destination.kind:
        case "phone":
            return [address, address.lstrip("+")]
        case "SIP":
            name = address.partition(":")[2]
            return [address, name, name.partition("@")[0]]
    return []


def candidate_facts(offer: Description) -> list[str]:
    """Return the types of the candidates that are offered."""
    values = (value.split() for section in offer.sections for value in section.values("candidate"))
    types = sorted({words[7] for words in values if len(words) > 7})
    return [f"offered {', '.join(types) if types else 'no candidate'}"]


def media_facts(answer: Description) -> list[str]:
    """Return what an answer makes of each section, as we see it: codec and direction."""
    return [
        f"{section.kind} refused"
        if section.rejected or section.direction == "inactive"
        else f"{section.kind} {next(iter(section.codecs().values()), '?')} "
        f"{_REVERSED[section.direction]}"
        for section in answer.sections
    ]


def ended(why: Cause, *, answered: bool) -> StepFailed:
    """Say why a call is over, and what to do.

    >>> from sw_notebook.signaling.causes import cause
    >>> str(ended(cause("USER_BUSY"), answered=False))
    'the other side is busy (USER_BUSY 17); dial again in a while'
    """
    kind, name = _ADVICE.get(why.name, ("call", why.name.title().replace("_", "")))
    advice = advise(kind, name)
    if advice == advise("call", ""):
        advice = _AGAIN
    early = "the call ended before its media came: " if answered else ""
    return StepFailed(f"{early}{why.meaning} ({why.name} {why.number})", advice)


def refused(failed: Failed, destination: Destination | None) -> StepFailed:
    """Say why a space refused something, and what to do."""
    words = f"{failed.reason} ({failed.code})"
    if failed.method == "verto.invite" and destination is not None:
        advice = advise("destination", "", destination_kind=destination.kind)
        return StepFailed(f"the call was refused: {words}", advice)
    return StepFailed(
        f"the connection was refused: {words}",
        "check that the project may place calls from a browser",
    )
