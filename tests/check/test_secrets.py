"""What must not be in a report is not, whoever says it."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sw_notebook.check.secrets import LONGEST, Secrets
from sw_notebook.signaling import fabric
from sw_notebook.space.credentials import Keys
from sw_notebook.space.settings import Settings

from ..space.running import Running
from .checking import Checking

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("from 203.0.113.7:5060", "from (address):5060"),
        ("from 127.0.0.1:5060", "from 127.0.0.1:5060"),
        ("from 2001:db8::7 to ::1", "from (address) to ::1"),
        ("from [2001:db8::7]:443", "from [(address)]:443"),
        ("from fe80::1%eth0", "from (address)%eth0"),
        ("Python 3.11.7, code -32002: no", "Python 3.11.7, code -32002: no"),
        ("at 10:20:30", "at 10:20:30"),
        ("999.1.1.1", "999.1.1.1"),
        (f"token {JWT}.", "token …."),
        ("key PT0123456789abcdef0123", "key …"),
        ("a\r\nb\x1b[31m  c", "a b [31m c"),
        ("x" * 1000, "x" * LONGEST),
    ],
)
def test_what_is_told_by_its_shape(text: str, shown: str) -> None:
    """Addresses and tokens that nobody has named before, and text that is no line."""
    assert Secrets().hide(text) == shown


def test_one_secret_may_be_a_part_of_another() -> None:
    """The longer one goes as a whole."""
    secrets = Secrets()
    secrets.add("secret", "secret-and-more", None, 5, "abc")
    assert secrets.hide("secret-and-more, secret, abc") == "…, …, abc"


def test_a_short_name_is_masked_as_a_whole() -> None:
    """Its last four characters would be most of it."""
    assert Secrets().mask("9f1c") == "…"


AROUND = st.text("xyz019.: -\n…()", max_size=20)


@given(st.text("ABCD+/=", min_size=4), st.lists(AROUND, min_size=2, max_size=4))
def test_a_secret_never_shows(secret: str, around: list[str]) -> None:
    """Whatever is around it, and as often as it comes."""
    secrets = Secrets()
    secrets.add(secret)
    assert secret not in secrets.hide(secret.join(around))


async def test_no_secret_is_printed_or_logged(
    checking: Checking, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither tokens nor the state of the session, at debug level, of any library."""
    caplog.set_level(logging.DEBUG)
    secret: list[str] = []

    def remember(name: str) -> None:
        usual = getattr(Keys, name)

        def method(self: Keys, *args: Any, **options: Any) -> Any:
            made = usual(self, *args, **options)
            secret.append(made)
            return made

        monkeypatch.setattr(Keys, name, method)

    for name in ("mint", "mint_refresh", "state"):
        remember(name)
    async with Running().serving(Settings()) as running:
        keys = running.keys
        assert keys is not None
        checking.use(running.url, keys.project_id, keys.api_token)
        checked = await asyncio.to_thread(checking, "--to", "/public/bars")
    assert checked.status == 0, checked.text
    assert len(secret) == 3
    assert "heard Connected" in caplog.text
    for text in [*secret, keys.api_token]:
        assert text not in checked.text
        assert text not in caplog.text
        assert text.rpartition(".")[2] not in checked.text + caplog.text
    assert keys.project_id not in checked.text


async def test_ice_passwords_are_not_printed_or_logged(
    checking: Checking, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the servers their number and kind are told."""
    caplog.set_level(logging.DEBUG)
    server = {"urls": "turn:turn.example.com", "username": "ada-1815", "credential": "hunter2"}
    usual = fabric.connect_result

    def result(*args: Any) -> dict[str, Any]:
        return {**usual(*args), "ice_servers": [server]}

    monkeypatch.setattr(fabric, "connect_result", result)
    async with Running().serving(Settings()) as running:
        keys = running.keys
        assert keys is not None
        checking.use(running.url, keys.project_id, keys.api_token)
        checked = await asyncio.to_thread(checking)
    assert "1 ICE server (turn)" in checked.details["connect"]
    for text in server.values():
        assert text not in checked.text + caplog.text
