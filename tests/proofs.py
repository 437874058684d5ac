"""Proofs of possession as the browser SDK makes them."""

from __future__ import annotations

import base64
import hashlib
import time
import uuid
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

from sw_notebook.signaling.dpop import _Registry

__all__ = ["REGISTRY", "Prover", "digest", "sign"]

REGISTRY = _Registry(algorithms=["RS256", "ES256"])


def sign(
    key: Any, claims: dict[str, object], *, private: bool = False, typ: str = "dpop+jwt"
) -> str:
    """A proof with these claims; those that are None are left out."""
    header = {
        "typ": typ,
        "alg": "RS256" if isinstance(key, RSAKey) else "ES256",
        "jwk": key.as_dict(private=private),
    }
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(header, kept, key, registry=REGISTRY)


def digest(token: str) -> str:
    """What a proof says of the token that goes with it."""
    hashed = hashlib.sha256(token.encode()).digest()
    return base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()


class Prover:
    """A client with a key."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048)

    @property
    def fingerprint(self) -> str:
        """The thumbprint that a token can be bound to."""
        return self.key.thumbprint()

    def http(self, path: str, token: str | None = None) -> str:
        """A proof for ``POST path``, with that token where it has to name one."""
        ath = None if token is None else digest(token)
        return sign(self.key, {**_now(), "htm": "POST", "htu": path, "ath": ath})

    def rpc(self, method: str) -> str:
        """A proof for a frame."""
        return sign(self.key, {**_now(), "rpc": "request", "mth": method})


def _now() -> dict[str, object]:
    return {"jti": str(uuid.uuid4()), "iat": int(time.time())}
