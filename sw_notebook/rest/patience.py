"""When a request is made again, and how long that waits: the same for sync and async, no I/O."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
import time
from collections.abc import Generator, Mapping
from email.utils import parsedate_to_datetime

from .hidden import Hidden

__all__ = ["Answer", "Ask", "Failure", "Flow", "Wait", "patiently"]

TRIES = 4
FIRST_PAUSE = 0.5
"""Seconds; each further pause may be twice as long, and chance takes half of it away."""

LONGEST_PAUSE = 10.0
"""Seconds; who is told to come back later than that (``Retry-After``) gives up."""

_OVERLOADED = 429


@dataclasses.dataclass(frozen=True, slots=True)
class Ask:
    """A request: a POST where it has a body, else a GET.

    Attributes:
        path: the path on the space, as ``/api/fabric/subscribers/tokens``.
        body: what is sent as JSON; its secrets are hidden.
        bearer: the token that authorises it, "" for none, None for the project's API token.
    """

    path: str
    body: Mapping[str, object] | None = dataclasses.field(repr=False)
    bearer: Hidden | None = dataclasses.field(default=None, repr=False)

    @property
    def secrets(self) -> list[Hidden]:
        """What of this nobody may read: what a server repeats of it is not shown."""
        held = [*(self.body or {}).values(), self.bearer]
        return [text for text in held if isinstance(text, Hidden) and text]


@dataclasses.dataclass(frozen=True, slots=True)
class Wait:
    """So many seconds."""

    seconds: float


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered.

    Attributes:
        status: the HTTP status.
        headers: by their names in lower case.
        content: the body, which may hold secrets.
    """

    status: int
    headers: Mapping[str, str] = dataclasses.field(repr=False)
    content: bytes = dataclasses.field(repr=False)


@dataclasses.dataclass(frozen=True, slots=True)
class Failure:
    """No answer, and why in words that hold no secret.

    Attributes:
        reason: what happened.
        lasting: it will happen again, as with a wrong certificate.
    """

    reason: str
    lasting: bool = False


Flow = Generator[Ask | Wait, "Answer | Failure | None", "Answer | Failure"]
"""Yields what is to be done; is sent what came of an ``Ask``, and None after a ``Wait``."""


def patiently(ask: Ask) -> Flow:
    """Ask, and ask again where that may help: no answer, 429 and 5xx, and nothing else.

    >>> flow = patiently(Ask("/x", {}))
    >>> next(flow) == Ask("/x", {})
    True
    >>> flow.send(Answer(429, {"retry-after": "2"}, b""))
    Wait(seconds=2.0)
    """
    for tried in range(1, TRIES + 1):
        outcome = yield ask
        assert outcome is not None
        pause = _pause(outcome, tried)
        if pause is None or tried == TRIES:
            return outcome
        yield Wait(pause)
    raise AssertionError("unreachable")


def _pause(outcome: Answer | Failure, tried: int) -> float | None:
    """Seconds until the next try, None where there is none."""
    usual = random.uniform(0.5, 1) * FIRST_PAUSE * 2.0 ** (tried - 1)  # noqa: S311 - no secret
    if isinstance(outcome, Failure):
        return None if outcome.lasting else usual
    if outcome.status != _OVERLOADED and outcome.status < 500:
        return None
    wanted = _retry_after(outcome.headers.get("retry-after", ""))
    if wanted is None:
        return usual
    return wanted if wanted <= LONGEST_PAUSE else None


def _retry_after(value: str) -> float | None:
    """Read ``Retry-After`` (RFC 9110, 10.2.3): seconds or a date."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        when: dt.datetime = parsedate_to_datetime(value)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=dt.UTC)
    return max(0.0, when.timestamp() - time.time())
