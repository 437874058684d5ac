"""Tokens and keys."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import replace

import pytest

from sw_notebook.space.credentials import Grant, Keys, TokenRefused
from sw_notebook.tokens import Token

SOON = int(time.time()) + 3600
ADA = Grant("ada")


def test_a_token_says_whose_it_is() -> None:
    """And which addresses it allows."""
    keys = Keys()
    claims = keys.verify(keys.mint(Grant("ada", ("/public/echo",), ("s",)), expires_at=SOON))
    assert claims.subscriber_id == keys.subscriber_id("ada")
    assert claims.reference == "ada"
    assert claims.expires_at == SOON
    assert claims.scope == ("s",)
    assert claims.may_call("/public/echo")
    assert not claims.may_call("/public/bars")
    assert keys.verify(keys.mint(ADA, expires_at=SOON)).may_call("/public/bars")
    assert not keys.verify(keys.mint(Grant("ada", ()), expires_at=SOON)).may_call("/a")


def test_a_token_may_belong_to_a_key() -> None:
    """Its thumbprint is in the claims, as RFC 7800 and RFC 9449 have it."""
    value = Keys().mint(Grant("ada", thumbprint="print"), expires_at=SOON)
    payload = value.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims["cnf"] == {"jkt": "print"}


def test_one_reference_is_one_subscriber() -> None:
    """Within a space."""
    keys = Keys()
    assert keys.subscriber_id("ada") == keys.subscriber_id("ada")
    assert keys.subscriber_id("ada") != keys.subscriber_id("bob")
    assert keys.subscriber_id("ada") != Keys().subscriber_id("ada")


def test_tokens_lead_nowhere_else() -> None:
    """Their host is under a name that is reserved not to exist."""
    keys = Keys()
    host = Token(keys.mint(ADA, expires_at=SOON)).host
    assert host == f"relay.{keys.space_id}.loopback.invalid"


def test_bad_tokens_are_refused() -> None:
    """Expired, foreign, tampered with, of another kind, or no token; never shown."""
    keys, other = Keys(), Keys()
    good = keys.mint(ADA, expires_at=SOON)
    with pytest.raises(TokenRefused, match="expired"):
        keys.verify(keys.mint(ADA, expires_at=int(time.time()) - 1))
    head, _, tail = good.rpartition(".")
    swapped = f"{head}.{tail[::-1]}"
    for value in (other.mint(ADA, expires_at=SOON), swapped, "", "a.b.c", "é", "nonsense"):
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
    assert not keys.is_state(keys.mint(ADA, expires_at=SOON), "p1")


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
    """By the clock; before that it says what it stands for."""
    keys = Keys()
    now = int(time.time())
    assert keys.verify_refresh(keys.mint_refresh(ADA, expires_at=now + 60)) == ADA
    with pytest.raises(TokenRefused, match="has expired"):
        keys.verify_refresh(keys.mint_refresh(ADA, expires_at=now - 1))


@pytest.mark.parametrize(
    "grant",
    [
        ADA,
        Grant("ada", ("/public/echo",), ("s", "t"), "print", True),
        Grant("ada", ()),
    ],
    ids=["all", "bounded", "none"],
)
def test_what_follows_a_token_allows_the_same(grant: Grant) -> None:
    """By the token that exchanges for it, and by a device's own."""
    keys = Keys()
    assert keys.verify_refresh(keys.mint_refresh(grant, expires_at=SOON)) == grant
    claims = keys.verify(keys.mint(grant, expires_at=SOON))
    again = keys.verify(keys.mint(claims, expires_at=SOON, device=True))
    assert replace(again, jti=claims.jti, device=False) == claims


def test_a_space_that_starts_again_takes_its_tokens() -> None:
    """Where project id and API token are the same, and where neither is another."""
    first, second = (Keys(project_id="p", api_token="PTsecret") for _ in range(2))
    assert second.verify(first.mint(ADA, expires_at=SOON)).reference == "ada"
    assert second.is_click_to_call(first.click_to_call)
    assert second.host == first.host
    for other in (Keys(project_id="q", api_token="PTsecret"), Keys(project_id="p")):
        with pytest.raises(TokenRefused, match="not one of this space"):
            other.verify(first.mint(ADA, expires_at=SOON))
        assert not other.is_click_to_call(first.click_to_call)
