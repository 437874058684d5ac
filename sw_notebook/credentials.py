"""The key to a SignalWire space: which space, which project, and the project's API token."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import urlsplit

from ._typed import warn_if_typed
from .exceptions import CredentialsError

__all__ = ["VARIABLES", "Credentials", "on_this_machine"]

VARIABLES = (
    "SIGNALWIRE_SPACE",
    "SIGNALWIRE_PROJECT_ID",
    "SIGNALWIRE_API_TOKEN",
)

PLATFORM = "signalwire.com"

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(_LABEL)
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})
_EXAMPLE = "such as 'example' or 'example.signalwire.com'"


class Credentials:
    """What it takes to ask a space for tokens; the API token never shows.

    Args:
        space: the space: ``"example"``, ``"example.signalwire.com"`` or its URL.  Without
            encryption (``http:``) only on this machine, as the loopback space.
        project_id: the project's id, a UUID on the platform.
        api_token: the project's API token, as the dashboard shows it (``PT…``).  It stays in
            Python: no page, notebook, log or pickle gets it.
        reference: the subscriber whom calls are placed for; the platform makes one where there
            is none of that name.

    Raises:
        CredentialsError: one of them is empty, no text or no space; nothing is quoted.

    >>> Credentials("example", "9f1c", "PT0123456789abcdef")
    <Credentials example.signalwire.com project 9f1c>

    Source: https://developer.signalwire.com/rest/overview/authorization
    """

    __slots__ = ("__api_token", "_project_id", "_reference", "_url")

    def __init__(
        self, space: str, project_id: str, api_token: str, *, reference: str = "notebook"
    ) -> None:
        self._url = _url(_text(space, "the space"))
        self._project_id = _text(project_id, "the project id")
        self.__api_token = _text(api_token, "the API token")
        warn_if_typed(self.__api_token, "a project's API token")
        self._reference = _text(reference, "the reference")
        if ":" in self._project_id:
            raise CredentialsError("the project id has a colon: pass the id alone, a UUID")

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Credentials:
        """Read ``SIGNALWIRE_SPACE``, ``SIGNALWIRE_PROJECT_ID`` and ``SIGNALWIRE_API_TOKEN``.

        Raises:
            CredentialsError: one of them is not set, or is wrong.
        """
        found = cls.find(environ)
        if found is None:
            raise CredentialsError(f"{' and '.join(VARIABLES)} are not set: set all three")
        return found

    @classmethod
    def find(cls, environ: Mapping[str, str] | None = None) -> Credentials | None:
        """Read the environment as :meth:`from_env` does; None where none of the three is set.

        Raises:
            CredentialsError: some are set and others are not, or one is wrong.
        """
        environ = os.environ if environ is None else environ
        values = {name: environ.get(name, "").strip() for name in VARIABLES}
        missing = [name for name, value in values.items() if not value]
        if len(missing) == len(VARIABLES):
            return None
        if missing:
            there = [name for name in VARIABLES if name not in missing]
            raise CredentialsError(
                f"{' and '.join(there)} {_is(there)} set, but {' and '.join(missing)} "
                f"{_is(missing)} not: set all three or none"
            )
        return cls(*values.values())

    @property
    def url(self) -> str:
        """Where the space's REST API is, as ``https://example.signalwire.com``."""
        return self._url

    @property
    def host(self) -> str:
        """The space's host, with its port where it has one."""
        return self._url.partition("://")[2]

    @property
    def project_id(self) -> str:
        """The project's id."""
        return self._project_id

    @property
    def reference(self) -> str:
        """The subscriber whom calls are placed for."""
        return self._reference

    def reveal(self) -> str:
        """Return the API token itself, to be sent to the space and not to be shown."""
        return self.__api_token

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Credentials):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[str, ...]:
        return (self._url, self._project_id, self.__api_token, self._reference)

    def __repr__(self) -> str:
        return f"<Credentials {self.host} project {self._project_id}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Credentials are not pickled, so that they cannot be saved: read them anew")

    def __copy__(self) -> Credentials:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Credentials:
        return self


def on_this_machine(url: str) -> bool:
    """Whether a URL leads to this machine, as a loopback space's; no proxy is to be asked then.

    >>> on_this_machine("ws://127.0.0.1:4321/"), on_this_machine("https://example.signalwire.com")
    (True, False)
    """
    return urlsplit(url).hostname in _THIS_MACHINE


def _is(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _text(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise CredentialsError(f"{what} is text, not {type(value).__name__}")
    value = value.strip()
    if not value:
        raise CredentialsError(f"{what} is empty: copy it from the dashboard of your space")
    if not value.isascii() or not value.isprintable() or " " in value:
        raise CredentialsError(f"{what} has characters that it cannot have: copy it anew")
    return value


def _url(space: str) -> str:
    """Where the REST API of this space is."""
    scheme, separator, rest = space.partition("://")
    if not separator:
        scheme, rest = "", space
    try:
        parts = urlsplit(f"//{rest}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise CredentialsError(f"the space is no host: name it, {_EXAMPLE}") from None
    if parts.username is not None or parts.password is not None:
        raise CredentialsError(
            "the space has a user or a password: pass project_id and api_token beside it"
        )
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise CredentialsError(f"the space has a path: name it alone, {_EXAMPLE}")
    here = host in _THIS_MACHINE
    if not here and not _HOST.fullmatch(host):
        raise CredentialsError(f"the space is no host: name it, {_EXAMPLE}")
    if not separator and port is None and not here and _NAME.fullmatch(host):
        host = f"{host}.{PLATFORM}"
    scheme = scheme.lower() or ("http" if here else "https")
    if scheme not in {"https", "http"}:
        raise CredentialsError(f"the space is reached by https, not by {scheme:.20}: {_EXAMPLE}")
    if scheme == "http" and not here:
        raise CredentialsError(
            "the API token would go over the network unencrypted: use https for this space"
        )
    name = f"[{host}]" if ":" in host else host
    return f"{scheme}://{name}" + (f":{port}" if port is not None else "")
