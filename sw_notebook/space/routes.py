"""Where an address leads, and who may call there."""

from __future__ import annotations

from sw_notebook.signaling.jsonrpc import CALL_ERROR, FORBIDDEN

from .credentials import PSTN
from .media import hooks
from .numbers import is_number, phone
from .people import KNOWN, People
from .refusal import Refusal
from .resources import RESOURCES, Resource, find
from .rooms import Rooms
from .sessions import Session

__all__ = ["Routes"]


class Routes:
    """All that can be called in a space.

    Args:
        rooms: those that are open, and whatever else was made.
        people: who can be rung.
    """

    def __init__(self, rooms: Rooms, people: People) -> None:
        self._rooms = rooms
        self._people = people
        self._found: dict[str, str] = {}  # names by id, the first that was found first

    @property
    def listed(self) -> list[Resource]:
        """What there is without anybody's having named it."""
        return [*RESOURCES, *self._rooms.made, *self._people.resources]

    def find(self, name: str) -> Resource | None:
        """Return what an address leads to, or None."""
        found = self._find(name)
        if found is not None:
            self._found.setdefault(found.id, name)
            if len(self._found) > KNOWN:
                del self._found[next(iter(self._found))]
        return found

    def by_id(self, address_id: str) -> Resource | None:
        """Return the address of that id, or None; one that is not listed was to be found before."""
        for resource in self.listed:
            if resource.id == address_id:
                return resource
        name = self._found.get(address_id)
        return None if name is None else self._find(name)

    def _find(self, name: str) -> Resource | None:
        return find(name) or self._rooms.find(name) or self._people.find(name) or phone(name)

    def open(self, session: Session, name: str) -> Resource:
        """Return what an address leads to, for a client that calls there or sends others there.

        Raises:
            Refusal: nothing is there, its token does not allow it, or it refuses.  The codes are
                those whose words the SDK keeps: -32003 and -32002.
        """
        resource = self.find(name)
        if resource is None:
            raise Refusal(CALL_ERROR, _nothing(name))
        if is_number(name) and not session.claims.may_phone(name):
            raise Refusal(
                FORBIDDEN, f"the token may not call telephone numbers; give it the scope {PSTN}"
            )
        if not session.claims.may_call(name):
            raise Refusal(FORBIDDEN, f"the token does not allow {name}")
        if resource.refuses is not None:
            raise Refusal(FORBIDDEN, resource.refuses)
        if resource.media in ("relay", "room") and hooks.missing():
            does = "relay" if resource.media == "relay" else "open rooms"
            raise Refusal(CALL_ERROR, f"this space cannot {does} with this aiortc; call another")
        return resource


def _nothing(name: str) -> str:
    """Say that nothing has this address."""
    if is_number(name):
        return f"no such number: {name[:200]}; the simulated ones are +1555 and seven digits"
    if name.startswith("/private/"):
        return f"nobody has the address {name[:200]} here; a person is there once it has a token"
    return f"no such destination: {name[:200]}"
