"""Who may use a space: its API token, and the subscriber tokens that it signs."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from joserfc.jws import JWSRegistry
from joserfc.registry import HeaderParameter

from sw_notebook.signaling.fabric import Authorization

__all__ = ["PSTN", "Claims", "Grant", "Keys", "TokenRefused"]

PSTN = "call:pstn"
"""What the scope of a token holds that may call telephone numbers."""

_REGISTRY = JWSRegistry(
    header_registry={"ch": HeaderParameter("host to connect to", "str", required=True)},
    algorithms=["HS256"],
)
# Nobody can have registered these (RFC 6761, and ICANN's promise about .internal).
_CH = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+\.(test|example|internal|invalid|localhost)(:\d{1,5})?")
_PROJECT = re.compile(r"[!-9;-~]+")
_SECRET = re.compile(r"[!-~]{8,}")
_NAMESPACE = uuid.UUID("b7f9b7a2-2c0e-4f0e-8f6b-3f2f6f0f5a52")


class TokenRefused(Exception):
    """A token that is not accepted; the message says why, and never shows it."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token allows, and whom.

    Args:
        reference: the subscriber's name.
        allowed: the addresses that may be called; None means all.
        scope: what else it allows.
        thumbprint: of the client's key that it is bound to (RFC 7638), None where it is to none.
        guest: it is somebody's who may call and cannot be called.
    """

    reference: str
    allowed: tuple[str, ...] | None = None
    scope: tuple[str, ...] = ()
    thumbprint: str | None = None
    guest: bool = False

    def may_call(self, name: str) -> bool:
        """Whether the token allows to call this address."""
        return self.allowed is None or name in self.allowed

    def may_phone(self, number: str) -> bool:
        """Whether the token allows to call this telephone number.

        It has to say so: by :data:`PSTN` in its scope, or by naming the number.
        """
        return self.may_call(number) and (PSTN in self.scope or self.allowed is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims(Grant):
    """What a token says: what it allows, and of itself.

    Args:
        jti: its id.
        subscriber_id: whose it is.
        expires_at: when it runs out, Unix seconds.
        device: it renews itself, and is good only with a proof of the key that it is bound to.
    """

    jti: str
    subscriber_id: str
    expires_at: int
    device: bool = False


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets of one space, made anew for every process unless they are given.

    All that it signs follows from project id and API token: a space that is started again with
    the same takes the tokens that it gave before.

    Tokens name the space's own host under a reserved domain, so that one that is taken
    elsewhere by mistake leads nowhere.

    Raises:
        ValueError: ``ch`` is not under a reserved domain, or project or API token cannot be
            sent as credentials; it shows no secret.

    >>> Keys(ch="relay.space.test").domain
    'space.test'
    """

    project_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    api_token: str = field(default_factory=lambda: f"PT{secrets.token_hex(24)}", repr=False)
    ch: str = ""
    """The host that tokens name, perhaps with a port; empty for ``relay`` under :attr:`domain`."""
    space_id: str = field(init=False)
    click_to_call: str = field(init=False, repr=False)
    """Stands for a button on somebody's web page; it may call ``/public/echo``."""
    _signing: OctKey = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.ch and not _CH.fullmatch(self.ch):
            raise ValueError(
                f"the host claim is {self.ch!r:.80}; give a name of three parts under .test, "
                ".example, .internal, .invalid or .localhost, as relay.space.test, for a token "
                "must not lead to somebody else's machine"
            )
        if not _PROJECT.fullmatch(self.project_id):
            raise ValueError("the project id is empty, or has a ':' or a space; give another")
        if not _SECRET.fullmatch(self.api_token):
            raise ValueError("the API token is too short; give 8 printable characters or more")
        # Slow on purpose: whoever has a token could try out API tokens that people made up.
        derived = hashlib.scrypt(
            self.api_token.encode(), salt=self.project_id.encode(), n=1 << 14, r=8, p=1, dklen=54
        )
        object.__setattr__(self, "_signing", OctKey.import_key(derived[:32]))
        object.__setattr__(self, "click_to_call", f"c2c_{derived[32:48].hex()}")
        object.__setattr__(self, "space_id", derived[48:].hex())

    @property
    def domain(self) -> str:
        """The domain of the space; it exists nowhere, unless its user has made it."""
        return self.ch.partition(".")[2] or f"{self.space_id}.loopback.invalid"

    @property
    def host(self) -> str:
        """The host that tokens name in ``ch``."""
        return self.ch or f"relay.{self.domain}"

    def is_project(self, project_id: str, api_token: str) -> bool:
        """Whether these are the credentials of the management API."""
        both = (f"{project_id}:{api_token}", f"{self.project_id}:{self.api_token}")
        return hmac.compare_digest(*(text.encode("utf-8", "replace") for text in both))

    def mint(self, grant: Grant, *, expires_at: int, device: bool = False) -> str:
        """Return a token that allows this; a device token goes on as long as its client's key."""
        claims = {
            "sub": self.subscriber_id(grant.reference),
            "jti": str(uuid.uuid4()),
            "iat": int(time.time()),
            "exp": expires_at,
            **_said(grant),
        }
        if device:
            claims["device"] = True
        return self._sign("SAT", claims)

    def subscriber_id(self, reference: str) -> str:
        """Return the id of the subscriber of that name."""
        return str(uuid.uuid5(_NAMESPACE, f"{self.space_id} {reference}"))

    def verify(self, token: str, *, now: float | None = None) -> Claims:
        """Return what a token says.

        Raises:
            TokenRefused: it is malformed, of another space, or has run out.
        """
        values = self._read("SAT", token)
        claims = Claims(
            **_granted(values),
            jti=values["jti"],
            subscriber_id=values["sub"],
            expires_at=values["exp"],
            device=values.get("device", False),
        )
        if claims.expires_at <= (time.time() if now is None else now):
            raise TokenRefused("the token has expired; ask for a fresh one")
        return claims

    def mint_refresh(self, grant: Grant, *, expires_at: int) -> str:
        """Return a token that exchanges for the next one that allows this."""
        return self._sign("refresh", {"exp": expires_at, **_said(grant)})

    def verify_refresh(self, token: str) -> Grant:
        """Return what the next token is to allow.

        Raises:
            TokenRefused: it is malformed, of another space, or has run out.
        """
        values = self._read("refresh", token)
        if values["exp"] <= time.time():
            raise TokenRefused("the refresh token has expired; ask for a fresh token")
        return Grant(**_granted(values))

    def is_click_to_call(self, token: str) -> bool:
        """Whether this is the space's click-to-call token."""
        return hmac.compare_digest(token.encode("utf-8", "replace"), self.click_to_call.encode())

    def authorization(self, claims: Claims) -> Authorization:
        """Return what a connected client is told about itself."""
        return Authorization(
            jti=claims.jti,
            project_id=self.project_id,
            space_id=self.space_id,
            subscriber_id=claims.subscriber_id,
            expires_at=claims.expires_at,
            scope=claims.scope,
        )

    def state(self, protocol: str) -> str:
        """Return the opaque state with which a client may come back to ``protocol``."""
        return self._sign("state", {"protocol": protocol})

    def is_state(self, state: str, protocol: str) -> bool:
        """Whether this is the state that was given out for ``protocol``."""
        try:
            return self._read("state", state).get("protocol") == protocol
        except TokenRefused:
            return False

    def _sign(self, kind: str, claims: dict[str, Any]) -> str:
        header = {"alg": "HS256", "typ": kind, "ch": self.host}
        return jwt.encode(header, claims, self._signing, registry=_REGISTRY)

    def _read(self, kind: str, token: str) -> dict[str, Any]:
        try:
            read = jwt.decode(token, self._signing, registry=_REGISTRY)
        except (JoseError, ValueError, TypeError) as error:
            raise TokenRefused("the token is not one of this space; ask it for one") from error
        if read.header.get("ch") != self.host or read.header.get("typ") != kind:
            raise TokenRefused("the token is for something else; ask this space for one")
        return read.claims


def _said(grant: Grant) -> dict[str, Any]:
    said: dict[str, Any] = {"ref": grant.reference, "scope": list(grant.scope)}
    if grant.allowed is not None:
        said["allowed_addresses"] = list(grant.allowed)
    if grant.thumbprint is not None:
        said["cnf"] = {"jkt": grant.thumbprint}
    if grant.guest:
        said["guest"] = True
    return said


def _granted(values: dict[str, Any]) -> dict[str, Any]:
    allowed = values.get("allowed_addresses")
    return {
        "reference": values["ref"],
        "allowed": None if allowed is None else tuple(allowed),
        "scope": tuple(values["scope"]),
        "thumbprint": values.get("cnf", {}).get("jkt"),
        "guest": values.get("guest", False),
    }
