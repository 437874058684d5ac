"""Credentials are read from the forms that people have, and the API token never shows."""

from __future__ import annotations

import contextlib
import copy
import logging
import pickle
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sw_notebook.credentials import Credentials
from sw_notebook.exceptions import CredentialsError

API_TOKEN = "PT0123456789abcdef0123456789abcdef0123456789abcdef"

VARIABLES = {
    "SIGNALWIRE_SPACE": "example",
    "SIGNALWIRE_PROJECT_ID": "9f1c",
    "SIGNALWIRE_API_TOKEN": API_TOKEN,
}

HERE = ("http://127.0.0.1", "http://localhost", "http://[::1]")

labels = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)


def url(space: str) -> str:
    """Where the REST API of this space is."""
    return Credentials(space, "9f1c", API_TOKEN).url


@pytest.mark.parametrize(
    ("space", "expected"),
    [
        ("example", "https://example.signalwire.com"),
        (" Example ", "https://example.signalwire.com"),
        ("example.signalwire.com", "https://example.signalwire.com"),
        ("https://example.signalwire.com/", "https://example.signalwire.com"),
        ("HTTPS://example.signalwire.com", "https://example.signalwire.com"),
        ("example.test:8443", "https://example.test:8443"),
        ("https://example", "https://example"),
        ("127.0.0.1:43210", "http://127.0.0.1:43210"),
        ("http://localhost:43210", "http://localhost:43210"),
        ("http://[::1]:43210", "http://[::1]:43210"),
    ],
)
def test_a_space_is_a_name_a_host_or_a_url(space: str, expected: str) -> None:
    """Each leads to the same place."""
    assert url(space) == expected


@pytest.mark.parametrize(
    ("space", "words"),
    [
        ("", "the space is empty"),
        ("  ", "the space is empty"),
        (None, "the space is text, not NoneType"),
        (b"example", "the space is text, not bytes"),
        ("my space", "characters that it cannot have"),
        ("exämple", "characters that it cannot have"),
        ("exam\nple", "characters that it cannot have"),
        ("http://example.signalwire.com", "use https"),
        ("ftp://example.signalwire.com", "not by ftp"),
        ("https://example.signalwire.com/api/fabric", "has a path"),
        ("example/fabric", "has a path"),
        ("https://example.signalwire.com?x=1", "has a path"),
        ("https://me:secret@example.signalwire.com", "has a user or a password"),
        ("-example", "is no host"),
        ("example_1", "is no host"),
        ("https://", "is no host"),
        ("example.signalwire.com:70000", "is no host"),
        ("[::1", "is no host"),
        ("..", "is no host"),
    ],
)
def test_what_is_no_space_is_refused(space: str, words: str) -> None:
    """In one sentence that says what to pass."""
    with pytest.raises(CredentialsError, match=words):
        url(space)


@given(labels)
def test_a_name_in_every_form_is_the_same_space(name: str) -> None:
    """Name, host and URL, whatever the name."""
    forms = (name, f"{name}.signalwire.com", f"https://{name}.signalwire.com/")
    assert {url(form) for form in forms} == {f"https://{name}.signalwire.com"}


@given(st.text())
def test_no_text_leads_elsewhere_or_fails_otherwise(space: str) -> None:
    """A space is reached by https, or is on this machine; all else is a CredentialsError."""
    with contextlib.suppress(CredentialsError):
        found = url(space)
        assert found.startswith(("https://", *HERE))
        assert url(found) == found


@pytest.mark.parametrize(
    ("project_id", "api_token", "words"),
    [
        ("", API_TOKEN, "project id is empty"),
        ("9f1c", " ", "API token is empty"),
        ("9f1c:PT0", API_TOKEN, "has a colon"),
        ("9f1c", "PT 0123", "API token has characters"),
        ("9f1c", 7, "API token is text, not int"),
    ],
)
def test_the_others_are_checked_too(project_id: str, api_token: str, words: str) -> None:
    """And not quoted."""
    with pytest.raises(CredentialsError, match=words) as refused:
        Credentials("example", project_id, api_token)
    assert "0123" not in str(refused.value)


def test_the_environment_names_all_three() -> None:
    """All or none; which one is missing is said."""
    found = Credentials.from_env(VARIABLES)
    assert (found.host, found.project_id, found.reveal()) == (
        "example.signalwire.com",
        "9f1c",
        API_TOKEN,
    )
    assert Credentials.find({}) is None
    assert Credentials.find({"SIGNALWIRE_SPACE": " "}) is None
    with pytest.raises(CredentialsError, match="are not set: set all three"):
        Credentials.from_env({})
    for name in VARIABLES:
        some = {**VARIABLES, name: ""}
        with pytest.raises(CredentialsError, match=f"are set, but {name} is not"):
            Credentials.find(some)
        with pytest.raises(CredentialsError, match=f"{name} is set, but .* and .* are not"):
            Credentials.find({name: VARIABLES[name]})


def test_the_real_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing has to be passed."""
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    assert Credentials.from_env().host == "example.signalwire.com"


def test_the_api_token_never_shows(caplog: pytest.LogCaptureFixture) -> None:
    """Not in a repr, a log, a pickle, nor in a traceback with the values of variables."""
    credentials = Credentials("example", "9f1c", API_TOKEN)
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("test").debug("%s %r", credentials, credentials)
    with pytest.raises(TypeError, match="not pickled") as refused:
        pickle.dumps({"credentials": credentials})
    trace = traceback.TracebackException.from_exception(refused.value, capture_locals=True)
    shown = "".join([caplog.text, *trace.format(), f"{credentials} {[credentials]}"])
    assert "example.signalwire.com" in shown
    assert API_TOKEN not in shown
    assert copy.deepcopy(copy.copy(credentials)) is credentials


def test_equality() -> None:
    """By all that they hold."""
    one = Credentials("example", "9f1c", API_TOKEN)
    same = Credentials("https://example.signalwire.com", "9f1c", API_TOKEN)
    assert one == same
    assert hash(one) == hash(same)
    assert one != Credentials("example", "9f1c", API_TOKEN, reference="alice")
    assert one != Credentials("example", "9f1c", API_TOKEN[:-1])
    assert one != "example"
