"""Simulated telephones: early media, the menu, digits, and who may call them."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest
from aiortc import RTCSessionDescription

from sw_notebook.signaling.jsonrpc import CALL_ERROR, FORBIDDEN
from sw_notebook.space import LoopbackSpace
from sw_notebook.space.media.phone import DIGITS

from .client import Caller, Refused, caller, with_mids
from .media.test_line import RATE, pitch, sound
from .running import Running

NUMBER = "+15551234567"


async def reach(call: Caller, destination: str = NUMBER) -> None:
    """Dial, and connect to what is heard before the answer."""
    await call.connection.setLocalDescription(await call.connection.createOffer())
    offer = call.connection.localDescription.sdp
    await call.client.invite(destination, offer, call.call_id)
    early = (await call.client.event("verto.media"))["sdp"]
    await call.connection.setRemoteDescription(
        RTCSessionDescription(with_mids(early, offer), "answer")
    )


async def press(call: Caller, digits: str) -> None:
    """Press digits."""
    params = {"dialogParams": {"callID": call.call_id}, "dtmf": digits}
    await call.client.verto("verto.info", params, call.call_id)


def strongest(samples: Any) -> set[int]:
    """Return the two strongest frequencies of the keypad that are heard."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 1 << 17))
    known = sorted({frequency for pair in DIGITS.values() for frequency in pair})
    loud = sorted(known, key=lambda f: -spectrum[round(f * (1 << 17) / RATE)])
    return set(loud[:2])


async def hears(call: Caller, digit: str) -> None:
    """Wait until the caller hears this digit's tones."""
    async with asyncio.timeout(5):
        while strongest(await sound(call.audio, 5)) != set(DIGITS[digit]):
            pass


async def test_it_rings_before_it_answers_and_plays_digits_back(running: Running) -> None:
    """Ringing is heard first; the answer brings no second description; 9 leads to the bars."""
    token = running.token_of("ada", scope=("call:pstn",))
    async with caller(running, receive="audio", token=token) as call:
        await reach(call)
        assert pitch(await sound(call.audio, 25)) in (
            pytest.approx(440, abs=5),
            pytest.approx(480, abs=5),
        )
        answer = await call.client.event("verto.answer")
        assert "sdp" not in answer
        await press(call, "5")
        await hears(call, "5")
        await press(call, "9")
        async with asyncio.timeout(5):
            while pitch(await sound(call.audio, 25)) != pytest.approx(440, abs=2):
                pass
        (leg,) = await asyncio.to_thread(running.legs)
        assert leg["destination"] == "/public/bars"


async def test_zero_hangs_up(running: Running) -> None:
    """A SIP address of any host is a simulated telephone, too, and needs no permission."""
    async with caller(running, receive="audio") as call:
        await reach(call, "sip:bob@example.com")
        await call.client.event("verto.answer")
        await press(call, "0")
        bye = await call.client.event("verto.bye")
        assert (bye["cause"], bye["causeCode"]) == ("NORMAL_CLEARING", 16)


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [
        (NUMBER, FORBIDDEN, "may not call telephone numbers; give it the scope call:pstn"),
        ("+442071234567", CALL_ERROR, "no such number"),
        ("sip:nobody", CALL_ERROR, "no such destination"),
        ("sip:\ud800@x", CALL_ERROR, "no such destination"),
        ("sip:x@\udfff", CALL_ERROR, "no such destination"),
    ],
)
async def test_what_cannot_be_called(running: Running, number: str, code: int, words: str) -> None:
    """It is refused, and why."""
    async with caller(running, receive="audio") as call:
        with pytest.raises(Refused, match=words) as refused:
            await reach(call, number)
        assert refused.value.code == code


async def test_a_token_that_names_a_number_may_call_it(running: Running) -> None:
    """That number and no other."""
    token = running.token_of("ada", allowed=(NUMBER,))
    async with caller(running, receive="audio", token=token) as call:
        with pytest.raises(Refused):
            await reach(call, "+15557654321")
        await reach(call)


def test_a_token_of_the_space_allows_numbers_unless_told_otherwise(space: LoopbackSpace) -> None:
    """As the scope says, which the platform's REST API takes, too."""
    assert space.token("ada").claims["scope"] == ["call:pstn"]
    assert space.token("ada", pstn=False).claims["scope"] == []
