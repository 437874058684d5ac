"""Whatever a member of a room says, the space answers, and another member talks on.

Both are in the room with media.  What ends calls is said in a second call, which has a room to
itself: from there the other member must not be reached.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sw_notebook.signaling.verto import invite_params, request_params

from .client import Caller, Refused
from .meeting import Tone, ask, meeting
from .test_fuzz import ACTIONS, METHODS, PARAMETERS, WRONG, judge, patient, spoil

ROOM, ASIDE = "/public/fuzz", "/public/fuzz-aside"
# Call ids; the members are known only when they are there.
HERE, THEIRS, AWAY, NOBODY = "here", "theirs", "away", "nobody"
OFFER = "the offer"

ENDING = ("call.end", "call.member.remove")
MODIFY = tuple(f"verto.modify {action}" for action in ACTIONS)
FINAL = (*ENDING, "verto.bye", "verto.invite", "verto.modify transfer", "verto.modify updateMedia")
NAMES = (*METHODS, *MODIFY, "verto.answer", "verto.bye", "verto.info", "verto.invite")
NAMES = (*NAMES, "verto.pong", "verto.subscribe")
NEVER = {"call.nonsense", "verto.modify nonsense", "verto.answer"}
"""What a call that is up in a room has no use for."""


def member(call_id: str) -> str:
    """What stands for the id of that call's member."""
    return f"member of {call_id}"


def callers(name: str) -> tuple[str, ...]:
    """The calls in which a method is said."""
    return (AWAY if name in FINAL else HERE, THEIRS, NOBODY)


def targets(name: str) -> tuple[str, ...]:
    """The members whom a method is about: those of its own room first, then others."""
    return (AWAY, THEIRS, NOBODY) if name in FINAL else (HERE, THEIRS, AWAY, NOBODY)


def request(name: str, call_id: str, target: str) -> tuple[str, dict[str, Any]]:
    """A good request, as the typed messages are."""
    if name.startswith("call."):
        me = {"node_id": "n", "call_id": call_id, "member_id": member(call_id)}
        wanted = [{"target": {**me, "member_id": member(target)}, "position": "standard-1"}]
        more = {**PARAMETERS, "positions": {member(target): "auto"}}
        return name, {"self": me, "targets": wanted, **more}
    method, _, action = name.partition(" ")
    params: dict[str, Any] = {"dialogParams": {"callID": call_id}}
    match method, action:
        case "verto.invite", _:
            params = invite_params(call_id, ASIDE, OFFER)
            params["dialogParams"]["attach"] = True
        case "verto.modify", "transfer":
            params |= {"action": action, "destination": "/public/silence"}
        case "verto.modify", "updateMedia":
            params |= {"action": action, "sdp": OFFER}
        case "verto.modify", _:
            params |= {"action": action}
        case "verto.bye", _:
            params |= {"cause": "NORMAL_CLEARING", "causeCode": 16}
        case "verto.answer", _:
            params |= {"sdp": OFFER}
        case "verto.info", _:
            params |= {"dtmf": "12#"}
        case "verto.pong", _:
            params |= {"serno": 1}
        case "verto.subscribe", _:
            params |= {"eventChannel": ["a"]}
    return "webrtc.verto", request_params(method, params, call_id=call_id)


def readable(params: dict[str, Any]) -> bool:
    """Whether it is JSON; what is not comes back without an id, as another test sees."""
    try:
        json.dumps(params, allow_nan=False)
    except ValueError:
        return False
    return True


WRONG_HERE = st.one_of(
    WRONG,
    st.sampled_from([member(HERE), member(THEIRS), member(AWAY), "grid-responsive", "1x1"]),
    st.sampled_from(["full-screen", "off-canvas", "standard-0", "reserved-99", "standard-100"]),
    st.sampled_from([0, 50, -50, 100, [], ["video"], ["audio", "audio"], [member(THEIRS)] * 2]),
)
"""As the fuzz without rooms has it, and what makes sense elsewhere in a room."""

Said = tuple[str, str, dict[str, Any]]


@st.composite
def said(draw: st.DrawFn) -> Said:
    """A request by its name, right or with up to three members missing or wrong."""
    name = draw(st.sampled_from(NAMES))
    call_id = draw(st.sampled_from(callers(name)))
    method, params = request(name, call_id, draw(st.sampled_from(targets(name))))
    return name, method, spoil(draw, params, draw(st.integers(0, 3)), WRONG_HERE)


def rightly() -> Iterator[Said]:
    """Each method, from each call and about each member."""
    for name in NAMES:
        for call_id in callers(name):
            yield name, *request(name, call_id, call_id)
        for target in targets(name) if name in METHODS else ():
            yield name, *request(name, callers(name)[0], target)


def drawn(count: int) -> list[Said]:
    """So many requests, drawn before any call is up: media must not use the random numbers."""
    found = []

    @settings(max_examples=count, database=None)
    @given(said())
    def draw(words: Said) -> None:
        if readable(words[2]):
            found.append(words)

    draw()
    return found


class Offender:
    """A member who says anything.

    Args:
        call: with media, in the room.
        other: another member.
    """

    def __init__(self, call: Caller, other: Caller) -> None:
        self.results: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self._client = call.client
        self._offer = call.connection.localDescription.sdp
        self._members = {HERE: call.member_id, THEIRS: other.member_id, AWAY: "", NOBODY: NOBODY}

    async def say(self, name: str, method: str, params: dict[str, Any]) -> None:
        """Say it, and judge the answer."""
        if name in FINAL:
            await self._be_away()
        number = str(uuid.uuid4())
        frame = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        text = json.dumps(frame).replace(json.dumps(OFFER), json.dumps(self._offer))
        for call_id, member_id in self._members.items():
            text = text.replace(json.dumps(member(call_id)), json.dumps(member_id))
        async with asyncio.timeout(20):
            answer = await self._client.reply_to(text, number)
        judge(answer)
        if "result" in answer:
            self.results[name] += 1
            await self._hang_up(answer["result"])
        else:
            self.refusals[answer["error"]["message"]] += 1

    async def _be_away(self) -> None:
        """Have the second call up, which what was said before may have ended."""
        me = {"node_id": "n", "call_id": AWAY, "member_id": self._members[AWAY]}
        try:
            await self._client.rpc("call.layout.list", {"self": me})
        except Refused:
            self._client.events = asyncio.Queue()
            made = await self._client.invite(ASIDE, self._offer, AWAY)
            self._members[AWAY] = made["memberID"]
            async with asyncio.timeout(20):
                while (await self._client.event("call.joined"))["call_id"] != AWAY:
                    pass

    async def _hang_up(self, result: dict[str, Any]) -> None:
        """End a call that was made: most are not the second one."""
        made = result.get("result", {}).get("result", {})
        if made.get("message") == "CALL CREATED":
            with contextlib.suppress(Refused):  # it may be over by itself
                await self._client.bye(made["callID"])


async def talks_on(call: Caller) -> None:
    """See that a member is there as before: it hears, it mutes, and it dials."""
    assert await call.audio.recv()
    for method, muted in (("call.mute", True), ("call.unmute", False)):
        call.client.events = asyncio.Queue()
        await ask(call, method, channels=["audio"])
        changed = (await call.client.event("member.updated"))["member"]
        assert (changed["member_id"], changed["audio_muted"]) == (call.member_id, muted)
    await ask(call, "call.unlock")
    offer = call.connection.localDescription.sdp
    made = await call.client.invite("/public/no-answer", offer, "another")
    assert made["message"] == "CALL CREATED"
    await call.client.bye("another")


async def test_a_member_can_say_anything() -> None:
    """Each method is reached, in the room, and nobody else is thrown out or left without answer."""
    space, words = patient(), [*rightly(), *drawn(120)]
    async with (
        space,
        meeting(space, "bob", Tone(400)) as bob,
        meeting(space, "eve", Tone(700)) as eve,
    ):
        bob.call_id, eve.call_id = THEIRS, HERE
        await bob.dial(ROOM)
        await eve.dial(ROOM)
        offender = Offender(eve, bob)
        for one in words:
            try:
                await offender.say(*one)
            except Exception as error:
                error.add_note(f"after {one!r:.1000}")
                raise
        assert set(offender.results) >= set(NAMES) - NEVER
        assert offender.refusals["CALL DOES NOT EXIST"] > len(NAMES)
        assert offender.refusals["no such member in this call"] > len(METHODS) // 2
        for call in (bob, eve):
            await talks_on(call)
        up = {leg["call_id"]: leg for leg in await asyncio.to_thread(space.legs)}
        assert (up[THEIRS]["state"], up[THEIRS]["media"]) == ("answered", "connected")
        assert space.log_file is not None
        assert "Traceback" not in await asyncio.to_thread(space.log_file.read_text)
