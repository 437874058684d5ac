"""Later offers in a call: what stays as it was, what changes, and what is new."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from sw_notebook.exceptions import SDPError

from .sdp import DIRECTIONS, Description, Section, find_codecs

__all__ = ["Agreement"]


@dataclass(frozen=True, slots=True)
class Agreement:
    """What two sides have agreed to send one another.

    Args:
        offer: the last offer; a section that was stopped since it was accepted is kept as it was
            last, but ``inactive``, for it still has its transport.
        accepted: the payload type by the index of the section, in the order of acceptance.
    """

    offer: Description
    accepted: Mapping[int, str]

    def credentials(self, index: int) -> tuple[str, str]:
        """Return the ICE user name and password that a section was offered with."""
        section = self.offer.sections[index]
        user, password = (self.offer.values(section, name) for name in ("ice-ufrag", "ice-pwd"))
        return user[0], password[0]

    def restarts(self, later: Agreement) -> list[int]:
        """Return the sections whose ICE a later agreement restarts."""
        return [i for i in self.accepted if self.credentials(i) != later.credentials(i)]

    def renewed(self, offer: Description, kinds: Collection[str]) -> Agreement:
        """Return the agreement that follows from a later offer.

        A section that was accepted keeps its codec and its transport; one that was not may be
        accepted now.

        Args:
            offer: the later offer, from :meth:`~.sdp.Description.check_offer`.
            kinds: what may be accepted, of ``"audio"`` and ``"video"``.

        Raises:
            SDPError: what was agreed on cannot go on with it.
        """
        missing = len(self.offer.sections) - len(offer.sections)
        if missing > 0:
            raise SDPError("the offer lacks sections of the one before; stop them with port 0")
        sections = list(offer.sections)
        for index, number in self.accepted.items():
            before, now = self.offer.sections[index], sections[index]
            if now.rejected and now.kind == before.kind:
                sections[index] = self._stopped(before)
            else:
                self._check(before, offer, now, number)
        new = find_codecs(
            Description((), tuple(_without(sections, self.accepted))),
            set(kinds) - {self.offer.sections[index].kind for index in self.accepted},
        )
        return Agreement(Description(offer.session, tuple(sections)), {**self.accepted, **new})

    def _stopped(self, section: Section) -> Section:
        lines = [line for line in section.lines if line[2:] not in DIRECTIONS]
        for name in ("ice-ufrag", "ice-pwd", "fingerprint", "setup"):
            if not section.values(name):  # it stood for all sections, and may not any more
                lines += [f"a={name}:{value}" for value in self.offer.values(section, name)]
        return replace(section, lines=(*lines, "a=inactive"))

    def _check(self, before: Section, offer: Description, now: Section, number: str) -> None:
        kind = before.kind
        if now.kind != kind or now.values("mid") != before.values("mid"):
            raise SDPError(f"the offer has another section in place of the {kind} one; keep it")
        names = (section.codecs().get(number, "").lower() for section in (before, now))
        if len(set(names)) > 1:
            raise SDPError(f"the {kind} offer lacks the codec in use; offer it as payload {number}")
        if offer.values(now, "fingerprint") != self.offer.values(before, "fingerprint"):
            raise SDPError(f"the {kind} offer has another fingerprint; dial anew to change it")


def _without(sections: list[Section], accepted: Collection[int]) -> list[Section]:
    return [
        replace(section, port=0) if index in accepted else section
        for index, section in enumerate(sections)
    ]
