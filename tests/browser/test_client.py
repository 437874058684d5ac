"""The SDK's client and its directory in a real Chromium, without a provider of ours."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Error, Page

from sw_notebook import LoopbackSpace

from .bare import bare_page
from .member import SENDING, Person
from .waiting import expect_equal, expect_no_leg, the_leg, wait_until

CROWD = [f"/private/crowd-{number:02}" for number in range(60)]


@pytest.fixture
def bob(bare: Page, stun_space: LoopbackSpace) -> Iterator[Person]:
    """Somebody who is online."""
    with Person(bare, stun_space, "bob") as bob:
        yield bob


@pytest.fixture
def crowd(stun_space: LoopbackSpace) -> None:
    """So many people that the directory has more than a page of them, and a room."""
    for name in CROWD:
        stun_space.token(name.removeprefix("/private/"))
    httpx.post(
        f"{stun_space.url}/api/fabric/resources/conference_rooms",
        json={"name": "hall", "display_name": "The hall"},
        auth=(stun_space.project_id, stun_space.api_token),
        trust_env=False,
    )


def test_the_directory_comes_in_pages(crowd: None, bob: Person) -> None:
    """In order, and whole after the last; each address has what the SDK reads of it."""
    assert bob.look_up("list") == {"addresses": [], "loading": False}
    bob.look_up("begin")
    expect_equal(lambda: len(bob.look_up("list")["addresses"]), 50)
    bob.look_up("more")
    wait_until(lambda: len(bob.look_up("list")["addresses"]) > len(CROWD) + 10)
    listed = {address["name"]: address for address in bob.look_up("list")["addresses"]}
    assert list(listed) == sorted(listed)
    assert {"/public/echo", "/private/bob", *CROWD} <= set(listed)
    crowded, hall = listed[CROWD[0]], listed["/public/hall"]
    assert (crowded["type"], crowded["defaultChannel"]) == (
        "subscriber",
        "/private/crowd-00?channel=audio",
    )
    assert (hall["type"], hall["displayName"]) == ("room", "The hall")
    assert hall["defaultChannel"] == "/public/hall?channel=video"
    assert hall["locked"] is False
    before = len(listed)
    bob.look_up("more")
    assert len(bob.look_up("list")["addresses"]) == before


def test_an_address_is_found_by_its_name(bob: Person) -> None:
    """Also one that no list has; the SDK has no other search."""
    assert bob.look_up("find", "/private/bob")["displayName"] == "bob"
    found = bob.look_up("find", "+15551234567")
    assert found["displayName"] == "simulated phone +15551234567"
    assert bob.look_up("find", "/private/nobody") is None


def test_what_the_directory_does_not_tell(bob: Person) -> None:
    """The SDK knows no presence."""
    bob.look_up("find", "/private/bob")
    bob.look_up("begin")
    wait_until(lambda: bob.look_up("list")["addresses"])
    with pytest.raises(Error, match="nimplemented"):
        bob.look_up("activity", "/private/bob")


def test_an_address_is_called(browser: Browser, bob: Person, stun_space: LoopbackSpace) -> None:
    """By its default channel, which is sound for a person."""
    with bare_page(browser) as page, Person(page, stun_space, "alice") as alice:
        assert bob.look_up("call", "/private/alice", {"receiveVideo": False}) is None
        alice.rings()
        alice.answer()
        wait_until(lambda: bob.statuses()[-1] == alice.statuses()[-1] == "connected")
        (directions,) = {tuple(sorted(leg["directions"].items())) for leg in stun_space.legs()}
        assert directions == (("audio", "sendrecv"),)
        bob.act(None, "hangup")
    expect_no_leg(stun_space)


def test_who_the_client_is(bob: Person, stun_space: LoopbackSpace) -> None:
    """As the space says."""
    user = bob.user()
    assert (user["displayName"], user["addresses"]) == ("bob", ["/private/bob"])
    assert user["email"] == f"{user['id']}@{stun_space.domain}"


def test_a_preflight(bob: Person, stun_space: LoopbackSpace) -> None:
    """It tries devices, ICE and a call, and leaves nothing."""
    found = bob.ask("preflight", "/public/echo", {"duration": 1})
    assert found["ok"] is True
    assert found["signaling"]["reachable"] is True
    assert found["connectivity"]["stunReachable"] is True
    assert found["bandwidth"] is not None
    expect_no_leg(stun_space)


@pytest.mark.parametrize("method", ["setVideoInputDeviceConstraints", "setInputDevicesConstraints"])
def test_another_size_of_picture(bob: Person, stun_space: LoopbackSpace, method: str) -> None:
    """The camera is asked for it in the call, and the echo has it.

    Told by its shape: a browser that lacks time sends a smaller picture than the camera's.
    """

    def shape() -> float:
        media = bob.media()
        return round(media["width"] / media["height"], 1) if media.get("height") else 0.0

    assert bob.call("/public/echo", SENDING) is None
    wait_until(lambda: shape() == 1.3)
    wanted = {"width": {"exact": 320}, "height": {"exact": 180}}
    both = {"audio": {"echoCancellation": False}, "video": wanted}
    bob.act("self", method, both if method == "setInputDevicesConstraints" else wanted)
    before = bob.media()
    wait_until(lambda: shape() == 1.8)
    wait_until(lambda: bob.media()["frames"] > before["frames"] + 20)
    bob.act(None, "hangup")
    expect_no_leg(stun_space)


def test_the_sdk_adds_no_camera_to_a_call_of_sound(bob: Person, stun_space: LoopbackSpace) -> None:
    """It says that it does (4.0.0-beta.12), and offers nothing; the sound goes on."""
    assert bob.call("/public/echo", {"audio": True}) is None
    wait_until(lambda: bob.media().get("packets", 0) > 0)
    bob.act("self", "addVideoInputDevice")
    before = bob.media()["packets"]
    wait_until(lambda: bob.media()["packets"] > before + 100)
    assert the_leg(stun_space)["directions"] == {"audio": "sendrecv"}
    bob.act(None, "hangup")
    expect_no_leg(stun_space)


@pytest.mark.parametrize("kind", ["Audio", "Video"])
def test_a_device_is_disabled(bob: Person, stun_space: LoopbackSpace, kind: str) -> None:
    """Nothing more comes of it, in this call and the next, until it is enabled and unmuted."""
    what, clock = {"Audio": ("energy", "frames"), "Video": ("frames", "packets")}[kind]

    def is_still() -> bool:
        before = bob.media()
        wait_until(lambda: bob.media()[clock] >= before[clock] + 60)
        return bool(bob.media()[what] <= before[what] + 1e-4)

    bob.join("/public/echo")
    bob.more()
    bob.ask(f"disable{kind}Input")
    wait_until(is_still)
    bob.ask(f"enable{kind}Input")
    assert is_still()  # it opens nothing in a call that is up (4.0.0-beta.12)
    bob.act("self", "unmute" if kind == "Audio" else "unmuteVideo")
    bob.more()
    bob.ask(f"disable{kind}Input")
    bob.hang_up()
    expect_no_leg(stun_space)
    bob.join("/public/echo")
    assert the_leg(stun_space)["directions"][kind.lower()] == "sendonly"
    bob.hang_up()
    bob.ask(f"enable{kind}Input")
    bob.join("/public/echo")
    bob.more()
    bob.hang_up()
    expect_no_leg(stun_space)


def test_a_click_to_call_button(browser: Browser, stun_space: LoopbackSpace) -> None:
    """Its public token is all that a page needs to call what the token is for."""
    button = stun_space.about()["click_to_call"]
    with bare_page(browser) as page:
        guest = Person(page, stun_space, "guest")
        assert guest.click(stun_space, button, "/public/echo?channel=video") is None
        guest.more()
        assert the_leg(stun_space)["destination"] == "/public/echo"
        guest.act(None, "hangup")
        expect_no_leg(stun_space)


def test_a_client_that_disconnects_leaves_nothing(bob: Person, stun_space: LoopbackSpace) -> None:
    """Neither its call nor its session; it connects again."""
    assert bob.call("/public/echo", {"audio": True}) is None
    wait_until(lambda: bob.statuses()[-1] == "connected")
    bob.ask("disconnect")
    expect_no_leg(stun_space, 40)
    bob.ask("connect")
    assert bob.call("/public/echo", {"audio": True}) is None
    wait_until(lambda: bob.statuses()[-1] == "connected")
    bob.act(None, "hangup")
    expect_no_leg(stun_space)
