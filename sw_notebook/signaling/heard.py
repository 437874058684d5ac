"""What a client hears from a server, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .causes import Cause
from .fabric import Connected

__all__ = [
    "Acknowledged",
    "Answered",
    "Attached",
    "Created",
    "EarlyMedia",
    "Ended",
    "Failed",
    "Happened",
    "Heard",
    "Ignored",
    "Pinged",
]


@dataclass(frozen=True, slots=True)
class Created:
    """The invite was taken; whether anybody answers is told later.

    Args:
        call_id: the call.
        member_id: this client as a member of it, "" where the answer did not say.
    """

    call_id: str
    member_id: str


@dataclass(frozen=True, slots=True)
class EarlyMedia:
    """There is media: apply ``sdp``, the only one of this call; mostly before the answer."""

    call_id: str
    sdp: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answered:
    """The call was answered; ``sdp`` is None where early media brings it, mostly before."""

    call_id: str
    sdp: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Attached:
    """The far side would set the media of a call up anew, and may send nothing otherwise."""

    call_id: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The call is over.

    Args:
        call_id: the call.
        cause: why.
        answered: whether it was answered before; where not, this is why the dial failed.
    """

    call_id: str
    cause: Cause
    answered: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """A request of ours was refused, or its answer cannot be used.

    Args:
        method: what was asked, as ``"signalwire.connect"`` or ``"verto.invite"``.
        code: the JSON-RPC code.
        reason: what the server said, unchecked text.
        call_id: the call, where it was about one; after an invite it is over.
    """

    method: str
    code: int
    reason: str
    call_id: str | None = None


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Another request of ours was answered."""

    method: str


@dataclass(frozen=True, slots=True)
class Pinged:
    """The server asked whether we, or one of our calls, are there; the answer is queued."""

    call_id: str | None = None


@dataclass(frozen=True, slots=True)
class Happened:
    """Any other event."""

    type: str
    params: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ignored:
    """A frame that means nothing here; the reason is for the log and quotes nothing of it."""

    reason: str


Heard = (
    Connected
    | Created
    | EarlyMedia
    | Answered
    | Attached
    | Ended
    | Failed
    | Acknowledged
    | Pinged
    | Happened
    | Ignored
)
