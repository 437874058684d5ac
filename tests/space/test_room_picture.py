"""Rooms by what is seen in them, and what is left of them."""

from __future__ import annotations

import asyncio
import re
import threading
from typing import Any

import numpy as np

from sw_notebook import Receiver
from sw_notebook.space import LoopbackSpace
from sw_notebook.strip import Strip

from .client import Caller
from .media.test_line import NumberedVideo
from .meeting import LOUD, QUIET, Picture, Tone, ask, listen, meeting, until_heard, until_seen
from .running import Running
from .test_relay import prefer
from .wire import Requests, departures, receiver, sender
from .wire import Wire as Datagrams

ROOM = "/public/standup"


def clear(picture: Picture, left: int = 0, width: int = 640) -> Strip | None:
    """Read the strip of a sender whose place is as high as the canvas."""
    height = width * 360 // 640
    top = (360 - height) // 2
    return Strip.read(picture[top : top + height, left : left + width])


def threads() -> list[str]:
    """Return those of rooms."""
    return [thread.name for thread in threading.enumerate() if " of /public/" in thread.name]


async def test_everybody_sees_one_picture_of_all(running: Running) -> None:
    """Themselves, too; who comes late begins with a keyframe."""
    async with (
        meeting(running, "ada", NumberedVideo()) as ada,
        meeting(running, "bob", NumberedVideo()) as bob,
        meeting(running, "cy", receive="video") as cy,
    ):
        await ada.dial(ROOM)
        await until_seen(ada.video, lambda p: clear(p) is not None)
        await bob.dial(ROOM)
        await cy.dial(ROOM)
        for call in (ada, bob, cy):
            picture = await until_seen(
                call.video, lambda p: bool(clear(p, 0, 320) and clear(p, 320, 320))
            )
            assert picture.shape == (360, 640)
            assert picture[:80].max() < 40, "there is something above both"


async def test_pictures_go_on(running: Running) -> None:
    """Newer ones follow, and not more than the room makes."""
    async with (
        meeting(running, "ada", NumberedVideo()) as ada,
        meeting(running, "bob", receive="video") as bob,
    ):
        await ada.dial(ROOM)
        await bob.dial(ROOM)
        await until_seen(bob.video, lambda p: clear(p) is not None)
        seen: list[int] = []
        frames: list[Any] = [await bob.video.recv() for _ in range(45)]
        for frame in frames:
            strip = clear(frame.to_ndarray(format="gray"))
            assert strip is not None
            seen.append(strip.frame)
        assert seen == sorted(seen)
        assert len(set(seen)) > 15
        seconds = float((frames[-1].pts - frames[0].pts) * frames[0].time_base)
        assert len(frames) - 1 <= 15 * seconds + 1


async def test_a_video_muted_member_is_a_card(running: Running) -> None:
    """With its name; and no old picture comes back when it is unmuted."""
    async with (
        meeting(running, "ada", NumberedVideo()) as ada,
        meeting(running, "bob", receive="video") as bob,
    ):
        await ada.dial(ROOM)
        await bob.dial(ROOM)
        await until_seen(bob.video, lambda p: clear(p) is not None)
        await ask(bob, "call.mute", ada, channels=["video"])
        card = await until_seen(bob.video, lambda p: np.ptp(p[:100].astype(int)) < 20)
        assert card[150:210, 200:440].max() > 150, "there is no name"
        sends, requests = sender(ada, "video"), Requests(sender(ada, "video"))
        keyframe, sends._send_keyframe = sends._send_keyframe, lambda: None  # type: ignore[method-assign]
        await ask(bob, "call.unmute", ada, channels=["video"])
        for _ in range(15):
            frame: Any = await bob.video.recv()
            assert clear(frame.to_ndarray(format="gray")) is None, "an old picture comes back"
        sends._send_keyframe = keyframe  # type: ignore[method-assign]
        await requests.until(lambda: requests.count > 0)
        await until_seen(bob.video, lambda p: clear(p) is not None)


async def test_layouts_are_drawn_as_they_are_told(running: Running) -> None:
    """The places of the event are those in the picture."""
    async with (
        meeting(running, "ada", NumberedVideo()) as ada,
        meeting(running, "bob", Tone(500)) as bob,
        meeting(running, "cy", receive="video") as cy,
    ):
        for call in (ada, bob, cy):
            await call.dial(ROOM)
        await until_seen(cy.video, lambda p: clear(p, 0, 320) is not None)
        await ask(bob, "call.layout.set", layout="2x1", positions={ada.member_id: "standard-2"})
        await until_seen(cy.video, lambda p: clear(p, 320, 320) is not None)
        await ask(bob, "call.member.position.set", ada, position="full-screen")
        await until_seen(cy.video, lambda p: clear(p) is not None)
        await ask(bob, "call.member.position.set", ada, position="off-canvas")
        await until_seen(
            cy.video, lambda p: not (clear(p) or clear(p, 0, 320) or clear(p, 320, 320))
        )
        await ask(
            bob,
            "call.layout.set",
            layout="highlight-1-responsive",
            positions={ada.member_id: "reserved-1"},
        )
        picture = await until_seen(cy.video, lambda p: Strip.read(p[:270, 80:560]) is not None)
        assert picture[:, :70].max() < 40


async def test_what_is_lost_is_asked_for_again(running: Running) -> None:
    """A tenth of a sender's packets; the picture is whole all the same."""
    async with (
        meeting(running, "ada", NumberedVideo()) as ada,
        meeting(running, "bob", receive="video") as bob,
    ):
        left = departures(sender(ada, "video"))
        requests = Requests(sender(ada, "video"))
        await ada.dial(ROOM)
        await bob.dial(ROOM)
        await until_seen(bob.video, lambda p: clear(p) is not None)
        before = requests.count
        dropped: set[int] = set()

        def drop(packet: Any) -> bool:
            first = packet.sequence_number not in dropped
            if first and packet.sequence_number % 10 == 0:
                dropped.add(packet.sequence_number)
                return True
            return False

        left.drop = drop
        for _ in range(30):
            frame: Any = await bob.video.recv()
            assert clear(frame.to_ndarray(format="gray")) is not None
        assert dropped
        assert requests.count == before, "a keyframe was asked for"


async def test_codecs_meet(running: Running) -> None:
    """Who speaks H264 and who speaks VP8 see one another."""
    async with (
        meeting(running, "ada", NumberedVideo()) as ada,
        meeting(running, "bob", NumberedVideo()) as bob,
    ):
        prefer(ada, "h264")
        prefer(bob, "vp8")
        await ada.dial(ROOM)
        await bob.dial(ROOM)
        assert re.search("rtpmap:.* H264", ada.answer)
        assert re.search("rtpmap:.* VP8", bob.answer)
        for call in (ada, bob):
            await until_seen(call.video, lambda p: bool(clear(p, 0, 320) and clear(p, 320, 320)))


async def test_nothing_is_drawn_for_nobody(running: Running) -> None:
    """A sender alone, who does not watch, costs no thread and is asked for no keyframe."""
    async with (
        meeting(running, "ada") as ada,
        meeting(running, "bob", receive="video") as bob,
    ):
        ada.connection.addTransceiver(NumberedVideo(), direction="sendonly")
        requests = Requests(sender(ada, "video"))
        left = departures(sender(ada, "video"))
        await ada.dial(ROOM)
        await left.count(30)
        assert requests.count == 0
        assert not [name for name in threads() if "picture" in name]
        await bob.dial(ROOM)
        await until_seen(bob.video, lambda p: clear(p) is not None)


async def test_hold_is_silence_in_both_directions(running: Running) -> None:
    """Nothing comes, nothing is heard; and afterwards all is as before."""
    async with (
        meeting(running, "ada", Tone(500), NumberedVideo()) as ada,
        meeting(running, "bob", receive="audio video") as bob,
    ):
        wires = [Datagrams(receiver(ada, kind)) for kind in ("audio", "video")]
        await ada.dial(ROOM)
        await bob.dial(ROOM)
        await until_heard(bob.audio, lambda a: a > LOUD, 500)
        await until_seen(bob.video, lambda p: clear(p) is not None)
        await ada.client.modify(ada.call_id, "hold")
        await until_heard(bob.audio, lambda a: a < QUIET, 500)
        await until_seen(bob.video, lambda p: clear(p) is None)
        before = [len(wire.media) for wire in wires]
        await listen(bob.audio, 500)
        assert [len(wire.media) for wire in wires] == before
        await ada.client.modify(ada.call_id, "unhold")
        await until_heard(bob.audio, lambda a: a > LOUD, 500)
        await until_seen(bob.video, lambda p: clear(p) is not None)
        for wire in wires:
            await wire.more(5)


async def test_a_shared_screen_is_seen_first(running: Running) -> None:
    """Beside who shares it."""
    from aiortc import RTCConfiguration, RTCPeerConnection

    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    connection.addTransceiver(NumberedVideo(), direction="sendonly")
    async with (
        meeting(running, "ada", Tone(500)) as ada,
        meeting(running, "bob", receive="video") as bob,
    ):
        await ada.dial(ROOM)
        await bob.dial(ROOM)
        screen = Caller(ada.client, connection)
        parent = {"memberCallId": ada.call_id}
        await screen.dial(ROOM, screenShare=True, userVariables=parent)
        await until_seen(bob.video, lambda p: clear(p, 0, 320) is not None)
        await ada.client.bye(screen.call_id)
        await until_seen(bob.video, lambda p: clear(p, 0, 320) is None)
        await connection.close()


async def test_a_receiver_takes_part(space: LoopbackSpace) -> None:
    """It is in the list of members, sees and hears."""
    async with meeting(space, "ada", Tone(500), NumberedVideo()) as ada:
        await ada.dial("/public/watched")
        async with Receiver("/public/watched", space=space) as watcher:
            member = (await ada.client.event("member.joined"))["member"]
            assert member["name"] == "notebook receiver"
            async for frame in watcher.video.frames():
                if clear(np.asarray(frame.y)) is not None:
                    break
            async for block in watcher.audio.blocks(seconds=0.2, mono=True):
                samples = block.samples.reshape(-1).astype(np.float64)
                times = np.arange(len(samples)) / 48_000
                if abs(np.exp(-2j * np.pi * 500 * times) @ samples) / len(samples) > 0.01:
                    break
        left = await ada.client.event("member.left")
        assert left["member"]["member_id"] == member["member_id"]


async def test_the_last_one_leaves_nothing_behind(running: Running, until: Any) -> None:
    """No thread, no task, no room; and the next one to come opens it anew."""
    async with (
        meeting(running, "ada", Tone(500), NumberedVideo()) as ada,
        meeting(running, "bob", Tone(700), NumberedVideo()) as bob,
    ):
        first = await told(ada)
        assert await told(bob) == first
        await until_seen(ada.video, lambda p: clear(p, 0, 320) is not None)
        assert len(threads()) == 2
        await ada.client.bye(ada.call_id)
        await bob.client.bye(bob.call_id)
        await until(lambda: not threads())
        about = (await asyncio.to_thread(running.ask, "GET", "/api/loopback")).json()
        assert about["rooms"] == []
        left = [repr(task) for task in asyncio.all_tasks()]
        assert not [task for task in left if "Mixer" in task or "Broadcast" in task]
    async with meeting(running, "ada", receive="audio") as ada:
        assert await told(ada) != first


async def told(call: Caller) -> str:
    """Dial, and return which session of the room it is."""
    await call.dial(ROOM)
    found: str = (await call.client.event("call.joined"))["room_session_id"]
    return found
