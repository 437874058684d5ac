"""Tokens show only what may be seen."""

from __future__ import annotations

import base64
import contextlib
import copy
import json
import logging
import pickle
import time
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sw_notebook import Token, TokenError


def jwt(header: dict[str, object], payload: dict[str, object]) -> str:
    """A token as the platform's, with a signature that nobody checks here."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()) for part in (header, payload)]
    return ".".join(part.rstrip(b"=").decode() for part in parts) + ".secret-signature"


def test_the_value_never_shows(caplog: pytest.LogCaptureFixture) -> None:
    """repr, str, format, log and a dict of it show the last four characters at most."""
    value = jwt({"ch": "relay.example.test"}, {"exp": time.time() + 7000})
    token = Token(value)
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("test").debug("%s %r", token, token)
    shown = f"{token!r} {token} {token:>40} {[token]} {caplog.text}"
    assert value[:-4] not in shown
    assert "secret-sig" not in shown
    assert "…ture expires in 1 h 56 min" in shown


def test_a_traceback_with_locals_does_not_show_it() -> None:
    """Tools that print the locals of a frame print the masked form."""
    token = Token(jwt({}, {}))
    try:
        raise ValueError(token)
    except ValueError as error:
        trace = traceback.TracebackException.from_exception(error, capture_locals=True)
    assert "secret-signature" not in "".join(trace.format())


def test_it_is_not_saved_and_copies_are_itself() -> None:
    """Pickling is refused, and a copy is the same object."""
    token = Token(jwt({}, {}))
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(token)
    assert copy.copy(token) is token
    assert copy.deepcopy({"token": token})["token"] is token


def test_expiry_and_host_are_read() -> None:
    """The claims that matter here are read without being verified."""
    soon = Token(jwt({"ch": "relay.example.test"}, {"exp": time.time() + 90}))
    assert soon.host == "relay.example.test"
    assert soon.expires_in == pytest.approx(90, abs=5)
    assert soon.expires_at is not None
    assert "expires in 1 min" in repr(soon)
    assert "expired" in repr(Token(jwt({}, {"exp": 1})))


@pytest.mark.parametrize(
    "value",
    [
        "opaque",
        "a.b.c",
        "a.b",
        jwt({"ch": 7}, {"exp": "soon"}),
        jwt({}, {"exp": float("nan")}),
        jwt({}, {"exp": 1e300}),
    ],
)
def test_what_says_nothing_is_still_a_token(value: str) -> None:
    """A token that cannot be read is the far side's to refuse."""
    token = Token(f"  {value} ")
    assert token.reveal() == value
    assert len(repr(token)) < 40
    assert (token.host, token.expires_in, token.expires_at) == (None, None, None)


def test_equality() -> None:
    """Two tokens of one value are equal, and a string is none."""
    assert Token("abc.d.e") == Token("abc.d.e")
    assert hash(Token("abc.d.e")) == hash(Token("abc.d.e"))
    assert Token("abc.d.e") != Token("abc.d.f")
    assert Token("abc.d.e") != "abc.d.e"


@pytest.mark.parametrize("value", ["", "  ", None, 7, b"abc"])
def test_what_is_no_token_is_refused(value: object) -> None:
    """Empty or not text: the error says so, and quotes nothing."""
    with pytest.raises(TokenError, match=r"empty|a token is text"):
        Token(value)  # type: ignore[arg-type]


PROJECT_KEY = "PT0123456789abcdef0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (PROJECT_KEY, "a project's API token"),
        (f" {PROJECT_KEY.lower()}\n", "a project's API token"),
        ("a.b." + "c" * 2**20, "has 1048580 characters"),
    ],
)
def test_what_must_not_get_into_a_page_is_refused(value: str, words: str) -> None:
    """In one sentence that says what to pass; a traceback with variables does not quote it."""
    with pytest.raises(TokenError, match=words) as refused:
        Token(value)
    error = refused.value
    assert error.__traceback__ is not None
    error.__traceback__ = error.__traceback__.tb_next  # this test knows it, of course
    trace = traceback.TracebackException.from_exception(error, capture_locals=True)
    assert value.strip()[:50] not in "".join(trace.format())
    assert len(str(error)) < 200


def test_what_it_says_can_be_read_and_not_changed() -> None:
    """Kind and claims, unverified."""
    token = Token(jwt({"typ": "SAT"}, {"sub": "alice", "scope": ["sat:refresh"]}))
    assert token.kind == "SAT"
    assert token.claims == {"sub": "alice", "scope": ["sat:refresh"]}
    with pytest.raises(TypeError):
        token.claims["sub"] = "bob"  # type: ignore[index]
    assert (Token("opaque").kind, dict(Token("opaque").claims)) == (None, {})
    assert Token(jwt({"typ": 7}, {})).kind is None


@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode() + ".e30.x"))
def test_no_text_breaks_it(value: str) -> None:
    """It is a token or a TokenError, and a repr shows no more than its end."""
    with contextlib.suppress(TokenError):
        token = Token(value)
        assert token.reveal() == value.strip()
        assert len(repr(token)) < 60
        assert isinstance(hash(token), int)
