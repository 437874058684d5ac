"""The REST API, asked through HTTP."""

from __future__ import annotations

import httpx
import pytest

from sw_notebook.space import LoopbackSpace

TOKENS = "/api/fabric/subscribers/tokens"
INFO = "/api/fabric/subscriber/info"
ADDRESSES = "/api/fabric/addresses"
PAGE = "http://localhost:8888"


def bearer(space: LoopbackSpace, **options: object) -> dict[str, str]:
    """Return the header of a subscriber."""
    return {"Authorization": f"Bearer {space.token(**options).reveal()}"}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "authorization", [None, "Basic", "Basic %%%", "Basic YTpi", "Bearer x", "Basic 4pyT4py="]
)
def test_the_management_api_has_a_key(http: httpx.Client, authorization: str | None) -> None:
    """Without the project's credentials nothing is told."""
    headers = {} if authorization is None else {"Authorization": authorization}
    for method, path in (
        ("POST", TOKENS),
        ("GET", "/api/loopback"),
        ("GET", "/api/loopback/legs"),
        ("GET", "/api/loopback/owner"),
        ("POST", "/api/loopback/legs/x/hangup"),
        ("POST", "/api/loopback/legs/x/impair"),
    ):
        answer = http.request(method, path, headers=headers)
        assert answer.status_code == 401
        assert "project id or API token" in answer.json()["error"]


def test_subscribers_have_a_token(space: LoopbackSpace, http: httpx.Client) -> None:
    """Of this space, and still good."""
    foreign = space.token().reveal()[:-4] + "AAAA"
    for authorization in (
        None,
        "Bearer",
        "Bearer x",
        f"Bearer {foreign}",
        bearer(space, expires_in=-5)["Authorization"],
    ):
        headers = {} if authorization is None else {"Authorization": authorization}
        answer = http.get(INFO, headers=headers)
        assert answer.status_code == 401
        assert answer.json()["error"]
        assert foreign not in answer.text


def test_addresses_are_found(space: LoopbackSpace, http: httpx.Client) -> None:
    """By name, by id, and all of them."""
    headers = bearer(space)
    (bars,) = http.get(
        ADDRESSES, params={"name": "/public/bars?channel=video"}, headers=headers
    ).json()["data"]
    assert bars["name"] == "/public/bars"
    assert http.get(f"{ADDRESSES}/{bars['id']}", headers=headers).json() == bars
    assert http.get(f"{ADDRESSES}/x", headers=headers).status_code == 404
    listed = http.get(
        ADDRESSES, params={"sort_by": "name", "sort_order": "asc"}, headers=headers
    ).json()["data"]
    names = [address["name"] for address in listed]
    assert names == sorted(names)
    assert {"/public/echo", "/public/bars", "/public/silence"} <= set(names)
    nowhere = http.get(ADDRESSES, params={"name": "/private/nowhere"}, headers=headers)
    assert nowhere.json()["data"] == []


def test_only_allowed_addresses_are_listed(space: LoopbackSpace, http: httpx.Client) -> None:
    """A token that allows one address sees that one."""
    headers = bearer(space, allowed_addresses=["/public/echo"])
    listed = http.get(ADDRESSES, headers=headers).json()["data"]
    assert [address["name"] for address in listed] == ["/public/echo"]


def test_pages_of_this_machine_may_ask(space: LoopbackSpace, http: httpx.Client) -> None:
    """Authorization is allowed by name, also from a page of a public network."""
    preflight = http.options(
        INFO,
        headers={
            "Origin": PAGE,
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "authorization",
            "Access-Control-Request-Private-Network": "true",
        },
    )
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == PAGE
    assert "Authorization" in preflight.headers["Access-Control-Allow-Headers"]
    assert "DELETE" in preflight.headers["Access-Control-Allow-Methods"]
    assert preflight.headers["Access-Control-Allow-Private-Network"] == "true"
    answer = http.get(INFO, headers={**bearer(space), "Origin": PAGE})
    assert answer.headers["Access-Control-Allow-Origin"] == PAGE
    refused = http.get(INFO, headers={"Origin": PAGE})
    assert refused.status_code == 401
    assert refused.headers["Access-Control-Allow-Origin"] == PAGE


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "[oops"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "null"},
        {"Origin": "http://[oops"},
        {"Origin": "ftp://localhost"},
    ],
)
def test_other_sites_are_kept_out(
    space: LoopbackSpace, http: httpx.Client, headers: dict[str, str]
) -> None:
    """Under their own name, or one that they made resolve to this machine."""
    answer = http.get(INFO, headers={**bearer(space), **headers})
    assert answer.status_code in (400, 403)
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8888", "https://localhost", "http://[::1]:1"])
def test_this_machine_has_several_names(
    space: LoopbackSpace, http: httpx.Client, origin: str
) -> None:
    """All of them are let in."""
    assert http.get(INFO, headers={**bearer(space), "Origin": origin}).status_code == 200


def test_calls_that_are_not_up_cannot_be_ended(space: LoopbackSpace, http: httpx.Client) -> None:
    """Nor can they end for a cause that does not exist."""
    auth = (space.project_id, space.api_token)
    path = "/api/loopback/legs/x/hangup"
    assert http.post(path, auth=auth).status_code == 404
    assert http.post(path, json={"cause": "TEA_BREAK"}, auth=auth).status_code == 400
    assert http.post(path, json={"cause": []}, auth=auth).status_code == 400
