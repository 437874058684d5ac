"""Whoever types a secret into a cell is told once, and not by quoting it."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from sw_notebook import Call, Credentials, SecretInCellWarning, Token, _typed

TOKEN = "header.payload.s1gnature"
KEY = "PT0123456789abcdef"


@pytest.fixture(autouse=True)
def nobody_warned() -> Iterator[None]:
    """As in a kernel that has just begun."""
    before = set(_typed._warned)
    _typed._warned.clear()
    yield
    _typed._warned.clear()
    _typed._warned.update(before)


def run_in(monkeypatch: pytest.MonkeyPatch, code: object) -> None:
    """Let the cell that runs be this one."""
    shell = SimpleNamespace(get_parent=lambda: {"content": {"code": code}})
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))


def test_a_typed_token_is_told_of_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is written to the notebook, the warning does not hold what it warns of."""
    run_in(monkeypatch, f"Call('/public/echo', token='{TOKEN}')")
    with pytest.warns(SecretInCellWarning) as warned:
        Call("/public/echo", token=TOKEN)
    Call("/public/echo", token=TOKEN)  # warnings are errors in these tests
    Token(TOKEN)
    one = warned[0]
    said = warnings.formatwarning(one.message, one.category, one.filename, one.lineno)
    assert "a token is typed into this cell" in said
    for better in ("SIGNALWIRE_API_TOKEN", "getpass", "keyring"):
        assert better in said
    assert "gnature" not in said


def test_a_typed_api_token_is_told_of_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """The two are warned of by themselves."""
    run_in(monkeypatch, f"Credentials('example', '9f1c', '{KEY}'); Token('{TOKEN}')")
    with pytest.warns(SecretInCellWarning, match="a project's API token is typed") as warned:
        Credentials("example", "9f1c", KEY)
    assert KEY not in str(warned[0].message)
    with pytest.warns(SecretInCellWarning, match="a token is typed"):
        Token(TOKEN)


@pytest.mark.parametrize("code", ["Call('/public/echo', token=getpass())", None, 7])
def test_one_that_comes_from_elsewhere_is_not(
    monkeypatch: pytest.MonkeyPatch, code: object
) -> None:
    """From a file, a prompt or the environment; warnings are errors in these tests."""
    run_in(monkeypatch, code)
    Call("/public/echo", token=TOKEN)
    Credentials("example", "9f1c", KEY)


def test_short_text_is_in_a_cell_by_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is warned of a word."""
    run_in(monkeypatch, "token = 'token'; Token(token)")
    Token("token")
