"""Offers of aiortc as the platform takes them, and its answers as aiortc takes them."""

from __future__ import annotations

from dataclasses import replace

from sw_notebook.exceptions import SDPError

from .sdp import DIRECTIONS, Description, Section

__all__ = ["answer_for_aiortc", "offer_from_aiortc"]

_TRANSPORT = ("a=ice-ufrag", "a=ice-pwd", "a=ice-options", "a=fingerprint", "a=setup")
_RECEIVED = ("opus", "vp8", "h264", "rtx")
# What aiortc can decode of H264: baseline, with fragmented packets.
_H264_PROFILES = ("42001f", "42e01f")


def offer_from_aiortc(offer: str) -> str:
    r"""Return an offer as it is to be sent: of the fingerprints only sha-256.

    FreeSWITCH answers with the type of the first and checks the last, and knows no sha-384.

    Raises:
        SDPError: it is no session description.

    >>> offer = "v=0\r\nm=audio 9 X 0\r\na=fingerprint:sha-512 B\r\na=fingerprint:sha-256 A\r\n"
    >>> offer_from_aiortc(offer)
    'v=0\r\nm=audio 9 X 0\r\na=fingerprint:sha-256 A\r\n'
    """
    found = Description.parse(offer)
    sections = (replace(s, lines=_one_fingerprint(s.lines)) for s in found.sections)
    return str(Description(_one_fingerprint(found.session), tuple(sections)))


def _one_fingerprint(lines: tuple[str, ...]) -> tuple[str, ...]:
    others = ("a=fingerprint:sha-256 ",)
    return tuple(x for x in lines if not x.startswith("a=fingerprint:") or x.startswith(others))


def answer_for_aiortc(answer: str, offer: str) -> str:
    """Give an answer what aiortc needs and FreeSWITCH leaves out.

    That is: the offer's sections in the offer's order, each with the offer's ``mid``; and
    ``rtcp-mux``.  A section that was refused is there as inactive, on the transport of the first
    that was not.  Sections that share a transport (BUNDLE) go on doing so.  Codecs that cannot be
    received, as H264 of other profiles, are left out, and a section that has no other is as if
    refused, so that it does not take the sound with it.

    Args:
        answer: what the far side answered.
        offer: what was offered, by aiortc.

    Raises:
        SDPError: it is no session description, accepts nothing, or lacks what a connection needs.
    """
    answered, offered = Description.parse(answer), Description.parse(offer)
    left = list(answered.sections)
    pairs = [(asked, _usable(_take(left, asked.kind))) for asked in offered.sections]
    first = next(((a, s) for a, s in pairs if s is not None), None)
    if first is None:
        raise SDPError("the answer accepts nothing of what was offered; offer other media")
    transport = tuple(x for x in first[1].lines if x.partition(":")[0] in _TRANSPORT)
    sections = tuple(
        _with_mid(found, asked) if found is not None else _inactive(asked, transport)
        for asked, found in pairs
    )
    shared = _bundled(answered)
    for _, found in pairs:
        if found is not None and (found is first[1] or _mid(found) not in shared):
            _check_transport(answered, found)
    group = [_mid(asked) for asked, found in pairs if found is None or _mid(found) in shared]
    session = tuple(line for line in answered.session if not line.startswith("a=group:"))
    if group:
        others = [mid for mid in group if mid != _mid(first[0])]
        session += (f"a=group:BUNDLE {' '.join([_mid(first[0]), *others])}",)
    return str(Description(session, sections))


def _check_transport(answered: Description, found: Section) -> None:
    for name in ("ice-ufrag", "ice-pwd", "fingerprint", "setup"):
        if not answered.values(found, name):
            raise SDPError(f"the {found.kind} answer has no a={name}; it cannot be connected to")


def _bundled(answered: Description) -> set[str]:
    """The names of the sections that share a transport."""
    start = "a=group:BUNDLE "
    lines = [line.removeprefix(start) for line in answered.session if line.startswith(start)]
    return {mid for line in lines for mid in line.split()} - {""}


def _take(left: list[Section], kind: str) -> Section | None:
    """Take the next section of a kind out of those that are left."""
    found = next((section for section in left if section.kind == kind), None)
    if found is not None:
        left.remove(found)
    return found


def _usable(section: Section | None) -> Section | None:
    """Return what of an accepted section aiortc can use; None where it is nothing."""
    if section is None or section.rejected:
        return None
    # aiortc takes the space in "a=1; b=2" for a part of the name.
    section = replace(section, lines=tuple(_without_spaces(line) for line in section.lines))
    codecs = {number: name.lower() for number, name in section.codecs().items()}
    good = {number: name for number, name in codecs.items() if _decodes(section, number, name)}
    if not set(good.values()) - {"rtx"}:
        return None
    formats = tuple(number for number in section.formats if number in good)
    lines = tuple(line for line in section.lines if _number(line) in ("", "*", *good))
    return replace(section, formats=formats, lines=_with_addresses(lines))


def _with_addresses(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out candidates under a name (mDNS) where there is one with an address.

    aiortc would ask the network for the name for a second before it tries any of them, and give
    up where it cannot ask.  Who has that name finds us all the same, as it knows our candidates;
    so where there is nothing but names, they are not the end of the candidates either.
    """
    named = {line for line in lines if line.startswith("a=candidate:") and _is_named(line)}
    if not named:
        return lines
    if any(line.startswith("a=candidate:") and line not in named for line in lines):
        return tuple(line for line in lines if line not in named)
    return tuple(line for line in lines if line != "a=end-of-candidates")


def _is_named(line: str) -> bool:
    return any(word.endswith(".local") for word in line.split()[4:5])


def _without_spaces(line: str) -> str:
    return line.replace("; ", ";") if line.startswith("a=fmtp:") else line


def _decodes(section: Section, number: str, name: str) -> bool:
    if name != "h264":
        return name in _RECEIVED
    said = "".join(v for v in section.values("fmtp") if v.split(" ")[0] == number).lower()
    profile = any(f"profile-level-id={name}" in said for name in _H264_PROFILES)
    return profile and "packetization-mode=1" in said


def _number(line: str) -> str:
    """The payload type that a line is about, "" where it is about none."""
    name, _, value = line.partition(":")
    return value.split(" ")[0] if name in ("a=rtpmap", "a=fmtp", "a=rtcp-fb") else ""


def _mid(section: Section) -> str:
    return next(iter(section.values("mid")), "")


def _with_mid(found: Section, asked: Section) -> Section:
    lines = [line for line in found.lines if not line.startswith("a=mid:")]
    mux = [] if found.has("a=rtcp-mux") else ["a=rtcp-mux"]
    return replace(found, lines=(*lines, *mux, f"a=mid:{_mid(asked)}"))


def _inactive(asked: Section, transport: tuple[str, ...]) -> Section:
    ways = tuple(f"a={direction}" for direction in DIRECTIONS)
    left_out = (*_TRANSPORT, "a=candidate", "a=end-of-candidates", "a=ssrc", "a=ssrc-group")
    lines = tuple(
        x for x in asked.lines if x not in ways and x.partition(":")[0] not in (*left_out, "a=msid")
    )
    return replace(asked, lines=(*lines, "a=inactive", *transport))
