"""STUN and TURN servers: what is taken, what is refused, and what reaches the page."""

from __future__ import annotations

from typing import Any

import pytest
import traitlets

from sw_notebook import Call

from .paper_page import PaperPage

SECRET = "s3cr3t-of-the-relay"
TURN = {"urls": "turn:turn.example.com:3478", "username": "alice", "credential": SECRET}


def refused(servers: object) -> str:
    """Return why these are refused, at the start and later alike."""
    with pytest.raises(traitlets.TraitError) as first:
        Call("/public/echo", ice_servers=servers)  # type: ignore[arg-type]
    call = Call("/public/echo")
    with pytest.raises(traitlets.TraitError) as later:
        call.ice_servers = servers
    assert call.ice_servers is None
    assert str(first.value) == str(later.value)
    assert SECRET not in repr(first.value)
    assert first.value.__suppress_context__
    return str(first.value)


@pytest.mark.parametrize(
    "servers",
    [
        None,
        [],
        [TURN],
        (TURN,),
        [{"urls": "stun:stun.example.com"}],
        [{"urls": ["stun:192.0.2.1:3478", "stuns:[2001:db8::1]:5349"]}],
        [{**TURN, "urls": ["turn:a.example", "turns:b.example:443?transport=tcp", "stun:c"]}],
        [{"urls": "stun:stun.example.com", "username": "alice", "credential": SECRET}],
    ],
)
def test_what_a_browser_takes_is_taken(servers: Any) -> None:
    """Each shape that RTCPeerConnection takes, as one URL or several."""
    call = Call("/public/echo", ice_servers=servers)
    assert call.ice_servers == (None if servers is None else list(servers))


@pytest.mark.parametrize(
    ("servers", "words"),
    [
        (SECRET, "it is a list of dicts"),
        (TURN, "it is a list of dicts"),
        ([SECRET], "it is a list of dicts"),
        ([TURN, None], "it is a list of dicts"),
        ({SECRET}, "it is a list of dicts"),
        ([{}], "each needs urls"),
        ([{**TURN, "urls": None}], "each needs urls"),
        ([{**TURN, "urls": []}], "each needs urls"),
        ([{**TURN, "urls": [SECRET.encode()]}], "each needs urls"),
        ([{"url": "turn:turn.example.com", "credential": SECRET}], "each needs urls"),
        ([{**TURN, "urls": SECRET}], "begins with stun:, stuns:, turn:, turns:"),
        ([{**TURN, "urls": "https://turn.example.com"}], "begins with stun:, stuns:, turn:"),
        ([{**TURN, "urls": ["turn:a.example", ""]}], "begins with stun:, stuns:, turn:"),
        ([{**TURN, "urls": f"turn:alice:{SECRET}@turn.example.com"}], "without a password"),
        ([{**TURN, "urls": "turn://turn.example.com"}], "without //"),
        ([{**TURN, "urls": "turn:"}], "each url is as"),
        ([{**TURN, "urls": "turn:turn.example.com:65536"}], "each url is as"),
        ([{**TURN, "urls": "turn:turn.example.com:0"}], "each url is as"),
        ([{**TURN, "urls": "turn:turn.example.com?transport=tls"}], "each url is as"),
        ([{"urls": "stun:stun.example.com?transport=udp"}], "each url is as"),
        ([{**TURN, "password": SECRET}], "urls, username and credential, and nothing else"),
        ([{**TURN, SECRET: "alice"}], "urls, username and credential, and nothing else"),
        (
            [dict[object, str](TURN) | {1: SECRET}],
            "urls, username and credential, and nothing else",
        ),
        ([{"urls": TURN["urls"], "credential": SECRET}], "a TURN server needs a username"),
        ([{**TURN, "username": ""}], "a TURN server needs a username"),
        ([{"urls": TURN["urls"], "username": "alice"}], "a TURN server needs a credential"),
        ([{**TURN, "credential": ""}], "a TURN server needs a credential"),
        ([{**TURN, "credential": SECRET.encode()}], "a TURN server needs a credential"),
        ([{"urls": "stun:stun.example.com", "credential": [SECRET]}], "credential is text"),
    ],
)
def test_each_bad_shape_is_one_sentence(servers: object, words: str) -> None:
    """What is wrong is said, and nothing of the value: it may be the password."""
    said = refused(servers)
    assert said.startswith("ice_servers: ")
    assert words in said
    assert "\n" not in said


def test_the_page_that_dials_is_told() -> None:
    """The dial command carries what was given, and the model and the call's records nothing."""
    call = Call("/public/echo", token="a.b.c", ice_servers=[TURN], relay_only=True)
    page, other = PaperPage(call), PaperPage(call, "page2")
    page.show()
    call.dial()
    (command,) = page.commands("dial")
    assert command["ice"] == {"servers": [TURN], "relay_only": True}
    assert other.commands("dial") == []
    page.connect()
    page.end()
    assert SECRET not in repr([call, call.get_state(), call.messages, call.history, call.errors])
    assert SECRET not in repr(vars(call._journal))


@pytest.mark.parametrize(
    ("given", "ice"),
    [
        ({}, {"relay_only": False}),
        ({"relay_only": True}, {"relay_only": True}),
        ({"ice_servers": []}, {"servers": [], "relay_only": False}),
        ({"ice_servers": [TURN]}, {"servers": [TURN], "relay_only": False}),
    ],
)
def test_what_was_not_given_is_left_to_the_space(given: Any, ice: object) -> None:
    """No servers at all are another wish than the space's own."""
    call = Call("/public/echo", token="a.b.c", **given)
    page = PaperPage(call)
    call.dial()
    assert page.commands("dial")[0]["ice"] == ice


def test_later_changes_count_only_when_they_are_assigned() -> None:
    """What was checked is what is sent, and the next dial takes what is assigned by then."""
    server = dict(TURN)
    call = Call("/public/echo", token="a.b.c", ice_servers=[server])
    page = PaperPage(call)
    server["urls"] = "nonsense"
    call.dial()
    assert page.commands("dial")[0]["ice"]["servers"] == [TURN]
    page.connect()
    page.end()
    call.ice_servers = None
    call.dial()
    assert page.commands("dial")[1]["ice"] == {"relay_only": False}
