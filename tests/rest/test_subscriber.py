"""Who a token's subscriber is."""

from __future__ import annotations

import pytest

from sw_notebook.exceptions import RestError
from sw_notebook.rest import subscriber_info
from sw_notebook.tokens import Token

from .odd_server import reply, serving

TOKEN = Token("header.payload.signature-of-a-token")


async def test_a_space_is_asked_with_the_token() -> None:
    """By GET, and what it says comes back."""
    with serving([reply(200, {"id": "s1", "fabric_addresses": []})]) as server:
        assert await subscriber_info(server.url, TOKEN) == {"id": "s1", "fabric_addresses": []}
    ((head, body),) = server.asked
    assert head.startswith("GET /api/fabric/subscriber/info HTTP/1.1\r\n")
    assert f"Authorization: Bearer {TOKEN.reveal()}" in head
    assert body == b""


async def test_it_is_asked_again_where_that_may_help(pauses: list[float]) -> None:
    """As for tokens."""
    with serving([reply(503), reply(200, {"id": "s1"})]) as server:
        assert (await subscriber_info(server.url, TOKEN))["id"] == "s1"
    assert len(pauses) == 1


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (reply(401, {"error": f"bad {TOKEN.reveal()}"}), r"gave no subscriber: bad … \(401\)"),
        (reply(302, {}, "Location: http://127.0.0.1:1/"), "elsewhere"),
        (reply(200, {"id": 5}), "names none"),
        (reply(200, b"<html>"), "names none"),
        (reply(200, b"[" * 100_000), "names none"),
        (b"nonsense\r\n\r\n", "gave no subscriber"),
    ],
)
async def test_what_is_no_subscriber_is_an_error(
    answer: bytes, words: str, pauses: list[float]
) -> None:
    """In words, without the token."""
    with serving([answer]) as server, pytest.raises(RestError, match=words) as raised:
        await subscriber_info(server.url, TOKEN)
    assert TOKEN.reveal() not in str(raised.value)


async def test_a_host_that_is_none_is_an_error() -> None:
    """A token may name anything."""
    with pytest.raises(RestError, match="no answer that can be read"):
        await subscriber_info("https://fabric.exa mple\x00", TOKEN)
