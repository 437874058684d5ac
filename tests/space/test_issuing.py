"""The space gives tokens as the platform's REST API does, to the project's own clients too."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

import httpx
import pytest

from sw_notebook.credentials import Credentials
from sw_notebook.exceptions import RestError
from sw_notebook.rest import Grant, TokenClient
from sw_notebook.space import LoopbackSpace
from sw_notebook.space.resources import find
from sw_notebook.tokens import Token

from ..rest.asking import KINDS, asking

INFO = "/api/fabric/subscriber/info"
ADDRESSES = "/api/fabric/addresses"
TOKENS = "/api/fabric/subscribers/tokens"
GUESTS = "/api/fabric/guests/tokens"
INVITES = "/api/fabric/subscriber/invites"
EMBEDS = "/api/embeds/tokens"
EMBEDS_OF_SDK = "/api/fabric/embeds/tokens"


@pytest.fixture
def http(space: LoopbackSpace) -> Iterator[httpx.Client]:
    """Return a client with the project's credentials."""
    auth = (space.project_id, space.api_token)
    with httpx.Client(base_url=space.url, trust_env=False, auth=auth) as http:
        yield http


@pytest.fixture
def credentials(space: LoopbackSpace) -> Credentials:
    """Those of the space."""
    return Credentials(space.url, space.project_id, space.api_token)


@pytest.fixture(params=KINDS)
def ask(request: pytest.FixtureRequest, credentials: Credentials) -> Callable[..., Grant]:
    """Ask the space by the name of a client's method."""
    return functools.partial(asking(request.param), credentials)


def bearer(token: Token) -> dict[str, str]:
    """The header of who has this token."""
    return {"Authorization": f"Bearer {token.reveal()}"}


def may_call(http: httpx.Client, token: Token) -> list[str]:
    """The addresses that a token allows to call."""
    listed = http.get(ADDRESSES, headers=bearer(token), auth=httpx.Auth()).json()["data"]
    return sorted(address["name"] for address in listed)


def address_id(name: str) -> str:
    """The id of an address."""
    resource = find(name)
    assert resource is not None
    return resource.id


def test_a_subscriber(ask: Callable[..., Grant], http: httpx.Client, space: LoopbackSpace) -> None:
    """Gets a token of this space, for as long as was asked, and one that follows it."""
    grant = ask(
        "subscriber", "ada", expires_in=60, scope="sat:refresh", fingerprint="thumb", password="pw"
    )
    token = grant.token
    assert (token.kind, token.host) == ("SAT", f"relay.{space.domain}")
    assert token.expires_in == pytest.approx(60, abs=5)
    assert token.claims["scope"] == ["sat:refresh"]
    assert token.claims["cnf"] == {"jkt": "thumb"}
    info = http.get(INFO, headers=bearer(token), auth=httpx.Auth()).json()
    assert (info["id"], info["display_name"]) == (grant.subscriber_id, "ada")
    assert grant.refresh_token is not None
    following = ask("refresh", grant.refresh_token)
    assert following.token.claims["sub"] == grant.subscriber_id
    assert following.token.expires_in == pytest.approx(7200, abs=5)
    assert following.refresh_token is not None
    assert following.refresh_token.expires_in == pytest.approx(7500, abs=5)


def test_a_guest(ask: Callable[..., Grant], http: httpx.Client) -> None:
    """May call the addresses that were named, by their ids, and no other."""
    ids = [address_id("/public/echo"), address_id("/public/bars")]
    token = ask("guest", ids, expires_in=90).token
    assert may_call(http, token) == ["/public/bars", "/public/echo"]
    assert token.expires_in == pytest.approx(90, abs=5)


@pytest.mark.parametrize("name", ["/private/ada", "/public/nobody-made", "+15551234567"])
def test_a_guest_may_call_all_that_can_be_called(
    ask: Callable[..., Grant], http: httpx.Client, space: LoopbackSpace, name: str
) -> None:
    """People, rooms that a dial opens, and phones; by name, and by the id that the space says."""
    space.token("ada")
    assert ask("guest", [name]).token.claims["allowed_addresses"] == [name]
    bob = bearer(space.token("bob"))
    found = http.get(ADDRESSES, params={"name": name}, headers=bob, auth=httpx.Auth()).json()
    token = ask("guest", [found["data"][0]["id"]]).token
    assert token.claims["allowed_addresses"] == [name]


def test_a_guest_of_nobody(ask: Callable[..., Grant]) -> None:
    """Is refused, as nobody is there."""
    with pytest.raises(RestError, match="no such address; GET /api/fabric/addresses lists them"):
        ask("guest", ["/private/nobody"])


def test_a_refreshed_token_allows_no_more(
    ask: Callable[..., Grant], http: httpx.Client, space: LoopbackSpace
) -> None:
    """Nor less: addresses, scope and key are as they were."""
    asked = {
        "reference": "ada",
        "allowed_addresses": ["/public/echo"],
        "scope": ["sat:refresh"],
        "fingerprint": "thumb",
    }
    given = http.post(TOKENS, json=asked).json()
    before = Token(given["token"]).claims
    once = ask("refresh", Token(given["refresh_token"]))
    assert once.refresh_token is not None
    twice = ask("refresh", once.refresh_token)
    for token in (once.token, twice.token):
        assert may_call(http, token) == ["/public/echo"]
        for name in ("sub", "ref", "scope", "allowed_addresses", "cnf"):
            assert token.claims[name] == before[name]


def test_an_invite_to_a_phone(ask: Callable[..., Grant], space: LoopbackSpace) -> None:
    """Takes a token that may call it itself."""
    number = "+15551234567"
    with pytest.raises(RestError, match=r"does not allow .* \(403\)"):
        ask("invite", number, space.token("ada", pstn=False))
    may = space.token("ada", allowed_addresses=[number])
    assert ask("invite", number, may).token.claims["allowed_addresses"] == [number]


def test_an_invite(ask: Callable[..., Grant], http: httpx.Client, space: LoopbackSpace) -> None:
    """May call one address, which who invites has to be allowed to call as well."""
    token = ask("invite", address_id("/public/bars"), space.token("ada"), expires_in=90).token
    assert may_call(http, token) == ["/public/bars"]
    narrow = space.token("ada", allowed_addresses=["/public/echo"])
    with pytest.raises(RestError, match=r"does not allow .* \(403\)"):
        ask("invite", address_id("/public/bars"), narrow)
    with pytest.raises(RestError, match=r"\(401\)"):
        ask("invite", address_id("/public/bars"), space.token("ada", expires_in=-5))


def test_a_click_to_call_button(
    ask: Callable[..., Grant], http: httpx.Client, space: LoopbackSpace
) -> None:
    """Its public token is worth a guest's, at its own space only."""
    assert may_call(http, ask("embed", space.about()["click_to_call"]).token) == ["/public/echo"]
    with pytest.raises(RestError, match=r"no click-to-call token of this space \(401\)"):
        ask("embed", "c2c_of_another_space")


@pytest.mark.parametrize("path", [EMBEDS, EMBEDS_OF_SDK])
def test_a_button_needs_no_credentials(http: httpx.Client, space: LoopbackSpace, path: str) -> None:
    """It asks from somebody's web page, by either path."""
    asked = {"token": space.about()["click_to_call"]}
    answer = http.post(path, json=asked, auth=httpx.Auth())
    assert answer.status_code == 201
    assert may_call(http, Token(answer.json()["token"])) == ["/public/echo"]


def test_the_wrong_project(space: LoopbackSpace) -> None:
    """Gets nothing."""
    wrong = Credentials(space.url, space.project_id, "PTwrong")
    with TokenClient(wrong) as client, pytest.raises(RestError, match=r"\(401\); check SIGNALWIRE"):
        client.subscriber("ada")


def test_tokens_of_another_space_are_worthless(space: LoopbackSpace, http: httpx.Client) -> None:
    """Access tokens and refresh tokens alike, and one kind is not the other."""
    with LoopbackSpace(private=True) as other:
        with TokenClient(Credentials(other.url, other.project_id, other.api_token)) as client:
            foreign = client.subscriber("ada")
        assert foreign.refresh_token is not None
        for token in (foreign.token, foreign.refresh_token):
            assert http.get(INFO, headers=bearer(token), auth=httpx.Auth()).status_code == 401
            answer = http.post(f"{TOKENS}/refresh", json={"refresh_token": token.reveal()})
            assert answer.status_code == 422
    with TokenClient(Credentials(space.url, space.project_id, space.api_token)) as client:
        grant = client.subscriber("ada")
    assert grant.refresh_token is not None
    headers = bearer(grant.refresh_token)
    assert http.get(INFO, headers=headers, auth=httpx.Auth()).status_code == 401
    answer = http.post(f"{TOKENS}/refresh", json={"refresh_token": grant.token.reveal()})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("path", "body", "attribute"),
    [
        (TOKENS, b"{}", "reference"),
        (TOKENS, b'{"reference": 5}', "reference"),
        (TOKENS, b'{"reference": "a", "expire_at": "soon"}', "expire_at"),
        (TOKENS, b'{"reference": "a", "expire_at": true}', "expire_at"),
        (TOKENS, b'{"reference": "a", "allowed_addresses": "/a"}', "allowed_addresses"),
        (TOKENS, b'{"reference": "a", "scope": [1]}', "scope"),
        (TOKENS, rb'{"reference": "\ud800"}', "reference"),
        (TOKENS, rb'{"reference": "a", "allowed_addresses": ["\udfff"]}', "allowed_addresses"),
        (TOKENS, rb'{"reference": "a", "scope": "a \ud800"}', "scope"),
        (TOKENS, rb'{"reference": "a", "scope": ["\ud800"]}', "scope"),
        (TOKENS, rb'{"reference": "a", "fingerprint": "\ud800"}', "fingerprint"),
        (f"{TOKENS}/refresh", b"{}", "refresh_token"),
        (f"{TOKENS}/refresh", b'{"refresh_token": "a.b.c"}', "refresh_token"),
        (GUESTS, b"{}", "allowed_addresses"),
        (GUESTS, b'{"allowed_addresses": []}', "allowed_addresses"),
        (GUESTS, b'{"allowed_addresses": ["nowhere"]}', "allowed_addresses"),
        (GUESTS, b'{"allowed_addresses": [%s]}' % b",".join([b'"/public/echo"'] * 11), "allowed"),
        (EMBEDS, b"{}", "token"),
    ],
)
def test_what_cannot_be_meant_is_explained(
    http: httpx.Client, path: str, body: bytes, attribute: str
) -> None:
    """As the platform does: 422, with the field and what is wrong with it."""
    answer = http.post(path, content=body)
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert fault["attribute"].startswith(attribute)
    assert fault["message"]


@pytest.mark.parametrize(("body", "words"), [(b"{", "not JSON"), (b"[]", "not an object")])
def test_what_is_no_object_is_refused(http: httpx.Client, body: bytes, words: str) -> None:
    """Before anything is looked for in it."""
    answer = http.post(TOKENS, content=body)
    assert answer.status_code == 400
    assert words in answer.json()["error"]


@pytest.mark.parametrize("path", [TOKENS, f"{TOKENS}/refresh", GUESTS])
def test_only_the_project_is_given_tokens(
    http: httpx.Client, space: LoopbackSpace, path: str
) -> None:
    """No subscriber can make another one."""
    answer = http.post(path, json={}, headers=bearer(space.token()), auth=httpx.Auth())
    assert answer.status_code == 401


def test_an_invite_needs_a_subscriber(http: httpx.Client) -> None:
    """The project is nobody who could invite."""
    assert http.post(INVITES, json={"address_id": "/public/echo"}).status_code == 401
