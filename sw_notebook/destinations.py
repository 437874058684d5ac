"""What a call can reach, told from the shape of the destination."""

from __future__ import annotations

import dataclasses
import re
from typing import Literal

from .exceptions import DestinationError

__all__ = ["Destination", "DestinationKind"]

DestinationKind = Literal["resource", "user", "phone", "SIP", "address"]
"""``address`` is every other shape: it is dialled as it is, with a warning."""

_SHAPES: tuple[tuple[re.Pattern[str], DestinationKind], ...] = (
    (re.compile(r"/public/[^/?]+"), "resource"),
    (re.compile(r"/private/[^/?]+"), "user"),
    (re.compile(r"\+[1-9]\d{6,14}"), "phone"),
    (re.compile(r"sips?:[^\s@]+@[^\s@]+", re.IGNORECASE), "SIP"),
)


@dataclasses.dataclass(frozen=True)
class Destination:
    """A destination and what its shape says.

    Attributes:
        uri: what is dialled, with its query.
        kind: resource, user, phone, SIP, or address for an unknown shape.
        channel: the ``?channel=`` hint, ``"audio"``, ``"video"`` or None.

    Source: https://signalwire.com/docs/browser-sdk/v4/guides/outbound-calls,
    "Pick a destination".

    >>> Destination.parse("/public/echo?channel=video")
    Destination(uri='/public/echo?channel=video', kind='resource', channel='video')
    >>> Destination.parse("+15551234567").kind
    'phone'
    """

    uri: str
    kind: DestinationKind
    channel: Literal["audio", "video"] | None

    @classmethod
    def parse(cls, text: str) -> Destination:
        """Tell what ``text`` reaches; space around it is cut.

        Raises:
            DestinationError: it is empty.
        """
        from urllib.parse import parse_qs  # loaded on use, as importing is to stay light

        uri = text.strip()
        if not uri:
            raise DestinationError(
                "Need a token and a destination: the destination is empty; "
                "give one such as '/public/echo'."
            )
        path, _, query = uri.partition("?")
        kind: DestinationKind = "address"
        for shape, name in _SHAPES:
            if shape.fullmatch(path):
                kind = name
        hint = parse_qs(query).get("channel", [""])[0]
        hints: dict[str, Literal["audio", "video"]] = {"audio": "audio", "video": "video"}
        return cls(uri, kind, hints.get(hint))
