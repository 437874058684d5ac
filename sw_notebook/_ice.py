"""Checks ICE servers before a browser sees them, and never quotes what may be a password."""

from __future__ import annotations

import copy
import re
from typing import Any, Final

__all__ = ["checked_servers"]

_HOST: Final = r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d{1,5}))?"
_STUN: Final = re.compile(rf"stuns?:{_HOST}")
_TURN: Final = re.compile(rf"turns?:{_HOST}(?:\?transport=(?:udp|tcp))?")
_SCHEMES: Final = ("stun:", "stuns:", "turn:", "turns:")
_NAMES: Final = ("urls", "username", "credential")


def checked_servers(servers: object) -> list[dict[str, Any]] | None:
    """Return a copy of ``RTCIceServer`` dicts that a browser takes.

    Raises:
        ValueError: it would not; the sentence has nothing of the value.
    """
    if servers is None:
        return None
    if not isinstance(servers, list | tuple) or not all(isinstance(one, dict) for one in servers):
        raise ValueError("it is a list of dicts with urls, username and credential, or None")
    for server in servers:
        if problem := _problem(server):
            raise ValueError(problem)
    return copy.deepcopy(list(servers))


def _problem(server: dict[Any, Any]) -> str:
    """Say what is wrong with a server; "" where nothing is."""
    urls = server.get("urls")
    urls = [urls] if isinstance(urls, str) else urls
    if not isinstance(urls, list) or not urls or not all(isinstance(url, str) for url in urls):
        return "each needs urls, a string or a list of them, as 'turn:turn.example.com:3478'"
    if not all(url.startswith(_SCHEMES) for url in urls):
        return f"each url begins with {', '.join(_SCHEMES)}"
    if not all(map(_is_url, urls)):
        return (
            "each url is as 'stun:stun.example.com' or "
            "'turn:turn.example.com:3478?transport=tcp', without // and without a password"
        )
    if server.keys() - set(_NAMES):
        # a name may be a password, too, where the colon is in the wrong place
        return f"each has {', '.join(_NAMES[:-1])} and {_NAMES[-1]}, and nothing else"
    relays = any(url.startswith("turn") for url in urls)
    for name in _NAMES[1:]:
        value = server.get(name)
        if (relays or name in server) and not (isinstance(value, str) and value):
            return f"a TURN server needs a {name}, as text" if relays else f"{name} is text"
    return ""


def _is_url(url: str) -> bool:
    found = _STUN.fullmatch(url) or _TURN.fullmatch(url)
    return found is not None and int(found["port"] or 1) in range(1, 65536)
