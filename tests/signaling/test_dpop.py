"""A proof is good for one request, for a short time, and for the key that made it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from sw_notebook.exceptions import ProofError
from sw_notebook.signaling.dpop import Proofs, http_proof, rpc_proof
from tests.proofs import REGISTRY, digest, sign

NOW = 1_800_000_000
KEY = RSAKey.generate_key(2048)
TOKEN = "a.b.c"
ATH = digest(TOKEN)


def proof(key: Any = KEY, *, private: bool = False, typ: str = "dpop+jwt", **claims: object) -> str:
    """A proof for ``POST /x`` with these claims changed; None leaves one out."""
    usual: dict[str, object] = {"jti": "1", "htm": "POST", "htu": "/x", "iat": NOW}
    return sign(key, {**usual, **claims}, private=private, typ=typ)


def check(value: str, **options: Any) -> str:
    """Check it for ``POST /x``."""
    given = {"method": "POST", "path": "/x", "now": NOW, "proofs": Proofs(), **options}
    return http_proof(value, **given)


def test_a_proof_names_its_key() -> None:
    """By the thumbprint that a token can be bound to."""
    assert check(proof()) == KEY.thumbprint()
    assert check(proof(ath=ATH), access_token=TOKEN) == KEY.thumbprint()
    value = proof(rpc="request", mth="signalwire.connect")
    found = rpc_proof(value, method="signalwire.connect", now=NOW, proofs=Proofs())
    assert found == KEY.thumbprint()


@pytest.mark.parametrize(
    ("value", "options", "words"),
    [
        (proof(htm="GET"), {}, "another request"),
        (proof(htu="/y"), {}, "another request"),
        (proof(iat=NOW - 61), {}, "too old"),
        (proof(iat=NOW + 61), {}, "clocks are apart"),
        (proof(iat=float("nan")), {}, "no JWT|too old"),
        (proof(iat="now"), {}, "no JWT|does not say when"),
        (proof(iat=None), {}, "does not say when"),
        (proof(jti=None), {}, "has no id"),
        (proof(jti=""), {}, "has no id"),
        (proof(), {"access_token": TOKEN}, "another token"),
        (proof(ath=ATH), {"access_token": "d.e.f"}, "another token"),
        (proof(ath=7), {"access_token": TOKEN}, "another token"),
        (proof(typ="JWT"), {}, "type is not dpop"),
        (proof(private=True), {}, "shows the private key"),
        (proof(ECKey.generate_key("P-256")), {}, "no JWT"),
        (proof()[:-4] + "AAAA", {}, "no JWT"),
        (proof() + "x" * 8192, {}, "too long"),
        ("", {}, "no JWT"),
        ("a.b.c", {}, "no JWT"),
    ],
)
def test_what_proves_nothing(value: str, options: dict[str, Any], words: str) -> None:
    """Each is refused in words."""
    with pytest.raises(ProofError, match=words):
        check(value, **options)


def test_a_proof_of_another_key() -> None:
    """The key in the header has to be the one that signed."""
    other = RSAKey.generate_key(2048)
    header = {"typ": "dpop+jwt", "alg": "RS256", "jwk": other.as_dict(private=False)}
    payload = json.dumps({"jti": "1", "htm": "POST", "htu": "/x", "iat": NOW}).encode()
    with pytest.raises(ProofError, match="no JWT that its own key has signed"):
        check(jws.serialize_compact(header, payload, KEY, registry=REGISTRY))


def test_a_proof_that_names_no_text() -> None:
    """Half a character has no UTF-8, and is no hash of a token."""
    header = {"typ": "dpop+jwt", "alg": "RS256", "jwk": KEY.as_dict(private=False)}
    claims = {"jti": "1", "htm": "POST", "htu": "/x", "iat": NOW, "ath": "\ud800"}
    value = jws.serialize_compact(header, json.dumps(claims).encode(), KEY, registry=REGISTRY)
    with pytest.raises(ProofError, match="another token"):
        check(value, access_token=TOKEN)


def test_a_proof_for_another_method() -> None:
    """One for an HTTP request is none for the socket."""
    for value in (proof(), proof(rpc="request", mth="signalwire.connect")):
        with pytest.raises(ProofError, match="another request"):
            rpc_proof(value, method="signalwire.reauthenticate", now=NOW, proofs=Proofs())


def test_a_proof_is_good_once() -> None:
    """And is forgotten when it would be too old anyway."""
    proofs = Proofs()
    check(proof(), proofs=proofs)
    with pytest.raises(ProofError, match="used before"):
        check(proof(), proofs=proofs)
    check(proof(jti="2"), proofs=proofs)
    check(proof(iat=NOW + 121), proofs=proofs, now=NOW + 121)
    assert len(proofs._used) == 1


@given(st.text())
def test_no_text_is_a_proof(value: str) -> None:
    """Whatever it is, it ends as a ProofError."""
    with pytest.raises(ProofError):
        check(value)
