"""Tokens and keys."""

from __future__ import annotations

import base64
import json
import time

import pytest

from sw_notebook.space.credentials import Keys, TokenRefused
from sw_notebook.tokens import Token

SOON = int(time.time()) + 3600


def test_a_token_says_whose_it_is() -> None:
    """And which addresses it allows."""
    keys = Keys()
    subscriber, value = keys.mint("ada", expires_at=SOON, allowed=["/public/echo"], scope=["s"])
    claims = keys.verify(value)
    assert claims.subscriber_id == subscriber
    assert claims.reference == "ada"
    assert claims.expires_at == SOON
    assert claims.scope == ("s",)
    assert claims.may_call("/public/echo")
    assert not claims.may_call("/public/bars")
    assert keys.verify(keys.mint("ada", expires_at=SOON)[1]).may_call("/public/bars")
    assert not keys.verify(keys.mint("ada", expires_at=SOON, allowed=[])[1]).may_call("/a")


def test_a_token_may_belong_to_a_key() -> None:
    """Its thumbprint is in the claims, as RFC 7800 and RFC 9449 have it."""
    value = Keys().mint("ada", expires_at=SOON, fingerprint="print")[1]
    payload = value.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims["cnf"] == {"jkt": "print"}


def test_one_reference_is_one_subscriber() -> None:
    """Within a space."""
    keys = Keys()
    assert keys.mint("ada", expires_at=SOON)[0] == keys.mint("ada", expires_at=SOON)[0]
    assert keys.mint("ada", expires_at=SOON)[0] != keys.mint("bob", expires_at=SOON)[0]


def test_tokens_lead_nowhere_else() -> None:
    """Their host is under a name that is reserved not to exist."""
    keys = Keys()
    host = Token(keys.mint("ada", expires_at=SOON)[1]).host
    assert host == f"relay.{keys.space_id}.loopback.invalid"


def test_bad_tokens_are_refused() -> None:
    """Expired, foreign, tampered with, of another kind, or no token; never shown."""
    keys, other = Keys(), Keys()
    good = keys.mint("ada", expires_at=SOON)[1]
    with pytest.raises(TokenRefused, match="expired"):
        keys.verify(keys.mint("ada", expires_at=int(time.time()) - 1)[1])
    head, _, tail = good.rpartition(".")
    swapped = f"{head}.{tail[::-1]}"
    for value in (other.mint("ada", expires_at=SOON)[1], swapped, "", "a.b.c", "é", "nonsense"):
        with pytest.raises(TokenRefused, match="not one of this space") as refused:
            keys.verify(value)
        assert not value or value not in str(refused.value)
    with pytest.raises(TokenRefused, match="something else"):
        keys.verify(keys.state("p1"))


def test_a_state_opens_its_own_session_only() -> None:
    """It is signed, and bound to the protocol."""
    keys = Keys()
    state = keys.state("p1")
    assert keys.is_state(state, "p1")
    assert not keys.is_state(state, "p2")
    assert not Keys().is_state(state, "p1")
    assert not keys.is_state(keys.mint("ada", expires_at=SOON)[1], "p1")


def test_the_project_is_checked() -> None:
    """Both halves must be right."""
    keys = Keys()
    assert keys.is_project(keys.project_id, keys.api_token)
    assert not keys.is_project(keys.project_id, "PT0")
    assert not keys.is_project("é", keys.api_token)


def test_secrets_stay_out_of_reprs() -> None:
    """The API token and the signing key are not shown."""
    keys = Keys()
    assert keys.api_token not in repr(keys)
    assert "_signing" not in repr(keys)


def test_a_refresh_token_runs_out() -> None:
    """By the clock; before that it says whose it is."""
    keys = Keys()
    now = int(time.time())
    assert keys.verify_refresh(keys.mint_refresh("ada", expires_at=now + 60)) == "ada"
    with pytest.raises(TokenRefused, match="has expired"):
        keys.verify_refresh(keys.mint_refresh("ada", expires_at=now - 1))
