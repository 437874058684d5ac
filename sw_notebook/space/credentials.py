"""Who may use a space: its API token, and the subscriber tokens that it signs."""

from __future__ import annotations

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

__all__ = ["PSTN", "Claims", "Keys", "TokenRefused"]

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
class Claims:
    """What a token says.

    Args:
        jti: its id.
        subscriber_id: whose it is.
        reference: the subscriber's name.
        expires_at: when it runs out, Unix seconds.
        allowed: the addresses that may be called; None means all.
        scope: what else it allows.
        thumbprint: of the client's key that it is bound to (RFC 7638), None where it is to none.
        guest: it is somebody's who may call and cannot be called.
        device: it renews itself, and is good only with a proof of that key.
    """

    jti: str
    subscriber_id: str
    reference: str
    expires_at: int
    allowed: tuple[str, ...] | None = None
    scope: tuple[str, ...] = ()
    thumbprint: str | None = None
    device: bool = False
    guest: bool = False

    def may_call(self, name: str) -> bool:
        """Whether the token allows to call this address."""
        return self.allowed is None or name in self.allowed

    def may_phone(self, number: str) -> bool:
        """Whether the token allows to call this telephone number.

        It has to say so: by :data:`PSTN` in its scope, or by naming the number.
        """
        return self.may_call(number) and (PSTN in self.scope or self.allowed is not None)


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets of one space, made anew for every process unless they are given.

    Tokens name the space's own host under a reserved domain, so that one that is taken
    elsewhere by mistake leads nowhere.

    Raises:
        ValueError: ``ch`` is not under a reserved domain, or project or API token cannot be
            sent as credentials; it shows no secret.

    >>> Keys(ch="relay.space.test").domain
    'space.test'
    """

    space_id: str = field(default_factory=lambda: secrets.token_hex(6))
    project_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    api_token: str = field(default_factory=lambda: f"PT{secrets.token_hex(24)}", repr=False)
    ch: str = ""
    """The host that tokens name, perhaps with a port; empty for ``relay`` under :attr:`domain`."""
    click_to_call: str = field(default_factory=lambda: f"c2c_{secrets.token_hex(16)}")
    """Stands for a button on somebody's web page; it may call ``/public/echo``."""
    _signing: OctKey = field(
        default_factory=lambda: OctKey.import_key(secrets.token_bytes(32)), repr=False
    )

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

    def mint(
        self,
        reference: str,
        *,
        expires_at: int,
        allowed: list[str] | None = None,
        scope: list[str] | None = None,
        fingerprint: str | None = None,
        device: bool = False,
        guest: bool = False,
    ) -> tuple[str, str]:
        """Return the subscriber id and a token for it."""
        subscriber_id = str(uuid.uuid5(_NAMESPACE, f"{self.space_id} {reference}"))
        claims: dict[str, Any] = {
            "sub": subscriber_id,
            "ref": reference,
            "jti": str(uuid.uuid4()),
            "iat": int(time.time()),
            "exp": expires_at,
            "scope": scope or [],
        }
        if allowed is not None:
            claims["allowed_addresses"] = allowed
        if fingerprint is not None:
            claims["cnf"] = {"jkt": fingerprint}
        if device:
            claims["device"] = True
        if guest:
            claims["guest"] = True
        return subscriber_id, self._sign("SAT", claims)

    def mint_device(self, claims: Claims, *, expires_at: int) -> str:
        """Return a token for the same subscriber that goes on as long as its client has the key."""
        _, token = self.mint(
            claims.reference,
            expires_at=expires_at,
            allowed=None if claims.allowed is None else list(claims.allowed),
            scope=list(claims.scope),
            fingerprint=claims.thumbprint,
            device=True,
            guest=claims.guest,
        )
        return token

    def verify(self, token: str, *, now: float | None = None) -> Claims:
        """Return what a token says.

        Raises:
            TokenRefused: it is malformed, of another space, or has run out.
        """
        values = self._read("SAT", token)
        claims = _claims(values)
        if claims.expires_at <= (time.time() if now is None else now):
            raise TokenRefused("the token has expired; ask for a fresh one")
        return claims

    def mint_refresh(self, reference: str, *, expires_at: int) -> str:
        """Return a token that exchanges for this subscriber's next one."""
        return self._sign("refresh", {"ref": reference, "exp": expires_at})

    def verify_refresh(self, token: str) -> str:
        """Return whose refresh token this is.

        Raises:
            TokenRefused: it is malformed, of another space, or has run out.
        """
        values = self._read("refresh", token)
        if values["exp"] <= time.time():
            raise TokenRefused("the refresh token has expired; ask for a fresh token")
        reference: str = values["ref"]
        return reference

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


def _claims(values: dict[str, Any]) -> Claims:
    allowed = values.get("allowed_addresses")
    return Claims(
        jti=values["jti"],
        subscriber_id=values["sub"],
        reference=values["ref"],
        expires_at=values["exp"],
        allowed=None if allowed is None else tuple(allowed),
        scope=tuple(values["scope"]),
        thumbprint=values.get("cnf", {}).get("jkt"),
        device=values.get("device", False),
        guest=values.get("guest", False),
    )
