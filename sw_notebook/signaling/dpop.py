"""Proofs that a client holds the key that its token is bound to (DPoP, RFC 9449)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry

from sw_notebook.exceptions import ProofError

__all__ = ["WINDOW_SECONDS", "Proofs", "http_proof", "rpc_proof"]

WINDOW_SECONDS = 60
"""How far the clocks of client and server may be apart, and how old a proof may be."""

MAX_PROOF = 8192
"""Characters; one with an RSA key of 4096 bits has some two thousand."""


class _Registry(JWSRegistry):
    max_header_length = 4096  # a header with an RSA key is longer than most


_REGISTRY = _Registry(algorithms=["RS256"])


class Proofs:
    """Remembers which proofs were used: each is good for one request (RFC 9449, 11.1)."""

    def __init__(self) -> None:
        self._used: dict[str, float] = {}

    def use(self, jti: str, now: float) -> None:
        """Take note of a proof.

        Raises:
            ProofError: it was used before.
        """
        self._used = {used: until for used, until in self._used.items() if until > now}
        if jti in self._used:
            raise ProofError("it was used before; make one for each request")
        self._used[jti] = now + 2 * WINDOW_SECONDS


def http_proof(
    proof: str, *, method: str, path: str, now: float, proofs: Proofs, access_token: str = ""
) -> str:
    """Check the proof for an HTTP request, and return the thumbprint of the key (RFC 7638).

    Args:
        proof: the JWT.
        method: of the request, as ``"POST"``.
        path: of the request; SDK 4.0.0-beta.12 puts no more into ``htu``.
        now: Unix time.
        proofs: which were used.
        access_token: the token that goes with it, where the proof has to name it (``ath``).

    Raises:
        ProofError: it is no proof, too old, or for something else.
    """
    thumbprint, claims = _read(proof, now)
    if (claims.get("htm"), claims.get("htu")) != (method, path):
        raise ProofError("it is for another request; sign method and path of this one")
    if access_token and not _same(claims.get("ath"), _digest(access_token)):
        raise ProofError("it is for another token; sign the hash of this one")
    proofs.use(claims["jti"], now)
    return thumbprint


def rpc_proof(proof: str, *, method: str, now: float, proofs: Proofs) -> str:
    """Check the proof for a JSON-RPC request, and return the thumbprint of the key.

    Raises:
        ProofError: it is no proof, too old, or for another method.
    """
    thumbprint, claims = _read(proof, now)
    if (claims.get("rpc"), claims.get("mth")) != ("request", method):
        raise ProofError("it is for another request; sign the method of this one")
    proofs.use(claims["jti"], now)
    return thumbprint


def _read(proof: str, now: float) -> tuple[str, dict[str, Any]]:
    if len(proof) > MAX_PROOF:
        raise ProofError("it is too long")
    try:
        header = jws.extract_compact(proof.encode(), registry=_REGISTRY).headers()
        if header.get("typ") != "dpop+jwt":
            raise ProofError("its type is not dpop+jwt")
        key = RSAKey.import_key(header.get("jwk") or {})
        if key.is_private:
            raise ProofError("it shows the private key; make another key")
        claims = jwt.decode(proof, key, registry=_REGISTRY).claims
        thumbprint = key.thumbprint()
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ProofError("it is no JWT that its own key has signed") from error
    made = claims.get("iat")
    if isinstance(made, bool) or not isinstance(made, int | float):
        raise ProofError("it does not say when it was made")
    if not abs(now - made) <= WINDOW_SECONDS:
        raise ProofError("it is too old, or the clocks are apart; make a fresh one")
    if not isinstance(claims.get("jti"), str) or not claims["jti"]:
        raise ProofError("it has no id")
    return thumbprint, claims


def _digest(token: str) -> str:
    digest = hashlib.sha256(token.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _same(value: object, expected: str) -> bool:
    return isinstance(value, str) and hmac.compare_digest(
        value.encode("utf-8", "replace"), expected.encode()
    )
