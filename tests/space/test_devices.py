"""Device tokens: bound to a key, renewed as long as its client has it, worthless elsewhere."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from sw_notebook.credentials import Credentials
from sw_notebook.rest import TokenClient
from sw_notebook.space import LoopbackSpace
from sw_notebook.space.devices import REFRESH, TOKEN
from sw_notebook.tokens import Token

from ..proofs import Prover
from .client import Refused, caller, client

REAUTHENTICATE = "signalwire.reauthenticate"
CONNECT = "signalwire.connect"


@pytest.fixture(scope="module")
def prover() -> Prover:
    """A client with a key."""
    return Prover()


def bound(space: LoopbackSpace, prover: Prover, scope: str = "sat:refresh") -> str:
    """A subscriber's token that is bound to the client's key."""
    with TokenClient(Credentials(space.url, space.project_id, space.api_token)) as tokens:
        found = tokens.subscriber("ada", fingerprint=prover.fingerprint, scope=scope)
    return found.token.reveal()


def ask(http: httpx.Client, path: str, token: str, proof: object, **more: object) -> httpx.Response:
    """Ask for a device token."""
    headers = {"Authorization": f"Bearer {token}"}
    return http.post(path, json={"dpop_token": proof, **more}, headers=headers)


def device(http: httpx.Client, space: LoopbackSpace, prover: Prover, seconds: int = 60) -> str:
    """Get a device token."""
    answer = ask(http, TOKEN, bound(space, prover), prover.http(TOKEN), expire_in=seconds)
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["token"]
    return token


def test_a_token_that_may_be_renewed_becomes_one_that_is(
    space: LoopbackSpace, http: httpx.Client, prover: Prover
) -> None:
    """For the same subscriber, for as long as was asked, and again and again."""
    token = device(http, space, prover)
    for _ in range(2):
        answer = ask(http, REFRESH, token, prover.http(REFRESH, token), expire_in=90)
        assert answer.status_code == 200
        token = answer.json()["token"]
        claims = Token(token)
        assert claims.expires_in == pytest.approx(90, abs=5)
        assert answer.json()["expires_at"] == claims.claims["exp"]
        assert claims.claims["cnf"] == {"jkt": prover.fingerprint}
        assert claims.claims["ref"] == "ada"


def test_the_page_is_told_that_it_may(
    space: LoopbackSpace, http: httpx.Client, prover: Prover
) -> None:
    """The SDK looks for the scope in what it is told of the subscriber."""
    headers = {"Authorization": f"Bearer {bound(space, prover)}"}
    claims = http.get("/api/fabric/subscriber/info", headers=headers).json()["sat_claims"]
    assert claims["scope"] == ["sat:refresh"]


def test_what_gives_no_device_token(
    space: LoopbackSpace, http: httpx.Client, prover: Prover
) -> None:
    """Each with its reason."""
    sat, other = bound(space, prover), Prover()
    for answer, status, words in (
        (ask(http, TOKEN, "x", prover.http(TOKEN)), 401, "not one of this space"),
        (ask(http, TOKEN, bound(space, prover, ""), prover.http(TOKEN)), 403, "lacks sat:refresh"),
        (ask(http, TOKEN, sat, None), 422, "dpop_token"),
        (ask(http, TOKEN, sat, "a.b.c"), 401, "no JWT"),
        (ask(http, TOKEN, sat, prover.http(REFRESH)), 401, "another request"),
        (ask(http, TOKEN, sat, other.http(TOKEN)), 401, "bound to another key"),
        (ask(http, TOKEN, sat, prover.http(TOKEN), expire_in=0), 422, "expire_in"),
        (ask(http, TOKEN, sat, prover.http(TOKEN), expire_in="1"), 422, "expire_in"),
        (ask(http, REFRESH, sat, prover.http(REFRESH, sat)), 403, "no device token"),
    ):
        assert answer.status_code == status
        assert words in answer.text
        assert sat not in answer.text


def test_a_proof_is_good_once(space: LoopbackSpace, http: httpx.Client, prover: Prover) -> None:
    """Who has seen one cannot use it."""
    sat, proof = bound(space, prover), prover.http(TOKEN)
    assert ask(http, TOKEN, sat, proof).status_code == 200
    again = ask(http, TOKEN, sat, proof)
    assert again.status_code == 401
    assert "used before" in again.text


def test_a_stolen_device_token_cannot_be_renewed(
    space: LoopbackSpace, http: httpx.Client, prover: Prover
) -> None:
    """Without its key, or with a proof that names another token."""
    token, thief = device(http, space, prover), Prover()
    for proof in (thief.http(REFRESH, token), prover.http(REFRESH), prover.http(REFRESH, "a.b.c")):
        assert ask(http, REFRESH, token, proof).status_code == 401


async def test_a_session_goes_on_with_a_device_token(
    space: LoopbackSpace, http: httpx.Client, prover: Prover
) -> None:
    """It needs a proof of the key, when it connects and when it goes on."""
    async with client(space, bound(space, prover)) as one:
        await one.connect(dpop_token=prover.rpc(CONNECT))
        params = {"authentication": {"jwt_token": device(http, space, prover)}}
        with pytest.raises(Refused, match="needs a proof of its key"):
            await one.rpc(REAUTHENTICATE, params)
        for proof in (Prover().rpc(REAUTHENTICATE), prover.rpc(CONNECT), "x"):
            with pytest.raises(Refused, match="Authentication failed"):
                await one.rpc(REAUTHENTICATE, {**params, "dpop_token": proof})
        proof = prover.rpc(REAUTHENTICATE)
        result = await one.rpc(REAUTHENTICATE, {**params, "dpop_token": proof})
        assert result["authorization"]["jti"]
    token = device(http, space, prover)
    async with client(space, token) as other:
        with pytest.raises(Refused, match="needs a proof"):
            await other.connect()
        await other.connect(dpop_token=prover.rpc(CONNECT))


async def test_a_session_whose_token_has_run_out_is_closed(prover: Prover) -> None:
    """Its client may come back with its state, and its call goes on."""
    with LoopbackSpace(private=True, token_seconds=2) as space:
        async with caller(space, receive="audio") as call:
            await call.dial("/public/bars")
            one = call.client
            assert await one.closed() == 4401
            async with client(space, one.token) as second:
                await second.connect(authorization_state=one.state, protocol=one.protocol)
                assert await call.audio.recv()
                legs = await asyncio.to_thread(space.legs)
                assert [leg["call_id"] for leg in legs] == [call.call_id]
        async with client(space, one.token) as third:
            with pytest.raises(Refused, match="has expired"):
                await third.connect()


async def test_a_session_that_is_renewed_stays() -> None:
    """Past the end of the token that it began with."""
    prover = Prover()
    with (
        LoopbackSpace(private=True, token_seconds=2) as space,
        httpx.Client(base_url=space.url, trust_env=False) as http,
    ):
        sat = bound(space, prover)
        async with client(space, sat) as one, client(space, sat) as other:
            await one.connect(dpop_token=prover.rpc(CONNECT))
            await other.connect(dpop_token=prover.rpc(CONNECT))
            while not other.socket.closed:
                token = await asyncio.to_thread(device, http, space, prover, 2)
                params = {"authentication": {"jwt_token": token}}
                await one.rpc(REAUTHENTICATE, {**params, "dpop_token": prover.rpc(REAUTHENTICATE)})
                await asyncio.sleep(0.2)
            assert other.socket.close_code == 4401
            assert (await one.rpc("subscriber.online", {}))["code"] == "200"
