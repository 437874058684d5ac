"""Rooms in a real Chromium, by the SDK alone: what one page does is seen in another one."""

from __future__ import annotations

import contextlib
import functools
import itertools
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from sw_notebook import LoopbackSpace

from .bare import bare_page
from .member import SENDING, Person
from .waiting import wait_until

numbers = itertools.count()


@pytest.fixture(scope="module")
def pages(browser: Browser) -> Iterator[tuple[Page, Page]]:
    """Two pages with the SDK, in browser contexts of their own."""
    with bare_page(browser) as one, bare_page(browser) as other:
        yield one, other


@pytest.fixture
def space(stun_space: LoopbackSpace) -> LoopbackSpace:
    """A space in which the SDK needs no help of ours."""
    return stun_space


@contextlib.contextmanager
def members(
    pages: tuple[Page, Page], space: LoopbackSpace, *, cured: bool = False, **options: bool
) -> Iterator[tuple[Person, Person]]:
    """Let two meet in a new room."""
    room = f"/public/pages-{next(numbers)}"
    with contextlib.ExitStack() as stack:
        ada, bob = (
            stack.enter_context(Person(page, space, name, cured=cured))
            for page, name in zip(pages, ("ada", "bob"), strict=True)
        )
        for one in (ada, bob):
            one.join(room, {**SENDING, **options})
            stack.callback(one.hang_up)
        ada.expect("bob", type="member")
        bob.expect("ada", type="member")
        yield ada, bob


def test_participants_are_changed_by_others(pages: tuple[Page, Page], space: LoopbackSpace) -> None:
    """Each method of the SDK's participants that reaches the wire, seen on the other page."""
    with members(pages, space) as (ada, bob):
        for method, parameters, changed in (
            ("mute", (), {"audioMuted": True}),
            ("unmute", (), {"audioMuted": False}),
            ("toggleMute", (), {"audioMuted": True}),
            ("muteVideo", (), {"videoMuted": True}),
            ("unmuteVideo", (), {"videoMuted": False}),
            ("toggleMuteVideo", (), {"videoMuted": True}),
            ("toggleDeaf", (), {"deaf": True}),
            ("toggleHandraise", (), {"handraised": True}),
            ("toggleEchoCancellation", (), {"echoCancellation": False}),
            ("toggleAudioInputAutoGain", (), {"autoGain": False}),
            ("toggleNoiseSuppression", (), {"noiseSuppression": False}),
            ("setAudioInputVolume", (20,), {"inputVolume": 20}),
            ("setAudioOutputVolume", (-20,), {"outputVolume": -20}),
            ("setAudioInputSensitivity", (70,), {"inputSensitivity": 70}),
            ("setPosition", ("off-canvas",), {"position": "off-canvas"}),
        ):
            ada.act("bob", method, *parameters)
            for one in (ada, bob):
                one.expect("bob", **changed)
        bob.act("self", "toggleHandraise")
        ada.expect("bob", handraised=False)
        ada.act("self", "enableStudioAudio")
        bob.expect("ada", echoCancellation=False, autoGain=False, noiseSuppression=False)
        ada.act("self", "disableStudioAudio")
        bob.expect("ada", echoCancellation=True, autoGain=True, noiseSuppression=True)
        for method, changed in (
            ("mute", {"audioMuted": True}),
            ("unmute", {"audioMuted": False}),
            ("muteVideo", {"videoMuted": True}),
            ("unmuteVideo", {"videoMuted": False}),
        ):
            ada.act("self", method)
            bob.expect("ada", **changed)


def takes_up(who: Person, constraint: str, value: bool) -> bool:
    """Whether somebody's microphone is like this, as the browser says."""
    return bool(who.media().get("microphone", {}).get(constraint) is value)


def test_a_microphone_is_changed_by_others(pages: tuple[Page, Page], space: LoopbackSpace) -> None:
    """The page of whom it concerns takes up sound as it is told, and the call goes on."""
    with members(pages, space) as (ada, bob):
        for method, constraint in (
            ("toggleEchoCancellation", "echoCancellation"),
            ("toggleAudioInputAutoGain", "autoGainControl"),
            ("toggleNoiseSuppression", "noiseSuppression"),
        ):
            for value in (False, True):
                ada.act("bob", method)
                wait_until(functools.partial(takes_up, bob, constraint, value))
        ada.more()


def test_the_call_is_changed_for_all(pages: tuple[Page, Page], space: LoopbackSpace) -> None:
    """Lock and layout."""
    with members(pages, space) as (ada, bob):
        wait_until(lambda: "2x2" in bob.room()["layouts"])
        bob.act(None, "toggleLock")
        wait_until(lambda: ada.room()["locked"] is True)
        ada.act(None, "toggleLock")
        wait_until(lambda: bob.room()["locked"] is False)
        ada.subscribe("layout.changed")
        bob.act(None, "setLayout", "highlight-1-responsive", {})
        wait_until(lambda: [e["event_type"] for e in ada.events()][-1:] == ["layout.changed"])
        wait_until(lambda: ada.room()["layout"] == "highlight-1-responsive")
        ada.expect("ada", position="reserved-1")


def test_what_has_no_method_of_its_own(pages: tuple[Page, Page], space: LoopbackSpace) -> None:
    """The SDK sends every method by its name, and every request as it is."""
    with members(pages, space) as (ada, bob):
        somebody = ada.knows("bob")["id"]
        ada.act(None, "executeMethod", somebody, "call.raisehand", {})
        bob.expect("bob", handraised=True)
        said = ada.tried(None, "executeMethod", somebody, "call.nonsense", {})
        assert "call.nonsense" in (said or "")
        call = ada.room()
        ada_herself = {
            "node_id": call["nodeId"],
            "call_id": call["id"],
            "member_id": ada.knows("ada")["id"],
        }
        request = {
            "jsonrpc": "2.0",
            "id": "one of the page's own",
            "method": "call.lock",
            "params": {"self": ada_herself, "target": ada_herself},
        }
        ada.act(None, "execute", request)
        wait_until(lambda: bob.room()["locked"] is True)


def test_sound_and_picture_follow(pages: tuple[Page, Page], space: LoopbackSpace) -> None:
    """A muted member is not heard, and a card instead of seen; a deaf one hears nothing."""
    with members(pages, space) as (ada, bob):
        wait_until(lambda: min(bob.colours()) > 20)
        wait_until(bob.hears)
        bob.expect("ada", visible=True)
        bob.act("ada", "mute")
        wait_until(lambda: not bob.hears())
        bob.act("ada", "muteVideo")
        wait_until(lambda: bob.colours()[0] < 5 and bob.colours()[1] > 20)
        bob.act("ada", "unmuteVideo")
        bob.act("ada", "unmute")
        wait_until(lambda: min(ada.colours()) > 20)
        wait_until(bob.hears)
        ada.act("bob", "toggleDeaf")
        wait_until(lambda: not bob.hears())
        before = bob.media()["frames"]
        wait_until(lambda: bob.media()["frames"] > before + 20)


def test_a_screen_is_shared(pages: tuple[Page, Page], space: LoopbackSpace) -> None:
    """As a member of its own, with a place of its own, until it is stopped; twice."""
    with members(pages, space) as (ada, bob):
        for _ in range(2):
            ada.act("self", "startScreenShare")
            bob.expect("ada (screen)", type="screen", visible=True, position="standard-1")
            ada.act(None, "toggleLock")
            wait_until(lambda: bob.room()["locked"] is True)
            ada.act("self", "stopScreenShare")
            wait_until(lambda: not bob.knows("ada (screen)"))
            ada.act(None, "toggleLock")
            wait_until(lambda: bob.room()["locked"] is False)


def test_a_device_is_added(pages: tuple[Page, Page], space: LoopbackSpace) -> None:
    """As a member of its own; it is removed by the id of its call."""
    with members(pages, space) as (ada, bob):
        ada.act("self", "addAdditionalDevice", {"audio": False, "video": True})
        bob.expect("ada (device)", type="device", visible=True)
        (device,) = [leg["call_id"] for leg in space.legs() if leg["type"] == "device"]
        ada.act("self", "removeAdditionalDevice", device)
        wait_until(lambda: not bob.knows("ada (device)"))
        ada.expect("ada", type="member")


def test_a_camera_is_added(pages: tuple[Page, Page], space: LoopbackSpace) -> None:
    """To a call that only received a picture: the media is updated, and the others see it."""
    with members(pages, space, cured=True, video=False) as (ada, bob):
        wait_until(lambda: bob.media()["frames"] > 0)
        assert max(bob.colours()) < 5
        ada.act("self", "addVideoInputDevice")
        wait_until(lambda: bob.colours()[0] > 20)
        assert bob.colours()[1] < 5


def test_the_sdk_alone_adds_no_camera(pages: tuple[Page, Page], space: LoopbackSpace) -> None:
    """It says that it does, and its offer never leaves (Chromium 156); the call goes on."""
    with members(pages, space, video=False) as (ada, bob):
        wait_until(lambda: bob.media()["frames"] > 0)
        ada.act("self", "addVideoInputDevice")
        wait_until(lambda: ada.media()["signaling"] == "have-local-offer")
        before = bob.media()["frames"]
        wait_until(lambda: bob.media()["frames"] > before + 30)
        assert max(bob.colours()) < 5
        assert bob.hears()
        assert ada.media()["signaling"] == "have-local-offer"
        assert {leg["directions"]["video"] for leg in space.legs()} == {"sendonly"}


def test_devices_are_added(pages: tuple[Page, Page], space: LoopbackSpace) -> None:
    """To a call that only received: one after the other, or both at once."""
    with members(pages, space, cured=True, audio=False, video=False) as (ada, bob):
        wait_until(lambda: bob.media()["frames"] > 0)
        assert max(bob.colours()) < 5
        assert not bob.hears()
        ada.act("self", "addAudioInputDevice")
        wait_until(bob.hears)
        bob.act("self", "addInputDevices", {"audio": True, "video": True})
        wait_until(lambda: ada.colours()[1] > 20)
        wait_until(ada.hears)


def test_the_microphone_is_turned_down(pages: tuple[Page, Page], space: LoopbackSpace) -> None:
    """By its gain and by push-to-talk, once the SDK has opened it anew; the other hears it."""
    with members(pages, space) as (ada, bob):
        wait_until(lambda: min(bob.colours()) > 20)
        wait_until(bob.hears)
        ada.act("self", "mute")
        ada.act("self", "unmute")
        wait_until(bob.hears)
        for method, *parameters, heard in (
            ("setLocalMicrophoneGain", 0, False),
            ("setLocalMicrophoneGain", 100, True),
            ("enablePushToTalk", False),
            ("setPushToTalkActive", True, True),
            ("setPushToTalkActive", False, False),
            ("disablePushToTalk", True),
        ):
            ada.act(None, method, *parameters)
            wait_until(lambda heard=heard: bob.hears() is heard)  # type: ignore[misc]


def test_the_first_microphone_cannot_be_turned_down(
    pages: tuple[Page, Page], space: LoopbackSpace
) -> None:
    """The SDK's mixer does not get what it opened first (4.0.0-beta.12), and the call goes on.

    It opens none anew here, as it is shown no devices of which it could select one.
    """
    with members(pages, space, cured=True) as (ada, bob):
        wait_until(lambda: min(bob.colours()) > 20)
        wait_until(bob.hears)
        ada.act(None, "setLocalMicrophoneGain", 0)
        ada.act(None, "enablePushToTalk")
        for _ in range(3):
            assert bob.hears()


def test_what_the_sdk_does_not_do(pages: tuple[Page, Page], space: LoopbackSpace) -> None:
    """It has the methods and says so; a newer one may do it."""
    with members(pages, space) as (ada, bob):
        for who, method, *parameters in (
            (None, "startRecording"),
            (None, "startStreaming"),
            (None, "setMeta", {}),
            (None, "updateMeta", {}),
            (None, "toggleIncomingVideo"),
            (None, "toggleIncomingAudio"),
            ("bob", "toggleLowbitrate"),
            ("bob", "setMeta", {}),
            ("self", "updateMeta", {}),
        ):
            said = ada.tried(who, method, *parameters)
            assert said is not None, method
            assert "nimplemented" in said, (method, said)
        assert bob.room()["status"] == "connected"


def test_a_member_is_removed_and_the_call_ended(
    pages: tuple[Page, Page], space: LoopbackSpace
) -> None:
    """The page of the one hears it as a hang-up; the other stays, or not."""
    with members(pages, space) as (ada, bob):
        ada.act("bob", "remove")
        wait_until(lambda: bob.room()["status"] == "destroyed")
        wait_until(lambda: not ada.knows("bob"))
        assert ada.room()["status"] == "connected"
    with members(pages, space) as (ada, bob):
        ada.act("bob", "end")
        for one in (ada, bob):
            wait_until(lambda one=one: one.room()["status"] == "destroyed")  # type: ignore[misc]
    assert space.legs() == []
