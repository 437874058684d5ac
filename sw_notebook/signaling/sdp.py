"""Session descriptions: reading what a caller offers, and answering in the platform's shape."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from sw_notebook.exceptions import SDPError

__all__ = [
    "DIRECTIONS",
    "MAX_CANDIDATES",
    "MAX_SDP",
    "MAX_SECTIONS",
    "Description",
    "Direction",
    "Section",
    "choose_codecs",
    "find_codecs",
    "offer_for_aiortc",
    "shape_answer",
    "shape_offer",
]

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]

DIRECTIONS: tuple[Direction, ...] = ("sendrecv", "sendonly", "recvonly", "inactive")
MAX_SDP, MAX_SECTIONS, MAX_CANDIDATES = 1 << 17, 16, 256
"""What is read of a description: characters, sections, and candidates in all of them.

A browser on a machine with ten networks offers two sections and some 80 candidates in 20,000.
"""

_CODECS = {"audio": ("opus",), "video": ("vp8", "h264")}
_NONE: Mapping[str, str] = {}
_MEDIA = re.compile(r"m=(\w+) (\d{1,5})(?:/\d+)? (\S+) (.+)")


@dataclass(frozen=True, slots=True)
class Section:
    """One ``m=`` line and what belongs to it."""

    kind: str
    port: int
    profile: str
    formats: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def direction(self) -> Direction:
        """Who sends, seen from the side that wrote the description."""
        for line in self.lines:
            if line[2:] in DIRECTIONS and line.startswith("a="):
                return line[2:]  # type: ignore[return-value]
        return "sendrecv"

    @property
    def rejected(self) -> bool:
        """Whether the section is refused, or stopped."""
        return self.port == 0

    def values(self, attribute: str) -> list[str]:
        """Return the values of every ``a=attribute:`` line."""
        start = f"a={attribute}:"
        return [line[len(start) :] for line in self.lines if line.startswith(start)]

    def has(self, line: str) -> bool:
        """Whether the section holds exactly this line."""
        return line in self.lines

    def codecs(self) -> dict[str, str]:
        """Map payload types to codec names, for example ``{"111": "opus"}``, in offered order."""
        maps = (value.split(" ", 1) for value in self.values("rtpmap"))
        named = {pair[0]: pair[1].split("/")[0] for pair in maps if len(pair) == 2}
        return {number: named[number] for number in self.formats if number in named}

    def __str__(self) -> str:
        head = f"m={self.kind} {self.port} {self.profile} {' '.join(self.formats)}"
        return "".join(f"{line}\r\n" for line in (head, *self.lines))


@dataclass(frozen=True, slots=True)
class Description:
    r"""A session description, taken apart into its sections.

    >>> text = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=sendonly\r\n"
    >>> Description.parse(text).sections[0].direction
    'sendonly'
    >>> str(Description.parse(text)) == text
    True
    """

    session: tuple[str, ...]
    sections: tuple[Section, ...]

    @classmethod
    def parse(cls, text: str) -> Description:
        """Take a description apart.

        Raises:
            SDPError: it is no session description, has no section, or too much of something.
        """
        if len(text) > MAX_SDP:
            raise SDPError(f"the SDP has {len(text)} characters; send at most {MAX_SDP}")
        lines = [line.rstrip() for line in text.splitlines() if line.strip()]
        if not lines or lines[0] != "v=0":
            raise SDPError("the SDP does not begin with v=0; send a session description")
        for number, line in enumerate(lines, 1):
            if line[1:2] != "=":
                raise SDPError(f"line {number} of the SDP is not a field; send 'x=value' lines")
        starts = [index for index, line in enumerate(lines) if line.startswith("m=")]
        if not starts:
            raise SDPError("the SDP has no media section; offer audio or video")
        if len(starts) > MAX_SECTIONS:
            raise SDPError(f"the SDP has {len(starts)} sections; send at most {MAX_SECTIONS}")
        candidates = sum(line.startswith("a=candidate:") for line in lines)
        if candidates > MAX_CANDIDATES:
            raise SDPError(f"the SDP has {candidates} candidates; send at most {MAX_CANDIDATES}")
        ends = [*starts[1:], len(lines)]
        sections = [_section(lines[a:b]) for a, b in zip(starts, ends, strict=True)]
        return cls(tuple(lines[: starts[0]]), tuple(sections))

    def check_offer(self) -> Description:
        """Return the offer itself, if WebRTC media can be answered to it.

        Raises:
            SDPError: a section lacks its ICE credentials, fingerprint, mid or ``rtcp-mux``, or
                nothing offered is audio or video.
        """
        live = [s for s in self.sections if s.kind in ("audio", "video") and not s.rejected]
        if not live:
            raise SDPError("the offer has neither audio nor video; offer one of them")
        for section in live:
            for name in ("ice-ufrag", "ice-pwd", "fingerprint", "setup"):
                if not self.values(section, name):
                    raise SDPError(f"the {section.kind} offer has no a={name}; add it")
            if not section.values("mid"):
                raise SDPError(f"the {section.kind} offer has no a=mid; add it")
            if not section.has("a=rtcp-mux"):
                raise SDPError(f"the {section.kind} offer has no a=rtcp-mux; add it")
        return self

    def values(self, section: Section, attribute: str) -> list[str]:
        """Return the values of an attribute of a section, or those that stand for all sections."""
        session = Section("session", 0, "", (), self.session)
        return section.values(attribute) or session.values(attribute)

    def addresses(self) -> set[str]:
        """Return the addresses that the candidates of all sections name."""
        found = (value.split() for s in self.sections for value in s.values("candidate"))
        return {words[4] for words in found if len(words) > 4}

    def __str__(self) -> str:
        head = "".join(f"{line}\r\n" for line in self.session)
        return head + "".join(str(section) for section in self.sections)


def _section(lines: list[str]) -> Section:
    media = _MEDIA.fullmatch(lines[0])
    if media is None:
        raise SDPError("a media line of the SDP is malformed; send 'm=kind port profile formats'")
    kind, port, profile, formats = media.groups()
    return Section(kind, int(port), profile, tuple(formats.split()), tuple(lines[1:]))


def choose_codecs(
    offer: Description, kinds: Collection[str], before: Mapping[str, str] = _NONE
) -> dict[int, str]:
    """Choose what to accept of an offer: the first section of each kind, with one codec each.

    That is Opus for audio; VP8 for video, or H264 where VP8 is not offered; the codec that there
    was before, where that is offered.

    Args:
        offer: what the caller offers.
        kinds: what may be accepted, of ``"audio"`` and ``"video"``.
        before: by kind, the codec of the media in whose place this comes.

    Returns:
        The payload type by the index of the section.

    Raises:
        SDPError: nothing can be accepted.
    """
    chosen = find_codecs(offer, kinds, before)
    if not chosen:
        raise SDPError(
            "the offer has nothing to accept here: offer "
            + " or ".join(f"{kind} with {'/'.join(_CODECS[kind])}" for kind in sorted(kinds))
        )
    return chosen


def find_codecs(
    offer: Description, kinds: Collection[str], before: Mapping[str, str] = _NONE
) -> dict[int, str]:
    """Choose as :func:`choose_codecs` does, where nothing is a choice, too."""
    chosen: dict[int, str] = {}
    free = set(kinds)
    for index, section in enumerate(offer.sections):
        if section.rejected or section.kind not in free:
            continue
        names = {number: name.lower() for number, name in section.codecs().items()}
        had = before.get(section.kind, "").lower()
        for wanted in sorted(_CODECS[section.kind], key=lambda codec: codec != had):
            number = next((n for n, name in names.items() if name == wanted), None)
            if number is not None:
                chosen[index] = number
                free.discard(section.kind)
                break
    return chosen


def offer_for_aiortc(offer: Description, accepted: Mapping[int, str]) -> str:
    """Return the part of an offer that aiortc is to answer.

    Sections that are not accepted are left out, and codecs that were not chosen.  So are
    BUNDLE, because a browser that had it accepted sends no candidates for its second section
    later, and header extensions, because the platform answers none.  The sections come in the
    order in which they were accepted, so that one that is accepted later is a later one to aiortc.

    Args:
        offer: what the caller offers.
        accepted: the payload type by the index of the section, from :func:`choose_codecs`.
    """
    session = tuple(line for line in offer.session if not line.startswith(("a=group:", "a=extmap")))
    sections = tuple(_only(offer.sections[index], number) for index, number in accepted.items())
    return str(Description(session, sections))


def _only(section: Section, number: str) -> Section:
    lines = []
    for line in section.lines:
        name, _, value = line.partition(":")
        if name in ("a=extmap", "a=extmap-allow-mixed", "a=ssrc-group"):
            continue
        if name in ("a=rtpmap", "a=fmtp", "a=rtcp-fb") and value.split(" ")[0] != number:
            continue
        lines.append(line)
    return replace(section, formats=(number,), lines=tuple(lines))


def shape_answer(
    answer: str,
    offer: Description,
    accepted: Collection[int],
    *,
    origin: str | None = None,
    version: int = 1,
) -> str:
    """Give aiortc's answer the shape that the platform's media servers answer in.

    That is: no ``mid``, no group, no header extensions; per section one address, the sha-256
    fingerprint alone, one UDP host candidate and the end of candidates; and for what is not
    accepted, or stopped, the bare line ``m=video 0 UDP/TLS/RTP/SAVPF 19``.  Sections keep the
    offer's order.

    Args:
        answer: what aiortc answers to :func:`offer_for_aiortc`.
        offer: what the caller offers.
        accepted: the indexes of the sections that aiortc was asked to answer, in that order.
        origin: the id of the session in ``o=``; None takes aiortc's.
        version: how many descriptions of this session there are with this one.

    Raises:
        SDPError: no candidate can be offered, because the machine has no network interface.
    """
    answered = Description.parse(answer)
    live = dict(zip(accepted, answered.sections, strict=True))
    wanted = offer.addresses()
    sections = tuple(
        _shaped(live[index], wanted)
        if index in live and not asked.rejected
        else Section(asked.kind, 0, asked.profile, ("19",), ())
        for index, asked in enumerate(offer.sections)
    )
    return _described(answered, sections, origin, version)


def shape_offer(offer: str, *, origin: str, version: int = 1) -> str:
    """Give aiortc's offer the shape that the platform's media servers offer in.

    Like :func:`shape_answer`, but each section keeps its ``mid``: a client that offers
    something else later in the call names it so, and aiortc knows it by no other name.

    Args:
        offer: what aiortc offers, with one codec per section.
        origin: the id of the session in ``o=``.
        version: how many descriptions of this session there are with this one.

    Raises:
        SDPError: no candidate can be offered, because the machine has no network interface.
    """
    offered = Description.parse(offer)
    sections = []
    for section in offered.sections:
        shaped = _shaped(section, ())
        mids = tuple(f"a=mid:{value}" for value in section.values("mid"))
        sections.append(replace(shaped, lines=(*shaped.lines, *mids)))
    return _described(offered, tuple(sections), origin, version)


def _described(
    made: Description, sections: tuple[Section, ...], origin: str | None, version: int
) -> str:
    host = next(s.lines[0].removeprefix("c=") for s in sections if not s.rejected)
    dropped = ("a=group:", "a=msid-semantic:", "a=extmap", "c=", "o=", "s=")
    kept = tuple(line for line in made.session[1:] if not line.startswith(dropped))
    if origin is None:
        origin = made.session[1].split()[1] if len(made.session) > 1 else "0"
    head = ("v=0", f"o=- {origin} {version} {host}", "s=sw-notebook", f"c={host}", *kept)
    return str(Description((*head, "a=msid-semantic: WMS"), sections))


def _shaped(section: Section, wanted: Collection[str]) -> Section:
    candidate = _candidate(section, wanted)
    address, port = candidate[4:6]
    codecs = {number: name for number, name in section.codecs().items() if name != "rtx"}
    number = next(iter(codecs))
    opus = codecs[number].lower() == "opus"
    fmtp = ["useinbandfec=1; minptime=10; maxptime=40"] if opus else _formats(section, number)
    feedback = () if section.kind == "audio" else ("nack", "nack pli")
    sends = section.direction in ("sendrecv", "sendonly")
    source = section.values("ssrc")[:1] if sends else []
    lines = (
        f"c=IN IP4 {address}",
        "b=AS:1024",
        f"a={section.direction}",
        f"a=rtpmap:{number} {_rtpmap(section, number)}",
        *(f"a=fmtp:{number} {value}" for value in fmtp),
        *(f"a=rtcp-fb:{number} {value}" for value in feedback),
        *(("a=ptime:20",) if section.kind == "audio" else ()),
        f"a=rtcp:{port} IN IP4 {address}",
        "a=rtcp-mux",
        *(f"a=ssrc:{value}" for value in source),
        *(f"a=msid:{value}" for value in section.values("msid") if sends),
        *(f"a=ice-ufrag:{value}" for value in section.values("ice-ufrag")),
        *(f"a=ice-pwd:{value}" for value in section.values("ice-pwd")),
        *(
            f"a=fingerprint:{value}"
            for value in section.values("fingerprint")
            if value.startswith("sha-256 ")
        ),
        *(f"a=setup:{value}" for value in section.values("setup")),
        f"a=candidate:{' '.join(candidate)} generation 0",
        "a=end-of-candidates",
    )
    return Section(section.kind, int(port), section.profile, (number,), lines)


def _candidate(section: Section, wanted: Collection[str]) -> list[str]:
    """Choose the one candidate to offer: an address that the caller has too, if there is one."""
    found = [value.split() for value in section.values("candidate")]
    hosts = [
        words
        for words in found
        if words[1] == "1" and words[2].lower() == "udp" and words[7] == "host"
    ]
    # IPv4, as the platform offers; a caller on this machine reaches each of our addresses.
    hosts = [words for words in hosts if ":" not in words[4]]
    if not hosts:
        raise SDPError(
            "this machine has no network interface besides the loopback one; "
            "connect it to a network (no internet is needed)"
        )
    return next((words for words in hosts if words[4] in wanted), hosts[0])


def _rtpmap(section: Section, number: str) -> str:
    start = f"{number} "
    return next(v.removeprefix(start) for v in section.values("rtpmap") if v.startswith(start))


def _formats(section: Section, number: str) -> list[str]:
    start = f"{number} "
    return [v.removeprefix(start) for v in section.values("fmtp") if v.startswith(start)]
