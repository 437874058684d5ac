"""People who ring one another in a real Chromium, by the SDK alone."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from sw_notebook import LoopbackSpace

from .bare import bare_page
from .member import SENDING, Person
from .waiting import expect_no_leg, expect_none, the_leg, wait_until

ALICE = "/private/alice"
CONNECTED = ("trying", "connecting", "connected")
NEVER_UP = ("ringing", "disconnected", "destroyed")
IN_VAIN = ("trying", "disconnected", "destroyed")


@pytest.fixture
def space(stun_space: LoopbackSpace) -> LoopbackSpace:
    """A space in which the SDK needs no help of ours."""
    return stun_space


@pytest.fixture(scope="module")
def pages(browser: Browser) -> Iterator[list[Page]]:
    """Three pages with the SDK, in browser contexts of their own."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(bare_page(browser)) for _ in range(3)]


@pytest.fixture
def bob(pages: list[Page], space: LoopbackSpace) -> Iterator[Person]:
    """Somebody who calls."""
    with Person(pages[0], space, "bob") as bob:
        yield bob


@pytest.fixture
def alice(pages: list[Page], space: LoopbackSpace) -> Iterator[Person]:
    """Somebody who is called."""
    with Person(pages[1], space, "alice") as alice:
        yield alice


def ring(bob: Person, alice: Person) -> None:
    """Let bob call alice, whose page knows of it when this returns."""
    before = len(alice.incoming())
    assert bob.call(ALICE) is None
    assert alice.rings(before + 1)["statuses"] == ["ringing"]


def put_through(bob: Person, alice: Person) -> None:
    """Let bob call alice, who answers."""
    ring(bob, alice)
    alice.answer()
    # While it still rings the page can say why its answer does not leave.
    expect_none(lambda: str(alice.media()) if alice.statuses() == ["ringing"] else None, 3)
    bob.expect_statuses("trying", "connecting", "connected")
    alice.expect_statuses("ringing", "connecting", "connected")


def test_sound_and_pictures_go_both_ways(bob: Person, alice: Person, space: LoopbackSpace) -> None:
    """The callee's page says who calls; both see and hear; digits and a hold reach the other."""
    assert bob.call(ALICE, {**SENDING, "userVariables": {"ticket": "42"}}) is None
    call = alice.rings()
    assert (call["direction"], call["statuses"]) == ("inbound", ["ringing"])
    assert (call["from"], call["fromName"]) == ("/private/bob", "bob")
    assert (call["to"], call["toName"]) == (ALICE, "alice")
    assert call["userVariables"]["ticket"] == "42"
    alice.answer({"audio": True, "video": True})
    for one, other in ((bob, alice), (alice, bob)):
        one.more()
        one.expect(other.name, type="member")
    bob.act(None, "hangup")
    alice.expect_statuses("ringing", "connecting", "connected", "disconnected", "destroyed")
    expect_no_leg(space)


def test_the_callee_hangs_up(bob: Person, alice: Person, space: LoopbackSpace) -> None:
    """The caller's page hears it; both can be called again."""
    for _ in range(2):
        put_through(bob, alice)
        alice.act(None, "hangup")
        bob.expect_statuses("trying", "connecting", "connected", "disconnected", "destroyed")
        expect_no_leg(space)


@pytest.mark.parametrize("audio", [True, False], ids=["sound alone", "nothing"])
def test_the_callee_sends_less(
    pages: list[Page], bob: Person, space: LoopbackSpace, audio: bool
) -> None:
    """It sees and hears the caller all the same; nothing at all needs our provider."""
    with Person(pages[1], space, "alice", cured=not audio) as alice:
        ring(bob, alice)
        alice.answer({"audio": audio, "video": False})
        alice.more()
        if audio:
            wait_until(lambda: bob.media()["packets"] > 50)
        assert (bob.media()["packets"] > 0) is audio
        assert bob.media()["frames"] == 0
        bob.act(None, "hangup")
    expect_no_leg(space)


def test_the_sdk_alone_cannot_answer_and_send_nothing(
    pages: list[Page], bob: Person, space: LoopbackSpace
) -> None:
    """Its call has failed (4.0.0-beta.12); it does not say so, and the caller's goes on ringing."""
    with Person(pages[1], space, "alice") as alice:
        ring(bob, alice)
        alice.answer({"audio": False, "video": False})
        alice.expect_statuses("ringing", "failed", "destroyed")
    assert bob.statuses() == ["trying"]
    bob.expect_statuses(*IN_VAIN)
    expect_no_leg(space)


def test_the_callee_rejects(bob: Person, alice: Person, space: LoopbackSpace) -> None:
    """The caller's page is told, and has never been connected."""
    ring(bob, alice)
    alice.reject()
    alice.expect_statuses(*NEVER_UP)
    bob.expect_statuses(*IN_VAIN)
    expect_no_leg(space)


def test_the_caller_gives_up(bob: Person, alice: Person, space: LoopbackSpace) -> None:
    """The callee's page rings no more."""
    ring(bob, alice)
    bob.act(None, "hangup")
    wait_until(lambda: alice.incoming()[-1]["statuses"] == list(NEVER_UP))
    expect_no_leg(space)


def test_nobody_answers(bob: Person, alice: Person, space: LoopbackSpace) -> None:
    """After the space's time both pages are told."""
    ring(bob, alice)
    bob.expect_statuses(*IN_VAIN)
    wait_until(lambda: alice.incoming()[-1]["statuses"] == list(NEVER_UP))
    expect_no_leg(space)


def test_the_first_answer_wins(
    pages: list[Page], bob: Person, alice: Person, space: LoopbackSpace
) -> None:
    """Both pages of one person ring; the other one stops when one has answered."""
    with Person(pages[2], space, "alice") as second:
        ring(bob, alice)
        second.rings()
        second.answer()
        bob.more()
        second.more()
        wait_until(lambda: alice.incoming()[-1]["statuses"] == list(NEVER_UP))
        assert second.statuses()[-1] == "connected"
        assert len(space.legs()) == 2


def test_who_is_in_a_call_is_busy(
    pages: list[Page], bob: Person, alice: Person, space: LoopbackSpace
) -> None:
    """And goes on with it."""
    put_through(bob, alice)
    with Person(pages[2], space, "carol") as carol:
        assert carol.call(ALICE) is None
        carol.expect_statuses(*IN_VAIN)
    assert len(alice.incoming()) == 1
    bob.more()


def test_who_is_not_online(bob: Person, alice: Person, space: LoopbackSpace) -> None:
    """Neither known, nor there; a page that registers again rings again."""
    said = bob.call("/private/nobody")
    assert said is not None
    assert "nobody has the address /private/nobody here" in said
    alice.ask("unregister")
    assert bob.call(ALICE) is None
    bob.expect_statuses(*IN_VAIN)
    alice.ask("register")
    ring(bob, alice)
    alice.ask("disconnect")
    bob.act(None, "hangup")
    assert bob.call(ALICE) is None
    bob.expect_statuses(*IN_VAIN)
    alice.ask("connect")
    alice.ask("register")
    put_through(bob, alice)


def gets_no_more(person: Person, *what: str, while_gets: Person) -> None:
    """Wait until somebody gets nothing of this, as long as another one gets pictures and sound."""

    def is_still() -> bool:
        before = person.media()
        while_gets.more()
        return all(person.media()[key] == before[key] for key in what)

    wait_until(is_still)


def test_each_mutes_the_other(bob: Person, alice: Person, space: LoopbackSpace) -> None:
    """Both pages know it; sound and picture stop where they would arrive, and come back."""
    assert bob.call(ALICE) is None
    alice.rings()
    alice.answer({"audio": True, "video": True})
    for one, other in ((bob, alice), (alice, bob)):
        one.more()
        other.expect(one.name, audioMuted=False, videoMuted=False, deaf=False)
    for off, on, name, kind in (
        ("mute", "unmute", "audioMuted", "packets"),
        ("muteVideo", "unmuteVideo", "videoMuted", "frames"),
    ):
        alice.act("bob", off)
        for page in (alice, bob):
            page.expect("bob", **{name: True})
        gets_no_more(alice, kind, while_gets=bob)
        alice.act("bob", on)
        for page in (alice, bob):
            page.expect("bob", **{name: False})
        alice.more()
    bob.act("self", "toggleDeaf")
    alice.expect("bob", deaf=True)
    gets_no_more(bob, "packets", while_gets=alice)
    bob.act("self", "toggleDeaf")
    bob.more()


def test_hold_and_digits_reach_the_other(bob: Person, alice: Person, space: LoopbackSpace) -> None:
    """Who holds is sent nothing until the hold ends; digits are a message to the other page."""
    put_through(bob, alice)
    bob.more()
    bob.act(None, "toggleHold")
    gets_no_more(bob, "frames", "packets", while_gets=alice)
    bob.act(None, "toggleHold")
    bob.more()
    bob.act(None, "sendDigits", "12#")
    wait_until(lambda: "12#" in [leg["digits"] for leg in space.legs()])
    alice.more()


def hands_over(alice: Person, destination: str) -> None:
    """Let alice, who was called, transfer her caller; her own call is over."""
    alice.act(None, "transfer", {"destination": destination})
    alice.expect_statuses("ringing", "connecting", "connected", "disconnected", "destroyed")


def test_a_person_is_handed_over_to_another(
    pages: list[Page], bob: Person, alice: Person, space: LoopbackSpace
) -> None:
    """Who rings sees who is there; they see and hear one another, by the connection there is."""
    put_through(bob, alice)
    bob.more()
    before = bob.media()
    with Person(pages[2], space, "carol") as carol:
        hands_over(alice, "/private/carol")
        call = carol.rings()
        assert (call["from"], call["fromName"]) == ("/private/bob", "bob")
        assert (call["to"], call["toName"]) == ("/private/carol", "carol")
        carol.answer({"audio": True, "video": True})
        for one, other in ((bob, carol), (carol, bob)):
            one.more()
            one.expect(other.name, type="member")
        assert bob.knows("alice") == {}
        assert bob.statuses() == list(CONNECTED)
        assert [bob.media()[key] for key in ("local", "remote")] == [
            before[key] for key in ("local", "remote")
        ]
        carol.act(None, "hangup")
        bob.expect_statuses(*CONNECTED, "disconnected", "destroyed")
        expect_no_leg(space)


def test_a_person_is_handed_over_to_the_bars(
    bob: Person, alice: Person, space: LoopbackSpace
) -> None:
    """Whose tone and picture come by the connection there is."""
    put_through(bob, alice)
    bob.more()
    bob.listen()
    assert bob.media()["height"] != 360
    hands_over(alice, "/public/bars")
    wait_until(lambda: bob.statuses_at("440"))
    wait_until(lambda: bob.media()["height"] == 360)
    bob.more()
    assert bob.statuses() == list(CONNECTED)
    assert the_leg(space)["destination"] == "/public/bars"
    bob.act(None, "hangup")
    expect_no_leg(space)


def test_a_person_is_handed_over_to_a_room(
    pages: list[Page], bob: Person, alice: Person, space: LoopbackSpace
) -> None:
    """Its SDK knows who is there, and theirs knows it; all go on by the connection there is."""
    with Person(pages[2], space, "carol") as carol:
        assert carol.call("/public/standup") is None
        carol.expect_statuses(*CONNECTED)
        put_through(bob, alice)
        hands_over(alice, "/public/standup")
        for one, other in ((bob, carol), (carol, bob)):
            one.expect(other.name, type="member", audioMuted=False)
            one.more()
        assert bob.knows("alice") == {}
        bob.act("carol", "mute")
        carol.expect("carol", audioMuted=True)
        bob.expect("carol", audioMuted=True)
        bob.act(None, "hangup")
        carol.act(None, "hangup")
        expect_no_leg(space)


def test_nobody_is_where_a_person_is_handed_over_to(
    pages: list[Page], bob: Person, alice: Person, space: LoopbackSpace
) -> None:
    """The call that was handed over ends, whether who is there rejects or has gone."""
    with Person(pages[2], space, "carol") as carol:
        put_through(bob, alice)
        hands_over(alice, "/private/carol")
        carol.rings()
        carol.reject()
        bob.expect_statuses(*CONNECTED, "disconnected", "destroyed")
        expect_no_leg(space)
    put_through(bob, alice)
    hands_over(alice, "/private/carol")
    bob.expect_statuses(*CONNECTED, "disconnected", "destroyed")
    expect_no_leg(space)
