"""Where a call goes, and the token for it: what was passed as ``token=`` and ``space=``."""

from __future__ import annotations

import asyncio
import dataclasses
import importlib
import inspect
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, cast

from .credentials import Credentials
from .exceptions import SpaceGoneError, SwNotebookError, TokenError
from .tokens import Token

if TYPE_CHECKING:  # a protocol class takes a millisecond to make, and only checkers need it
    from typing import Protocol

    class Space(Protocol):
        """What a call needs of a loopback space."""

        @property
        def url(self) -> str:
            """Where it is, as ``http://127.0.0.1:43210``."""

        @property
        def domain(self) -> str:
            """The reserved name in the ``ch`` of its tokens."""

        def start(self) -> Space:
            """Start or find it; does nothing where it runs."""

        def revive(self, gone: str) -> Space:
            """Start another one where the one at ``gone`` has ended."""

        def token(self, reference: str = ...) -> Token:
            """Issue a token."""


__all__ = ["LOOPBACK_LABEL", "Credential", "Source", "find_space", "source_for"]

LOOPBACK_LABEL = "loopback space"

REFRESH_SCOPE = "sat:refresh"
"""With it, and bound to its key, the page renews a token by itself (SDK: client-bound SAT)."""


@dataclasses.dataclass(frozen=True)
class Credential:
    """A token, and where the loopback space is if it is one of its tokens."""

    token: Token
    space: tuple[str, str] | None
    """Domain and URL."""


@dataclasses.dataclass(frozen=True)
class Source:
    """What was given: exactly one of a token and a space, or neither for the default space."""

    token: Token | Callable[..., Any] | Literal[""] | None
    space: Space | Credentials | None

    @property
    def label(self) -> str:
        """What people read, without asking anybody."""
        if isinstance(self.space, Credentials):
            return self.space.host
        if self.space is not None:
            return LOOPBACK_LABEL
        if isinstance(self.token, Token):
            return _label(self.token)
        return LOOPBACK_LABEL if self.token is None else ""

    @property
    def token_box(self) -> Literal["hidden", "optional", "required"]:
        """Whether the page asks for a token."""
        if self.token == "":
            return "required"
        return "optional" if self.token is None and self.space is None else "hidden"

    def check(self) -> None:
        """Refuse what cannot give a token.

        Raises:
            TokenError: the token is empty.
        """
        if self.token == "":
            raise TokenError(
                "Need a token and a destination: the token is empty; pass the string that the "
                "subscriber token request returned, or leave token= out for the loopback space."
            )

    @property
    def asks_key(self) -> bool:
        """Whether the token can be bound to a page's key, and then renews itself in that page."""
        if isinstance(self.space, Credentials):
            return True
        return callable(self.token) and _takes_fingerprint(self.token)

    def credential(
        self, fingerprint: str | None = None, reference: str | None = None
    ) -> Credential:
        """Get the token; may start the loopback space, ask a space or call the user's function.

        Blocks, so it runs in a thread of its own.

        Args:
            fingerprint: of the key of the page that dials (RFC 7638), where it has one.
            reference: of the subscriber, where a space is asked; None for the usual one.

        Raises:
            TokenError: there is none.
            SpaceError: the loopback space did not start or did not answer.
            RestError: the space of the credentials refused or did not answer.
        """
        self.check()
        if isinstance(self.token, Token):
            return _located(self.token)
        if callable(self.token):
            options = {"fingerprint": fingerprint} if self.asks_key else {}
            return _located(_call(self.token, options))
        if isinstance(self.space, Credentials):
            return _granted(self.space, fingerprint, reference)
        space = self.space or _default_space()
        named = () if reference is None else (reference,)
        try:
            token = space.start().token(*named)
        except SpaceGoneError as gone:
            # It ended since it was found; a new one takes its place.
            token = space.revive(gone.url).token(*named)
        return Credential(token, (space.domain, space.url))


def source_for(token: object, space: object) -> Source:
    """Check what a call was given and return its source; the environment's where it was nothing.

    Raises:
        TypeError: both were given, or one is of the wrong type.
        CredentialsError: the environment has some of the variables and not all, or wrong ones.
    """
    if token is not None and space is not None:
        raise TypeError("token= and space= exclude each other: a token belongs to one space")
    if isinstance(token, str):
        return Source(Token(token) if token.strip() else "", None)
    if token is not None and not isinstance(token, Token) and not callable(token):
        raise TypeError(
            "token= takes a string, a Token or a function that returns one, "
            f"not {type(token).__name__}"
        )
    if token is not None:
        return Source(token, None)
    if space is None:
        return Source(None, Credentials.find())
    if isinstance(space, Credentials):
        return Source(None, space)
    if space == "loopback":
        return Source(None, _default_space())
    if all(hasattr(type(space), name) for name in ("start", "token", "url", "domain")):
        return Source(None, cast("Space", space))
    given = repr(space) if isinstance(space, str) else type(space).__name__
    raise TypeError(f"space= takes a LoopbackSpace, Credentials or 'loopback', not {given}")


def find_space(domain: str) -> tuple[str, str] | None:
    """Return domain and URL of the loopback space of that name, or None where none runs here."""
    if not domain.endswith(".loopback.invalid"):
        return None
    url = _door().find(domain)
    return None if url is None else (domain, url)


def _door() -> ModuleType:
    # By name, so that importing sw_notebook stays light and this stays the only arrow from a
    # call to the space.
    return importlib.import_module(".space.door", __package__)


def _default_space() -> Space:
    space: Space = _door().default()
    return space


def _granted(
    credentials: Credentials, fingerprint: str | None, reference: str | None
) -> Credential:
    rest = importlib.import_module(".rest", __package__)  # httpx takes a tenth of a second
    bound = {} if fingerprint is None else {"fingerprint": fingerprint, "scope": REFRESH_SCOPE}
    with rest.TokenClient(credentials) as client:
        token: Token = client.subscriber(reference or credentials.reference, **bound).token
    domain = _domain(token)
    # A loopback space that was asked by its address need not be the one that all find here.
    return Credential(token, (domain, credentials.url) if domain else None)


def _takes_fingerprint(function: Callable[..., Any]) -> bool:
    try:
        return "fingerprint" in inspect.signature(function).parameters
    except (TypeError, ValueError):  # written in C
        return False


def _call(function: Callable[..., Any], options: dict[str, str | None]) -> Token:
    try:
        found = function(**options)
        if inspect.isawaitable(found):
            found = asyncio.run(_await(found))
    except SwNotebookError:
        raise
    except Exception as error:  # noqa: BLE001 - the user's function may raise anything
        # Its text may hold a secret, so only the type goes further.
        raise TokenError(
            f"the function that was passed as token= raised {type(error).__name__}: "
            "call it by itself to see why"
        ) from None
    if not isinstance(found, str | Token):
        raise TokenError(
            f"the function that was passed as token= returned {type(found).__name__}, "
            "not a string or a Token"
        )
    return found if isinstance(found, Token) else Token(found)


async def _await(found: Any) -> Any:
    return await found


def _located(token: Token) -> Credential:
    domain = _domain(token)
    return Credential(token, find_space(domain) if domain else None)


def _domain(token: Token) -> str | None:
    """The reserved name of the loopback space that issued the token, if one did."""
    host = token.host
    if host is None or not host.endswith(".loopback.invalid"):
        return None
    return host.partition(".")[2]


def _label(token: Token) -> str:
    if _domain(token):
        return LOOPBACK_LABEL
    return (token.host or "SignalWire").removeprefix("puc.")
