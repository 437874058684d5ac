"""Where a call's token comes from, and what is said where it cannot come."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sw_notebook import Token
from sw_notebook._source import LOOPBACK_LABEL, find_space, source_for
from sw_notebook.credentials import VARIABLES, Credentials
from sw_notebook.exceptions import CredentialsError, RestError, SpaceError, TokenError

from .rest.odd_server import reply, serving


class Space:
    """What a space of the user's own looks like to a call."""

    url = "http://127.0.0.1:1"
    domain = "abc.loopback.invalid"

    def start(self) -> Space:
        """Be there."""
        return self

    def token(self) -> Token:
        """Give a token of nobody."""
        return Token("a.b.c")


def test_a_space_gives_token_and_address() -> None:
    """Whatever has what a space has will do."""
    credential = source_for(None, Space()).credential()
    assert credential.token.reveal() == "a.b.c"
    assert credential.space == (Space.domain, Space.url)
    assert source_for(None, Space()).label == LOOPBACK_LABEL


@pytest.mark.parametrize(
    ("token", "space", "words"),
    [
        (42, None, "token= takes a string, a Token or a function that returns one, not int"),
        (None, "mine", "space= takes a LoopbackSpace, Credentials or 'loopback', not 'mine'"),
        (None, 42, "space= takes a LoopbackSpace, Credentials or 'loopback', not int"),
        ("a.b.c", "loopback", "exclude each other"),
    ],
)
def test_other_types_are_refused(token: object, space: object, words: str) -> None:
    """With what would have done."""
    with pytest.raises(TypeError, match=re.escape(words)):
        source_for(token, space)


CREDENTIALS = Credentials("example", "9f1c", "PT0123456789abcdef")


def test_credentials_give_a_token_of_their_space() -> None:
    """It is asked for when it is needed, for the subscriber that they name."""
    with serving([reply(201, {"token": "a.b.sat"})]) as server:
        credentials = Credentials(server.url, "9f1c", "PT0123456789abcdef", reference="alice")
        source = source_for(None, credentials)
        assert server.asked == []
        assert source.credential().token == Token("a.b.sat")
    assert server.bodies == [{"reference": "alice"}]
    assert (source.label, source.token_box) == (server.url.removeprefix("http://"), "hidden")


def test_a_token_is_bound_to_the_key_of_the_page() -> None:
    """Then it may renew itself there; without a key it is one as any other."""
    with serving([reply(201, {"token": "a.b.sat"})]) as server:
        source = source_for(None, Credentials(server.url, "9f1c", "PT0123456789abcdef"))
        assert source.asks_key
        source.credential("thumb")
        source.credential()
    bound, other = server.bodies
    assert bound == {"reference": "notebook", "fingerprint": "thumb", "scope": "sat:refresh"}
    assert other == {"reference": "notebook"}


def test_a_function_may_take_the_fingerprint() -> None:
    """Its name is what counts; others are called with nothing."""
    given: list[str | None] = []

    async def binds(*, fingerprint: str | None = None) -> str:
        given.append(fingerprint)
        return "a.b.c"

    source = source_for(binds, None)
    assert source.asks_key
    assert source.credential("thumb").token == Token("a.b.c")
    assert given == ["thumb"]
    assert not source_for(lambda: "a.b.c", None).asks_key
    assert not source_for(dict.fromkeys, None).asks_key
    assert not source_for("a.b.c", None).asks_key
    assert not source_for(None, "loopback").asks_key


def test_credentials_that_are_refused() -> None:
    """The reason is the space's."""
    with serving([reply(401, {"error": "no such project"})]) as server:
        source = source_for(None, Credentials(server.url, "9f1c", "PT0123456789abcdef"))
        with pytest.raises(RestError, match=r"no such project \(401\)"):
            source.credential()


def test_the_environment_is_used_where_nothing_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is given wins; some but not all of the variables are an error."""
    for name, value in zip(VARIABLES, ["example", "9f1c", "PT0123456789abcdef"], strict=True):
        monkeypatch.setenv(name, value)
    assert source_for(None, None).space == CREDENTIALS
    assert source_for("a.b.c", None).space is None
    assert source_for("", None).token_box == "required"
    assert source_for(None, "loopback").label == LOOPBACK_LABEL
    monkeypatch.delenv(VARIABLES[2])
    assert source_for(None, "loopback").label == LOOPBACK_LABEL
    with pytest.raises(CredentialsError, match="but SIGNALWIRE_API_TOKEN is not"):
        source_for(None, None)


def test_no_token_is_an_error_of_its_own() -> None:
    """An empty token waits for one that is pasted into the page."""
    with pytest.raises(TokenError, match="token"):
        source_for("", None).credential()


@pytest.mark.parametrize("error", [TokenError("expired; ask for another"), SpaceError("gone")])
def test_the_errors_of_this_package_go_through(error: Exception) -> None:
    """A function may say in them why it has no token."""

    def function() -> Any:
        raise error

    with pytest.raises(type(error), match=re.escape(str(error))):
        source_for(function, None).credential()


@pytest.mark.parametrize("domain", ["example.com", "no-such-space.loopback.invalid"])
def test_an_unknown_name_is_no_space(domain: str) -> None:
    """Whether it could be one of a loopback space or not."""
    assert find_space(domain) is None
