"""Both clients ask as documented, are patient where that helps, and say what went wrong."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import ipaddress
import logging
import socket
import ssl
import time
import traceback
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sw_notebook import Token
from sw_notebook.credentials import Credentials
from sw_notebook.exceptions import RestError, TokenError
from sw_notebook.rest import TokenClient, sending

from .conftest import API_TOKEN, Asks
from .odd_server import reply, serving

GRANTED = reply(201, {"token": "a.b.sat", "refresh_token": "a.b.again", "subscriber_id": "s1"})


@pytest.mark.parametrize(
    ("method", "args", "options", "path", "body"),
    [
        (
            "subscriber",
            ("alice",),
            {
                "password": "pw",
                "application_id": "app",
                "fingerprint": "thumb",
                "scope": ["sat:refresh", "other"],
                "profile": {"display_name": "Alice"},
            },
            "/api/fabric/subscribers/tokens",
            {
                "reference": "alice",
                "password": "pw",
                "application_id": "app",
                "fingerprint": "thumb",
                "scope": "sat:refresh other",
                "display_name": "Alice",
            },
        ),
        (
            "refresh",
            (Token("a.b.again"),),
            {},
            "/api/fabric/subscribers/tokens/refresh",
            {"refresh_token": "a.b.again"},
        ),
        (
            "guest",
            (["one", "two"],),
            {},
            "/api/fabric/guests/tokens",
            {"allowed_addresses": ["one", "two"]},
        ),
        (
            "invite",
            ("one", Token("a.b.sat")),
            {},
            "/api/fabric/subscriber/invites",
            {"address_id": "one"},
        ),
        ("embed", ("c2c_123",), {}, "/api/embeds/tokens", {"token": "c2c_123"}),
    ],
)
def test_what_is_asked(
    ask: Asks, method: str, args: Any, options: Any, path: str, body: dict[str, object]
) -> None:
    """Each method is one request with its path, its body and its authorisation."""
    with serving([GRANTED]) as server:
        grant = ask(server.url, method, *args, **options)
    assert grant.token == Token("a.b.sat")
    assert grant.refresh_token == Token("a.b.again")
    assert grant.subscriber_id == "s1"
    ((head, _),) = server.asked
    assert head.startswith(f"POST {path} HTTP/1.1\r\n")
    assert server.bodies == [body]
    basic = base64.b64encode(f"9f1c:{API_TOKEN}".encode()).decode()
    expected = {"invite": "Bearer a.b.sat", "embed": None}.get(method, f"Basic {basic}")
    found = [line for line in head.split("\r\n") if line.lower().startswith("authorization")]
    assert found == ([] if expected is None else [f"Authorization: {expected}"])


@pytest.mark.parametrize(
    ("method", "args", "name"),
    [
        ("subscriber", ("alice",), "expire_at"),
        ("guest", (["one"],), "expire_at"),
        ("invite", ("one", Token("a.b.sat")), "expires_at"),
    ],
)
def test_how_long_it_lasts_is_sent_as_a_moment(
    ask: Asks, method: str, args: Any, name: str
) -> None:
    """Whole Unix seconds, as the platform wants them."""
    with serving([GRANTED]) as server:
        ask(server.url, method, *args, expires_in=60)
    moment = server.bodies[0][name]
    assert isinstance(moment, int)
    assert moment == pytest.approx(time.time() + 60, abs=20)


@pytest.mark.parametrize(
    ("method", "args", "options", "words"),
    [
        ("subscriber", ("",), {}, "reference is missing"),
        ("subscriber", (7,), {}, "reference is missing"),
        ("subscriber", ("alice",), {"expires_in": 0}, "expires_in is how many seconds"),
        ("subscriber", ("alice",), {"expires_in": float("nan")}, "expires_in is how many seconds"),
        ("guest", ([],), {}, "1 to 10 addresses, not 0"),
        ("guest", ([f"a{n}" for n in range(11)],), {}, "1 to 10 addresses, not 11"),
        ("guest", ("one",), {}, "put the one into a list"),
        ("guest", ([""],), {}, "each allowed address is missing"),
        ("invite", ("", Token("a.b.sat")), {}, "address_id is missing"),
        ("embed", ("a.b.sat",), {}, "begins with c2c_"),
    ],
)
def test_what_cannot_be_right_is_not_asked(
    ask: Asks, method: str, args: Any, options: Any, words: str
) -> None:
    """A TokenError, and no request."""
    with serving([GRANTED]) as server:
        with pytest.raises(TokenError, match=words):
            ask(server.url, method, *args, **options)
        assert server.asked == []


@pytest.mark.parametrize("count", [1, 10])
def test_one_to_ten_addresses_are_asked_for(ask: Asks, count: int) -> None:
    """Both ends of the range belong to it."""
    addresses = [f"a{n}" for n in range(count)]
    with serving([GRANTED]) as server:
        ask(server.url, "guest", addresses)
    assert server.bodies == [{"allowed_addresses": addresses}]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_passes_is_tried_again(ask: Asks, pauses: list[float], status: int) -> None:
    """With pauses that grow, and some chance in them."""
    busy = reply(status, {"error": "busy"})
    with serving([busy, busy, busy, GRANTED]) as server:
        assert ask(server.url, "subscriber", "alice").token == Token("a.b.sat")
    assert len(server.asked) == 4
    assert [0.25 <= pauses[0] <= 0.5, 0.5 <= pauses[1] <= 1, 1 <= pauses[2] <= 2] == [True] * 3


def test_it_is_not_tried_for_ever(ask: Asks, pauses: list[float]) -> None:
    """Four times, and then it is an error that says what was the matter."""
    with serving([reply(503, {"error": "asleep"})]) as server:
        with pytest.raises(RestError, match=r"asleep \(503\); try again later") as refused:
            ask(server.url, "subscriber", "alice")
        assert len(server.asked) == 4
    assert (refused.value.status, refused.value.host) == (503, server.url.partition("//")[2])
    assert len(pauses) == 3


@pytest.mark.parametrize("date", [False, True])
def test_the_server_says_when_to_come_back(ask: Asks, pauses: list[float], date: bool) -> None:
    """In seconds or as a date (RFC 9110, 10.2.3)."""
    then = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=8)
    when = format_datetime(then, usegmt=True) if date else "7"
    with serving([reply(429, {}, f"Retry-After: {when}"), GRANTED]) as server:
        ask(server.url, "subscriber", "alice")
    assert pauses == [pytest.approx(7, abs=2)]


def test_a_server_that_wants_long_pauses_is_not_waited_for(ask: Asks, pauses: list[float]) -> None:
    """A cell that hangs for an hour helps nobody."""
    with serving([reply(429, {}, "Retry-After: 3600")]) as server:
        with pytest.raises(RestError, match="limits how often it is asked"):
            ask(server.url, "subscriber", "alice")
        assert len(server.asked) == 1
    assert pauses == []


def test_a_date_that_is_none_is_passed_over(ask: Asks, pauses: list[float]) -> None:
    """Then the usual pause is made."""
    with serving([reply(429, {}, "Retry-After: soon"), GRANTED]) as server:
        ask(server.url, "subscriber", "alice")
    assert len(pauses) == 1


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (reply(400, {"error": "bad"}), r"bad \(400\); look at what was asked for"),
        (reply(401, {}), r"did not say why \(401\); check SIGNALWIRE_PROJECT_ID"),
        (reply(403, {"message": "no scope"}), r"no scope \(403\); give the API token the scope"),
        (reply(404, b"<h1>Not Found</h1>"), r"did not say why \(404\); check the name"),
        (
            reply(422, {"errors": [{"attribute": "reference", "message": "is taken"}, 7]}),
            r"reference is taken \(422\)",
        ),
        (reply(422, {"errors": [{"code": "missing"}], "error": 7}), r"missing \(422\)"),
        (reply(418, {}), r"\(418\); look at the space's status"),
        (reply(302, {}, "Location: http://127.0.0.1:9/"), r"elsewhere, where credentials"),
        (reply(200, b"<html>Welcome</html>"), "holds no token"),
        (reply(200, b'{"token": "a.b'), "holds no token"),
        (reply(200, b"[" * 100_000), "holds no token"),
        (reply(200, ["token"]), "holds no token"),
        (reply(200, {"token": ""}), "holds no token"),
        (reply(200, {"token": 7}), "holds no token"),
        (reply(200, b"\xff\xfe"), "holds no token"),
        (reply(200, b" " * 2_000_000), "more than a megabyte"),
        (
            reply(200, gzip.compress(b" " * 20_000_000), "Content-Encoding: gzip"),
            "more than a megabyte",
        ),
        (reply(200, b"no gzip", "Content-Encoding: gzip"), "no answer that can be read"),
    ],
)
def test_what_does_not_pass_is_said_at_once(
    ask: Asks, pauses: list[float], answer: bytes, words: str
) -> None:
    """One request, and one sentence with the cause and what to do."""
    with serving([answer]) as server:
        with pytest.raises(RestError, match=words) as refused:
            ask(server.url, "subscriber", "alice")
        assert len(server.asked) == 1
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 500
    assert pauses == []


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{", b"what?"]
)
def test_an_answer_that_breaks_off_is_asked_for_again(
    ask: Asks, pauses: list[float], answer: bytes
) -> None:
    """The connection may have been the reason."""
    with serving([answer, GRANTED]) as server:
        assert ask(server.url, "subscriber", "alice").token == Token("a.b.sat")
    with serving([answer]) as server, pytest.raises(RestError, match="broke before its answer"):
        ask(server.url, "subscriber", "alice")
    assert len(pauses) == 4


def test_a_server_that_says_nothing(
    ask: Asks, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is waited for, and then that is what is said."""
    monkeypatch.setattr(sending, "TIMEOUT", 0.2)
    with serving([None]) as server, pytest.raises(RestError, match=r"no (answer|connection)"):
        ask(server.url, "subscriber", "alice")


def test_nobody_there(ask: Asks, pauses: list[float]) -> None:
    """A name with a typo, or no network."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(RestError, match="no connection; try again later") as refused:
        ask(f"http://127.0.0.1:{port}", "subscriber", "alice")
    assert refused.value.status is None
    assert len(pauses) == 3


def test_a_certificate_that_is_not_valid(ask: Asks, pauses: list[float], tmp_path: Path) -> None:
    """The API token is not sent, and it is not tried again."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_self_signed(tmp_path))
    with serving([GRANTED], context) as server:
        with pytest.raises(RestError, match="its certificate is not valid"):
            ask(server.url, "subscriber", "alice")
        assert server.asked == []
    assert pauses == []


def _self_signed(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "odd")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .sign(key, hashes.SHA256())
    )
    path = folder / "odd.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.mark.parametrize(
    ("method", "args", "options", "secret"),
    [
        ("subscriber", ("alice",), {"password": "s3cr3t-password"}, "s3cr3t-password"),
        ("subscriber", ("",), {"password": "s3cr3t-password"}, "s3cr3t-password"),
        ("refresh", (Token("a.b.s3cr3t-refresh"),), {}, "a.b.s3cr3t-refresh"),
        ("invite", ("one", Token("a.b.s3cr3t-sat")), {}, "a.b.s3cr3t-sat"),
        ("embed", ("c2c_s3cr3t",), {}, "c2c_s3cr3t"),
        ("embed", ("s3cr3t-sat",), {}, "s3cr3t-sat"),
    ],
)
def test_no_secret_shows(
    caplog: pytest.LogCaptureFixture,
    pauses: list[float],
    method: str,
    args: Any,
    options: Any,
    secret: str,
) -> None:
    """Not in the error, a log at debug level, or a traceback with the values of variables."""
    echo = reply(422, {"error": f"wrong: {secret} {API_TOKEN}"})
    caplog.set_level(logging.DEBUG)
    with (
        serving([echo]) as server,
        TokenClient(Credentials(server.url, "9f1c", API_TOKEN)) as tokens,
        pytest.raises((RestError, TokenError)) as refused,
    ):
        getattr(tokens, method)(*args, **options)
    error = refused.value
    while error.__traceback__ and "test_client" in error.__traceback__.tb_frame.f_code.co_filename:
        error.__traceback__ = error.__traceback__.tb_next  # this test knows it, of course
    trace = traceback.TracebackException.from_exception(error, capture_locals=True)
    shown = "".join([str(error), repr(error), caplog.text, *trace.format()])
    assert "tokens.py" in shown
    assert secret not in shown
    assert API_TOKEN not in shown


def test_closing_twice_is_safe() -> None:
    """As leaving the block closes it already."""
    with TokenClient(Credentials("example", "9f1c", API_TOKEN)) as tokens:
        tokens.close()
    tokens.close()
