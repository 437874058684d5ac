"""People who write to one another in a real Chromium, by the SDK alone."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Error, Page

from sw_notebook import LoopbackSpace
from sw_notebook.space.people import person

from .bare import bare_page
from .member import Person
from .waiting import expect_equal, wait_until

ALICE, BOB, STAFF = "/private/alice", "/private/bob", "/public/staff"


@pytest.fixture
def space() -> Iterator[LoopbackSpace]:
    """A space in which nobody has written yet."""
    with LoopbackSpace(private=True, no_answer_seconds=2, stun=True) as space:
        for name in ("alice", "bob", "carol"):
            space.token(name)
        yield space


@pytest.fixture(scope="module")
def pages(browser: Browser) -> Iterator[list[Page]]:
    """Three pages with the SDK, in browser contexts of their own."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(bare_page(browser)) for _ in range(3)]


@pytest.fixture
def alice(pages: list[Page], space: LoopbackSpace) -> Iterator[Person]:
    """Somebody who writes."""
    with Person(pages[0], space, "alice") as alice:
        yield alice


@pytest.fixture
def bob(pages: list[Page], space: LoopbackSpace) -> Iterator[Person]:
    """Somebody who reads."""
    with Person(pages[1], space, "bob") as bob:
        yield bob


def opens(one: Person, *addresses: str) -> None:
    """Let the page show what was written with these addresses."""
    for address in addresses:
        one.chat("open", address)
    wait_until(lambda: not any(one.chat("texts", address)["loading"] for address in addresses))


def expect_texts(one: Person, address: str, texts: list[str]) -> None:
    """Wait until the page shows exactly these of that address, in this order."""
    expect_equal(lambda: one.texts(address), texts)


def more(one: Person, address: str, length: int) -> None:
    """Let the page ask for more, and wait until it shows so many at least."""
    one.chat("more", address)
    wait_until(lambda: len(one.texts(address)) >= length)


def write(space: LoopbackSpace, texts: list[str]) -> None:
    """Let Alice write to Bob, without a page."""
    ids = {}
    for name in ("alice", "bob"):
        found = person(name)
        assert found is not None
        ids[name] = found.id
    headers = {"Authorization": f"Bearer {space.token('alice').reveal()}"}
    own = {"from_fabric_address_id": ids["alice"]}
    with httpx.Client(base_url=space.url, headers=headers, trust_env=False) as http:

        def post(path: str, **body: Any) -> Any:
            return http.post(f"/api/fabric/{path}", json={**own, **body}).raise_for_status().json()

        both = [ids["bob"], ids["alice"]]
        group_id = post("conversations/join", fabric_address_ids=both)["group_id"]
        for text in texts:
            post("messages", group_id=group_id, text=text)


def test_each_page_sees_what_the_other_writes(alice: Person, bob: Person) -> None:
    """At once and in order, with who wrote it and when; the writer's own page, too."""
    opens(alice, BOB)
    opens(bob, ALICE)
    alice.chat("write", BOB, "how are you?")
    expect_texts(bob, ALICE, ["how are you?"])
    bob.chat("write", ALICE, "well \N{SNOWMAN} & <b>you</b>?")
    said = ["how are you?", "well \N{SNOWMAN} & <b>you</b>?", "fine"]
    expect_texts(alice, BOB, said[:2])
    alice.chat("write", BOB, said[2])
    for one, other in ((alice, BOB), (bob, ALICE)):
        expect_texts(one, other, said)
        found = one.chat("texts", other)["texts"]
        assert [message["from"] for message in found] == [ALICE, BOB, ALICE]
        times = [message["created"] for message in found]
        assert times == sorted(set(times))


def test_it_is_there_after_a_reload(alice: Person, bob: Person) -> None:
    """The newest first; what is written from then on comes after it."""
    opens(bob, ALICE)
    for text in ("1", "2", "3"):
        alice.chat("write", BOB, text)
    expect_texts(bob, ALICE, ["1", "2", "3"])
    bob.come_back()
    opens(bob, ALICE)
    expect_texts(bob, ALICE, ["3", "2", "1"])
    alice.chat("write", BOB, "4")
    expect_texts(bob, ALICE, ["3", "2", "1", "4"])


def test_who_was_not_there_finds_it(pages: list[Page], alice: Person, space: LoopbackSpace) -> None:
    """Nobody has to be online to be written to."""
    for text in ("1", "2"):
        alice.chat("write", BOB, text)
    with Person(pages[1], space, "bob") as bob:
        opens(bob, ALICE)
        expect_texts(bob, ALICE, ["2", "1"])


def test_it_comes_in_pages(bob: Person, space: LoopbackSpace) -> None:
    """A hundred at a time, each message once; those that came after it hide none."""
    said = [str(number) for number in range(230)]
    write(space, said)
    opens(bob, ALICE)
    expect_texts(bob, ALICE, said[:-101:-1])
    write(space, ["later"])
    wait_until(lambda: "later" in bob.texts(ALICE))
    for length in (200, 231):
        assert bob.chat("texts", ALICE)["hasMore"] is True
        more(bob, ALICE, length)
    assert bob.chat("texts", ALICE)["hasMore"] is False
    assert [text for text in bob.texts(ALICE) if text != "later"] == said[::-1]


def test_a_room_has_its_own(
    pages: list[Page], alice: Person, bob: Person, space: LoopbackSpace
) -> None:
    """All who have joined see it; who comes later finds it."""
    opens(alice, STAFF)
    opens(bob, STAFF)
    alice.chat("write", STAFF, "hello all")
    expect_texts(bob, STAFF, ["hello all"])
    with Person(pages[2], space, "carol") as carol:
        opens(carol, STAFF)
        expect_texts(carol, STAFF, ["hello all"])
        carol.chat("write", STAFF, "and hello")
        for one in (alice, bob, carol):
            expect_texts(one, STAFF, ["hello all", "and hello"])


def test_what_cannot_be_written(alice: Person) -> None:
    """The page is told that it failed; nothing is kept."""
    opens(alice, BOB)
    for address, text in ((BOB, "x" * 2001), (BOB, ""), ("/public/echo", "hello")):
        with pytest.raises(Error, match="Failed"):
            alice.chat("write", address, text)
    alice.chat("write", BOB, "x" * 2000)
    expect_texts(alice, BOB, ["x" * 2000])


def test_calls_are_kept(
    pages: list[Page], alice: Person, bob: Person, space: LoopbackSpace
) -> None:
    """Answered or not, with who called and when; texts and calls do not mix."""
    opens(bob, ALICE)
    bob.chat("write", ALICE, "may I call?")
    assert bob.call(ALICE) is None
    alice.rings()
    alice.answer()
    wait_until(lambda: bob.statuses()[-1] == alice.statuses()[-1] == "connected")
    assert bob.chat("calls", ALICE) == []
    bob.act(None, "hangup")
    expect_equal(lambda: len(bob.chat("calls", ALICE)), 1)
    (call,) = bob.chat("calls", ALICE)
    assert (call["kind"], call["status"], call["from"]) == ("call", "answered", BOB)
    assert 0 < call["started"] < call["ended"]
    assert bob.call("/private/carol") is None
    bob.expect_statuses("trying", "disconnected", "destroyed")
    with Person(pages[2], space, "carol") as carol:
        opens(carol, BOB)
        expect_equal(lambda: len(carol.chat("calls", BOB)), 1)
        (missed,) = carol.chat("calls", BOB)
        assert (missed["status"], missed["from"]) == ("USER_NOT_REGISTERED", BOB)
        assert carol.texts(BOB) == []
    expect_texts(bob, ALICE, ["may I call?"])


def test_the_sdk_mixes_conversations(
    pages: list[Page], alice: Person, bob: Person, space: LoopbackSpace
) -> None:
    """Every address that it shows gets what comes, whoever wrote it (4.0.0-beta.12)."""
    opens(bob, ALICE, STAFF)
    alice.chat("write", STAFF, "for all")
    expect_texts(bob, STAFF, ["for all"])
    assert bob.texts(ALICE) == ["for all"]
    with Person(pages[2], space, "bob") as fresh:
        opens(fresh, ALICE, STAFF)
        expect_texts(fresh, STAFF, ["for all"])
        assert fresh.texts(ALICE) == []
