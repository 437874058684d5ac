"""The people of a space: who there is, who can be rung, and where."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .resources import Resource
from .sessions import Session

__all__ = ["People", "person"]

KNOWN = 1000
"""How many people a space remembers; those who came first are forgotten first."""

_PREFIX = "/private/"
_NAME = re.compile(r"[^/?\s]{1,100}")


def person(reference: str) -> Resource | None:
    """Return the resource that rings somebody; None where the name cannot be part of an address.

    >>> person("alice").name
    '/private/alice'
    >>> person("a/b") is None
    True
    """
    if _NAME.fullmatch(reference) is None:
        return None
    name, about = _PREFIX + reference, f"rings {reference}, wherever {reference} is online"
    return Resource(name, about, "relay", person=reference, display_name=reference)


class People:
    """Everybody for whom there was a token, and whoever is online.

    Guests are not among them: they may call, and cannot be called.

    Args:
        sessions: the clients of the space, as they are at any time.
    """

    def __init__(self, sessions: Iterable[Session]) -> None:
        self._sessions = sessions
        self._known: dict[str, None] = {}

    def know(self, reference: str) -> None:
        """Remember that there is somebody of that name."""
        self._known.setdefault(reference)
        if len(self._known) > KNOWN:
            del self._known[next(iter(self._known))]

    def find(self, name: str) -> Resource | None:
        """Return whom an address rings, or None where there is nobody of that name."""
        reference = name.removeprefix(_PREFIX)
        known = reference in self._known or bool(self.online(reference))
        return person(reference) if name.startswith(_PREFIX) and known else None

    def online(self, reference: str) -> list[Session]:
        """Return the clients of somebody that can be rung, whether or not they are in a call."""
        return [s for s in self._online() if s.claims.reference == reference]

    @property
    def resources(self) -> list[Resource]:
        """Everybody who has an address."""
        references = {**self._known, **dict.fromkeys(s.claims.reference for s in self._online())}
        return [found for found in map(person, references) if found is not None]

    def _online(self) -> list[Session]:
        return [s for s in self._sessions if s.online and not s.claims.guest]
