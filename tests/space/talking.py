"""Two people who talk, for the tests of what becomes of one that the other hands over."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from sw_notebook.strip import Strip

from .client import Client, caller
from .media.test_line import NumberedVideo, Tone, pitch, sound
from .ringing import BOB, cause, nobody_is_left, online, rings
from .running import Running

CAROL = "/private/carol"
HIGH = 1000
"""Hertz of what ada and bob say."""
LOW = 700
"""Hertz of what carol says."""
FRAMES = 100_000
"""What carol's pictures are counted from."""


@dataclass
class Talk:
    """Ada has called bob, and they talk; one of them is to be handed over by the other.

    Args:
        client: of the one who is to be handed over.
        call_id: of that one's call.
        audio: what that one hears.
        video: what that one sees.
        leaves: client and call of the one who hands over.
    """

    client: Client
    call_id: str
    audio: Any
    video: Any
    leaves: tuple[Client, str]

    async def transfer(self, destination: str) -> None:
        """Hand over, and see that the call of who did it is over."""
        signalling, call_id = self.leaves
        done = await signalling.modify(call_id, "transfer", destination=destination)
        assert done["action"] == "transfer"
        assert await cause(signalling, call_id) == ("BLIND_TRANSFER", 800)

    async def ends(self) -> tuple[str, int]:
        """Wait for the end of the call that was handed over, and return why."""
        async with asyncio.timeout(10):
            return await cause(self.client, self.call_id)

    async def press(self, digits: str) -> None:
        """Press digits in the call that was handed over."""
        params = {"dialogParams": {"callID": self.call_id}, "dtmf": digits}
        await self.client.verto("verto.info", params, self.call_id)

    async def hang_up(self) -> None:
        """Hang up the call that was handed over."""
        await self.client.bye(self.call_id)


@contextlib.asynccontextmanager
async def talk(running: Running, *, callee_stays: bool = False) -> AsyncIterator[Talk]:
    """Let ada call bob; ada is to be handed over, or bob."""
    scope = {"scope": ["call:pstn"]}
    async with (
        online(running, "bob", **scope) as bob,
        caller(running, Tone(), NumberedVideo(), token=running.token_of("ada", **scope)) as ada,
    ):
        await ada.client.rpc("subscriber.online", {})
        dialling = asyncio.create_task(ada.dial(BOB))
        async with rings(bob) as callee:
            await callee.answer(Tone(), NumberedVideo())
            await dialling
            ours, theirs = (ada.client, ada.call_id), (bob, callee.call_id)
            its_audio, its_video = callee.track("audio"), callee.track("video")
            call = (
                Talk(*theirs, its_audio, its_video, leaves=ours)
                if callee_stays
                else Talk(*ours, ada.audio, ada.video, leaves=theirs)
            )
            for hears, sees in ((ada.audio, ada.video), (its_audio, its_video)):
                await hear(hears, HIGH)
                await see(sees, lambda strip: strip.frame < FRAMES)
            yield call
            ada.member_id = ""  # its call is over
        await nobody_is_left(running)


async def hear(track: Any, hertz: float) -> None:
    """Wait until this tone is heard."""
    async with asyncio.timeout(10):
        while pitch(await sound(track, 15)) != pytest.approx(hertz, abs=5):
            pass


async def see(track: Any, condition: Callable[[Strip], bool]) -> None:
    """Wait until a picture comes whose strip is like this."""
    async with asyncio.timeout(10):
        while True:
            frame: Any = await track.recv()
            strip = Strip.read(frame.to_ndarray(format="gray"))
            if strip is not None and condition(strip):
                return


def live(strip: Strip) -> bool:
    """Whether it is of a picture that the space has just drawn."""
    return abs(strip.milliseconds - time.time() * 1000) < 5000


def camera() -> NumberedVideo:
    """Return the camera of carol."""
    video = NumberedVideo()
    video.count = FRAMES
    return video


async def legs(running: Running) -> list[dict[str, Any]]:
    """Return the calls of the space."""
    return await asyncio.to_thread(running.legs)
