"""Rooms by what is heard in them."""

from __future__ import annotations

import itertools

from .client import Caller
from .meeting import LOUD, QUIET, Tone, ask, listen, meeting, until_heard
from .running import Running
from .wire import Wire as Datagrams
from .wire import receiver

ROOM = "/public/standup"


async def test_everybody_hears_all_others_and_not_themselves(running: Running) -> None:
    """Two who speak, and one who only listens."""
    async with (
        meeting(running, "ada", Tone(500)) as ada,
        meeting(running, "bob", Tone(1100)) as bob,
        meeting(running, "cy", receive="audio") as cy,
    ):
        for call in (ada, bob, cy):
            await call.dial(ROOM)
        await until_heard(cy.audio, lambda a, b: a > LOUD and b > LOUD, 500, 1100)
        of_ada, of_bob = await until_heard(ada.audio, lambda _, b: b > LOUD, 500, 1100)
        assert of_ada < QUIET
        of_ada, of_bob = await until_heard(bob.audio, lambda a, _: a > LOUD, 500, 1100)
        assert of_bob < QUIET


async def test_who_is_alone_gets_silence_as_packets(running: Running) -> None:
    """All of one size, 20 ms apart, as from the platform's media servers."""
    async with meeting(running, "ada", Tone(500)) as ada:
        wire = Datagrams(receiver(ada, "audio"))
        await ada.dial(ROOM)
        packets = await wire.more(30)
        assert len({len(packet.data) for packet in packets}) == 1
        steps = {(b.timestamp - a.timestamp) % (1 << 32) for a, b in itertools.pairwise(packets)}
        assert steps == {960}
        assert await listen(ada.audio, 500) < [QUIET]


async def test_a_muted_member_is_not_heard(running: Running) -> None:
    """Though it goes on sending; and is heard again when somebody unmutes it."""
    async with (
        meeting(running, "ada", Tone(500)) as ada,
        meeting(running, "bob", receive="audio") as bob,
    ):
        await ada.dial(ROOM)
        await bob.dial(ROOM)
        await until_heard(bob.audio, lambda a: a > LOUD, 500)
        await ask(bob, "call.mute", ada, channels=["audio"])
        await until_heard(bob.audio, lambda a: a < QUIET, 500)
        await ask(bob, "call.unmute", ada, channels=["audio"])
        await until_heard(bob.audio, lambda a: a > LOUD, 500)


async def test_a_deaf_member_hears_nothing(running: Running) -> None:
    """The others hear it as before."""
    async with (
        meeting(running, "ada", Tone(500)) as ada,
        meeting(running, "bob", Tone(1100)) as bob,
    ):
        await ada.dial(ROOM)
        await bob.dial(ROOM)
        await until_heard(bob.audio, lambda a: a > LOUD, 500)
        await ask(ada, "call.deaf", bob)
        await until_heard(bob.audio, lambda a: a < QUIET, 500)
        assert (await listen(ada.audio, 1100))[0] > LOUD
        await ask(ada, "call.undeaf", bob)
        await until_heard(bob.audio, lambda a: a > LOUD, 500)


async def test_volumes_scale(running: Running) -> None:
    """Of one who speaks for all, of one who listens for itself: -50 is a tenth."""
    async with (
        meeting(running, "ada", Tone(500)) as ada,
        meeting(running, "bob", receive="audio") as bob,
        meeting(running, "cy", receive="audio") as cy,
    ):
        for call in (ada, bob, cy):
            await call.dial(ROOM)
        (full,) = await until_heard(bob.audio, lambda a: a > 4000, 500)
        await ask(ada, "call.speaker.volume.set", bob, volume=-50)
        (soft,) = await until_heard(bob.audio, lambda a: a < 0.2 * full, 500)
        assert soft > 0.05 * full
        assert (await listen(cy.audio, 500))[0] > 0.8 * full
        await ask(ada, "call.speaker.volume.set", bob, volume=0)
        await ask(bob, "call.microphone.volume.set", ada, volume=-50)
        for call in (bob, cy):
            (soft,) = await until_heard(call.audio, lambda a: 0.05 * full < a < 0.2 * full, 500)


async def test_sensitivity_decides_what_is_speech(running: Running) -> None:
    """An insensitive microphone passes on nothing that is not loud."""
    async with (
        meeting(running, "ada", Tone(500, amplitude=1000)) as ada,
        meeting(running, "bob", receive="audio") as bob,
    ):
        await ada.dial(ROOM)
        await bob.dial(ROOM)
        await until_heard(bob.audio, lambda a: a > 400, 500)
        await ask(ada, "call.microphone.sensitivity.set", sensitivity=0)
        await until_heard(bob.audio, lambda a: a < QUIET, 500)
        await ask(ada, "call.microphone.sensitivity.set", sensitivity=60)
        await until_heard(bob.audio, lambda a: a > 400, 500)


async def test_who_talks_is_told(running: Running) -> None:
    """By how loud it is; a muted one does not talk."""
    async with (
        meeting(running, "ada", Tone(500)) as ada,
        meeting(running, "bob", receive="audio") as bob,
    ):
        await bob.dial(ROOM)
        await ada.dial(ROOM)
        talking = (await bob.client.event("member.talking"))["member"]
        assert (talking["member_id"], talking["talking"]) == (ada.member_id, True)
        await ask(ada, "call.mute", channels=["audio"])
        talking = (await bob.client.event("member.talking"))["member"]
        assert (talking["member_id"], talking["talking"]) == (ada.member_id, False)


async def test_nobody_hears_a_device_of_their_own(running: Running) -> None:
    """A second microphone is heard by the others."""
    from aiortc import RTCConfiguration, RTCPeerConnection

    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    connection.addTransceiver(Tone(700), direction="sendonly")
    async with (
        meeting(running, "ada", Tone(500)) as ada,
        meeting(running, "bob", Tone(1100)) as bob,
    ):
        await ada.dial(ROOM)
        await bob.dial(ROOM)
        device = Caller(ada.client, connection)
        parent = {"memberCallId": ada.call_id}
        await device.dial(ROOM, additionalDevice=True, userVariables=parent)
        await until_heard(bob.audio, lambda a, b: a > LOUD and b > LOUD, 500, 700)
        _, own = await until_heard(ada.audio, lambda a, _: a > LOUD, 1100, 700)
        assert own < QUIET
        await connection.close()
