"""The call as a value: traits, verbs, waits and records, without a browser."""

from __future__ import annotations

import asyncio
import pickle
import threading
from collections.abc import Callable
from typing import Any, Literal

import ipywidgets
import pytest
import traitlets

from sw_notebook import (
    Call,
    CallEnded,
    CallError,
    CallInProgressError,
    CallTimeoutError,
    DestinationError,
    MissingExtraError,
    NoPageError,
    SpaceError,
    Token,
    TokenError,
    _exchange,
)
from sw_notebook import call as call_module
from sw_notebook._traits import CallTraits

from .paper_page import PaperPage

SECRET = "header.payload.s3cr3t-signature"


@pytest.fixture
def call() -> Call:
    """A call that no test here lets leave the process."""
    return Call("/public/echo", token=SECRET)


@pytest.fixture
def page(call: Call) -> PaperPage:
    """A page that shows it."""
    return PaperPage(call)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the five seconds that a page gets pass at once."""
    monkeypatch.setattr(_exchange, "PAGE_TIMEOUT", 0.01)
    monkeypatch.setattr(call_module, "PAGE_TIMEOUT", 0.01)


def test_public_names_are_not_ipywidgets() -> None:
    """Our names hide none of DOMWidget's, but for the two that we override on purpose."""
    own = {name for cls in (Call, CallTraits) for name in vars(cls) if not name.startswith("_")}
    assert own & set(dir(ipywidgets.DOMWidget)) == {"close", "set_state"}


def test_idle_repr_names_destination_and_space() -> None:
    """An idle call says what it would call and where."""
    assert repr(Call("/public/echo")) == "<Call /public/echo idle (loopback space)>"
    assert repr(Call()) == "<Call nowhere idle (loopback space)>"


def test_repr_counts_the_time_in_the_call(call: Call, page: PaperPage) -> None:
    """A call that is up shows minutes and seconds, and keeps them after its end."""
    call.dial()
    page.connect()
    assert repr(call) == "<Call /public/echo connected 00:00 (SignalWire)>"
    page.end()
    assert repr(call) == "<Call /public/echo destroyed after 00:00 (SignalWire)>"


@pytest.mark.parametrize(
    ("keyword", "hint"), [("vidoe", "did you mean 'video'"), ("colour", "there are audio")]
)
def test_unknown_keywords_are_refused_with_a_hint(keyword: str, hint: str) -> None:
    """A typo is a TypeError that names the nearest option."""
    with pytest.raises(TypeError, match=hint):
        Call("/public/echo", **{keyword: True})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "options",
    [{"audio": "yes"}, {"video": 1}, {"receive_video": "no"}, {"stereo": 2}, {"node_id": 3}],
)
def test_wrong_types_are_refused_at_once(options: dict[str, Any]) -> None:
    """An option of the wrong type never reaches the page."""
    with pytest.raises(traitlets.TraitError):
        Call("/public/echo", **options)


def test_statuses_are_read_only(call: Call) -> None:
    """Nobody but the kernel's own bookkeeping writes a status."""
    with pytest.raises(traitlets.TraitError, match="read-only"):
        call.status = "connected"


def test_a_page_cannot_write_traits(call: Call) -> None:
    """A page that tries to write a trait changes nothing."""
    call.set_state({"destination": "/public/elsewhere", "status": "connected"})
    assert (call.destination, call.status) == ("/public/echo", "idle")


def test_the_token_is_held_masked_and_never_synced(call: Call) -> None:
    """Whatever was passed, ``token`` is a masked Token, and no state holds it."""
    assert isinstance(call.token, Token)
    assert "s3cr3t" not in repr(call.token) + repr(call) + str(call.get_state())
    call.token = "another.secret.value"
    assert "another.secret" not in repr(call.token) + str(call.get_state())


def test_a_bad_token_is_refused_without_quoting_it() -> None:
    """A token of the wrong type is named by its type alone."""
    with pytest.raises(TypeError) as refused:
        Call("/public/echo", token=b"s3cr3t")
    assert "bytes" in str(refused.value)
    assert "s3cr3t" not in str(refused.value)
    call = Call("/public/echo")
    with pytest.raises(traitlets.TraitError) as refused_later:
        call.token = b"s3cr3t"
    assert "s3cr3t" not in str(refused_later.value)


def test_token_and_space_exclude_each_other() -> None:
    """Both at once is a mistake that is told at once."""
    with pytest.raises(TypeError, match="exclude each other"):
        Call("/public/echo", token=SECRET, space="loopback")


def test_the_token_box_is_shown_only_without_a_token() -> None:
    """Given a token or a space there is nothing to paste; an empty token asks for one."""
    assert Call("/public/echo", token=SECRET).token_box == "hidden"
    assert Call("/public/echo", space="loopback").token_box == "hidden"
    assert Call("/public/echo").token_box == "optional"
    assert Call("/public/echo", token="").token_box == "required"


def test_dial_sends_the_command_to_the_page_that_shows_the_call(
    call: Call, page: PaperPage
) -> None:
    """The page gets destination and options, and absent options are absent."""
    call.video = True
    call.dial()
    (command,) = page.commands("dial")
    assert command["destination"] == "/public/echo"
    assert command["options"] == {"video": True, "receiveVideo": True}
    assert command["attempt"] == 1
    assert "s3cr3t" not in str(command)
    assert (call.status, call.owner) == ("new", "page1")


def test_dial_waits_for_a_page_to_show_the_call(call: Call) -> None:
    """A call that is dialled before it is shown is placed by the page that shows it."""
    call.dial()
    page = PaperPage(call)
    assert len(page.commands("dial")) == 1


def test_the_page_that_showed_it_last_dials(call: Call) -> None:
    """Of two pages exactly one gets the command."""
    first, second = PaperPage(call, "page1"), PaperPage(call, "page2")
    call.dial()
    assert (len(first.commands("dial")), len(second.commands("dial"))) == (0, 1)


def test_a_click_dials_in_the_page_that_was_clicked(call: Call) -> None:
    """The person's own page places the call."""
    first, second = PaperPage(call, "page1"), PaperPage(call, "page2")
    first.act("dial", pasted_token=False)
    assert (len(first.commands("dial")), len(second.commands("dial"))) == (1, 0)


def test_every_status_is_recorded_in_order(call: Call, page: PaperPage) -> None:
    """History, messages and observers agree on what happened."""
    seen: list[str] = []
    call.observe(lambda change: seen.append(change["new"]), "status")
    call.dial()
    page.connect()
    page.status("disconnecting")
    page.end()
    expected = ["new", "trying", "connecting", "connected", "disconnecting", "destroyed"]
    assert seen == expected
    assert [row.status for row in call.history] == expected
    assert [row.text for row in call.messages if row.text.startswith("Status")] == [
        *(f"Status: {status}" for status in expected[1:-1]),
        "Status: destroyed (hung up)",
    ]
    assert all(row.seconds >= 0 and row.attempt == 1 for row in call.history)


def test_a_final_status_stays(call: Call, page: PaperPage) -> None:
    """What comes after the end is not a status of that attempt any more."""
    call.dial()
    page.event("accepted")
    page.end("error", "failed")
    page.status("destroyed", "connected")
    assert call.status == "failed"


def test_call_id_directions_and_media_follow_the_page(call: Call, page: PaperPage) -> None:
    """What the page reports about the call becomes traits, and a new dial clears them."""
    call.dial()
    page.connect()
    page.event("directions", directions={"audio": "sendrecv", "video": "recvonly"})
    picture = {"audio": True, "video": True, "width": 640, "height": 360}
    page.event("media", side="remote", media=picture)
    page.event("muted", media="audio", muted=True)
    assert call.call_id == "a-call"
    assert call.media_directions == {"audio": "sendrecv", "video": "recvonly"}
    assert call.remote_media == picture
    assert call.audio_muted
    page.end()
    call.dial()
    assert (call.call_id, call.media_directions, call.audio_muted) == (None, {}, False)


def test_empty_destination_raises_records_and_leaves_the_call_idle(page: PaperPage) -> None:
    """The guide's sentence is logged, and Dial stays possible."""
    call = Call("  ", token=SECRET)
    with pytest.raises(DestinationError, match="Need a token and a destination"):
        call.dial()
    assert (call.status, call.attempt) == ("idle", 0)
    assert call.errors[0].kind == "destination"
    assert call.messages[-1].text.startswith("Need a token and a destination")


def test_empty_token_raises_and_is_recorded(call: Call) -> None:
    """An empty token is told before anything is asked of a page."""
    call.token = " "
    with pytest.raises(TokenError, match="Need a token and a destination"):
        call.dial()
    assert call.errors[0].kind == "token"
    assert call.status == "idle"


def test_a_click_with_nothing_to_dial_raises_nothing(call: Call, page: PaperPage) -> None:
    """From the page the same mistake ends in the log, not in an exception."""
    page.act("set", name="destination", value="")
    page.act("dial", pasted_token=False)
    assert call.messages[-1].text.startswith("Need a token and a destination")


def test_clicks_are_messages_and_the_kernel_writes_the_traits(call: Call, page: PaperPage) -> None:
    """Toggles and the destination box are written by Python."""
    page.act("set", name="video", value=True)
    page.act("set", name="destination", value=" /public/bars ")
    assert (call.video, call.destination, call.destination_kind) == (
        True,
        "/public/bars",
        "resource",
    )


def test_a_second_dial_is_refused_while_the_call_is_up(call: Call, page: PaperPage) -> None:
    """One call at a time: the error names the status and what to do."""
    call.dial()
    page.connect()
    with pytest.raises(CallInProgressError, match="already connected: hang up first"):
        call.dial()
    page.act("dial", pasted_token=False)
    assert len(page.commands("dial")) == 1


def test_hangup_is_safe_at_any_time_and_twice(call: Call, page: PaperPage) -> None:
    """Idle it does nothing, in a call it commands the page once."""
    call.hangup()
    call.dial()
    page.connect()
    call.hangup()
    call.hangup()
    assert len(page.commands("hangup")) == 1
    page.end()
    call.hangup()
    assert call.end_reason == "hung up"


def test_hangup_before_a_page_answered_ends_the_attempt(call: Call, page: PaperPage) -> None:
    """Nothing is waited for, and a page that answers later is called off."""
    call.dial()
    call.hangup()
    assert call.status == "destroyed"
    page.event("accepted")
    assert len(page.commands("hangup")) == 1


def test_mute_needs_a_call(call: Call, page: PaperPage) -> None:
    """Muting nothing is an error; in a call the page is told."""
    with pytest.raises(CallError, match="dial first"):
        call.mute_audio()
    call.dial()
    page.connect()
    call.mute_video()
    call.unmute_video()
    assert [(c["media"], c["muted"]) for c in page.commands("mute")] == [
        ("video", True),
        ("video", False),
    ]


def test_unknown_shapes_are_dialled_with_a_warning(page: PaperPage) -> None:
    """The four shapes are common, not the only ones."""
    call = Call("somewhere else", token=SECRET)
    PaperPage(call)
    call.dial()
    assert call.destination_kind == "address"
    assert any("none of the four common shapes" in row.text for row in call.messages)


async def test_dial_can_be_awaited(call: Call, page: PaperPage) -> None:
    """Awaiting a dial ends at connected."""
    dialling = call.dial()
    waiting = asyncio.ensure_future(_await(dialling))
    await asyncio.sleep(0)
    threading.Thread(target=page.connect).start()  # as ipykernel's subshell does
    assert await waiting == "connected"


@pytest.mark.parametrize(("status", "shown"), [("connected", "connecting"), ("ended", "connected")])
def test_a_wait_ends_no_sooner_than_the_traits_say_so(
    call: Call, page: PaperPage, status: Literal["connected", "ended"], shown: str
) -> None:
    """A cell that wakes while another thread still writes the traits does not see older ones."""
    seen = []

    def look(_change: object) -> None:
        before = call.status
        try:
            asyncio.run(call.wait_for(status, timeout=0))
        except CallTimeoutError:
            seen.append(before)

    def look_in_a_cell(change: object) -> None:
        cell = threading.Thread(target=look, args=[change])
        cell.start()
        cell.join()

    call.dial()
    page.event("accepted")
    page.status("trying", "connecting")
    if status == "ended":
        page.status("connected")
    # written just before the status
    call.observe(look_in_a_cell, "connected_time" if status == "connected" else "end_reason")
    if status == "connected":
        page.status("connected")
    else:
        page.end()
    assert seen == [shown]
    assert asyncio.run(call.wait_for(status, timeout=0)) == call.status


async def test_waiting_for_what_was_reached_returns_at_once(call: Call, page: PaperPage) -> None:
    """A call that is connected has passed ringing, in this attempt."""
    call.dial()
    page.connect()
    assert await call.wait_for("ringing") == "connected"
    assert await call.wait_for("trying") == "connected"
    page.end()
    assert await call.wait_for("connected") == "destroyed"
    assert await call.wait_for("ended") == "destroyed"


async def test_a_new_attempt_forgets_what_the_last_one_reached(call: Call, page: PaperPage) -> None:
    """wait_for regards the current attempt only."""
    call.dial()
    page.connect()
    page.end()
    call.dial()
    with pytest.raises(CallTimeoutError, match="the call is new, not connected"):
        await call.wait_for("connected", timeout=0.01)


async def test_an_attempt_that_ends_otherwise_raises_with_advice(
    call: Call, page: PaperPage
) -> None:
    """CallEnded carries kind, reason and advice."""
    call.dial()
    page.event("accepted")
    refused = "no such destination (-32002)"
    page.event(
        "error", error_kind="destination", name="CallCreateError", message=refused, fatal=True
    )
    page.end("error", "failed")
    with pytest.raises(CallEnded) as ended:
        await call.wait_for("connected")
    assert (ended.value.kind, ended.value.status) == ("destination", "failed")
    assert "allowed_addresses" in ended.value.advice
    assert refused in str(ended.value)
    assert call.messages[-2].text.startswith("dial() rejected: CallCreateError — no such")
    assert pickle.loads(pickle.dumps(ended.value)).advice == ended.value.advice


@pytest.mark.parametrize("created", [False, True])
async def test_a_dial_that_nobody_takes_was_rejected(
    call: Call, page: PaperPage, created: bool
) -> None:
    """Whether the SDK had made its call before the far side refused it, the log says the same."""
    call.dial()
    page.event("accepted")
    if created:
        page.event("dialled", call_id="a-call")
    page.event("error", error_kind="remote", name="UserBusy", message="is busy", fatal=True)
    page.end("error", "failed")
    assert call.messages[-2].text.startswith("dial() rejected: UserBusy — is busy")


async def test_timeouts_carry_the_last_status(call: Call, page: PaperPage) -> None:
    """A timeout is a TimeoutError, and the call goes on."""
    call.dial()
    page.event("accepted")
    page.status("trying")
    with pytest.raises(TimeoutError) as late:
        await call.wait_for("connected", timeout=0.01)
    assert isinstance(late.value, CallTimeoutError)
    assert late.value.status == "trying"
    assert call.status == "trying"


async def test_unknown_statuses_are_refused_with_a_hint(call: Call) -> None:
    """A typo in wait_for does not wait for ever."""
    with pytest.raises(ValueError, match="did you mean 'connected'"):
        await call.wait_for("conected")  # type: ignore[arg-type]


@pytest.mark.usefixtures("impatient")
async def test_no_page_is_an_error_that_says_what_to_do(call: Call) -> None:
    """dial() and wait_for() end where nothing shows the call."""
    with pytest.raises(NoPageError, match="show the call in a cell"):
        await call.dial()
    assert call.status == "failed"
    assert call.errors[0].kind == "page"
    with pytest.raises(NoPageError):
        await call.wait_for("connected")
    with pytest.raises(NoPageError):
        await Call("/public/echo", token=SECRET).wait_for("connected")


@pytest.mark.usefixtures("impatient")
async def test_a_page_that_vanished_does_not_keep_the_call_up(call: Call, page: PaperPage) -> None:
    """A hang-up that no page confirms ends the attempt all the same."""
    call.dial()
    page.connect()
    call.hangup()
    assert await call.wait_for("ended", timeout=5) == "destroyed"
    assert call.end_reason == "its page did not answer"


def test_the_far_sides_bye_is_told_with_its_cause(call: Call, page: PaperPage) -> None:
    """The end reason names who hung up and why."""
    call.dial()
    page.connect()
    page.end("remote", cause="NORMAL_CLEARING", cause_code=16)
    assert call.end_reason == "the far side hung up (NORMAL_CLEARING 16)"


def test_lost_and_repeated_events_are_noticed(call: Call, page: PaperPage) -> None:
    """Events are numbered: a gap is said in the log, a repeated or late one changes nothing."""
    call.dial()
    page.event("accepted", seq=1)
    page.event("status", status="trying", raw="trying", seq=4)
    assert any("2 events of the page did not arrive" in row.text for row in call.messages)
    page.event("status", status="connected", raw="connected", seq=4)
    assert call.status == "trying"
    said = len(call.messages)
    page.event("status", status="connected", raw="connected", seq=2)  # it was missed already
    assert (call.status, len(call.messages)) == ("trying", said)
    page.event("status", status="ringing", raw="ringing", seq=5)
    assert (call.status, call.messages[-1].text) == ("ringing", "Status: ringing")


@pytest.mark.parametrize(
    "content",
    [
        None,
        "text",
        [],
        {},
        {"kind": "view"},
        {"kind": "teleport"},
        {"kind": "view", "count": -1},
        {"kind": "request", "id": "one", "what": "messages"},
        {"kind": "events", "events": [{"seq": 1, "time": float("nan"), "attempt": 1, "event": {}}]},
        {
            "kind": "events",
            "events": [{"seq": 1, "time": 1, "attempt": 1, "event": {"type": "status"}}],
        },
        {
            "kind": "events",
            "events": [{"seq": 1, "time": 10**400, "attempt": 1, "event": {"type": "accepted"}}],
        },
        {
            "kind": "events",
            "events": [{"seq": 1, "time": 1e12, "attempt": 1, "event": {"type": "accepted"}}],
        },
        {"kind": "events", "events": {}},
        {"kind": "events", "events": [None]},
        {"kind": "act", "act": "set", "name": "token", "value": "x"},
    ],
)
def test_bad_messages_change_nothing(call: Call, page: PaperPage, content: Any) -> None:
    """Whatever a page sends, the call goes on and the log says what was wrong."""
    call.dial()
    page.connect()
    if isinstance(content, dict):
        content = {"page": "page1", **content}
    call._exchange.receive(content)
    assert call.status == "connected"
    assert "was dropped" in call.messages[-1].text


def test_an_observer_that_raises_does_not_stop_the_call(call: Call, page: PaperPage) -> None:
    """A fault in the user's observer is told in the log, and the statuses go on."""

    def broken(change: dict[str, Any]) -> None:
        raise RuntimeError("oh")

    call.observe(broken, "status")
    call.dial()
    page.connect()
    assert call.status == "connected"
    assert any("An observer of status raised RuntimeError: oh" in r.text for r in call.messages)


def test_the_application_is_sent_once_it_is_asked_for(call: Call, page: PaperPage) -> None:
    """The chunk goes as a buffer, never as a trait."""
    page.say(kind="request", id=7, what="application")
    assert page.sent[-1]["result"] == {"hash": call.application}
    assert len(page.buffers[-1][0]) > 100_000
    state = call.get_state()
    assert len(str({**state, "_esm": ""})) < 6_000  # the loader's size has a limit of its own


def test_a_page_that_opens_gets_the_log(call: Call, page: PaperPage) -> None:
    """The backlog is the last lines."""
    call.dial()
    page.say(kind="request", id=1, what="messages")
    assert page.sent[-1]["result"]["messages"][0]["text"] == "Dialing /public/echo..."


def test_the_token_goes_to_the_page_that_dials_and_to_no_other(
    call: Call, page: PaperPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It follows the command, and comes once."""
    monkeypatch.setattr(_exchange, "spawn", lambda work, name: work())
    stranger = PaperPage(call, "page2")
    page.show()
    call.dial()
    command, token = [row for row in stranger.sent if row["kind"] in ("command", "credential")]
    assert (command["page"], command["command"]) == ("page1", "dial")
    assert (token["page"], token["attempt"], token["result"]["token"]) == ("page1", 1, SECRET)


@pytest.mark.parametrize("what", ["over", "another page's"])
def test_a_token_that_comes_too_late_stays_here(
    call: Call, page: PaperPage, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Making it may take its time, and nobody is sent one in vain."""
    made: list[Callable[[], None]] = []
    monkeypatch.setattr(_exchange, "spawn", lambda work, name: made.append(work))
    call.dial()
    if what == "over":
        page.event("accepted")
        page.end()
    else:
        PaperPage(call, "page2")
    made[0]()
    assert "s3cr3t" not in str(page.sent)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TokenError("no token today; ask tomorrow"), "token"),
        (SpaceError("the space is full; stop another"), "space"),
        (MissingExtraError("the loopback space", "media", "aiortc"), "space"),
        (DestinationError("nowhere"), "kernel"),
        (ZeroDivisionError("s3cr3t"), "kernel"),
    ],
)
def test_the_page_learns_whose_fault_it_is(
    error: Exception, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kind chooses the advice; what nobody foresaw is not quoted."""

    def fail(fingerprint: str | None) -> Any:
        raise error

    monkeypatch.setattr(_exchange, "spawn", lambda work, name: work())
    call = Call("/public/echo", token=SECRET)
    monkeypatch.setattr(call, "_credential", fail)
    page = PaperPage(call)
    call.dial()
    (reply,) = [row for row in page.sent if row["kind"] == "credential"]
    assert (reply["error"]["kind"], reply["error"]["name"]) == (kind, type(error).__name__)
    assert "s3cr3t" not in str(reply)


@pytest.mark.parametrize("form", ["function", "coroutine", "broken", "wrong"])
def test_a_function_may_give_the_token(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sync and async functions are called when the page dials; faults are explained."""

    def function() -> Any:
        if form == "broken":
            raise RuntimeError("s3cr3t")
        return 42 if form == "wrong" else SECRET

    async def coroutine() -> str:
        return SECRET

    monkeypatch.setattr(_exchange, "spawn", lambda work, name: work())
    call = Call("/public/echo", token=coroutine if form == "coroutine" else function)
    page = PaperPage(call)
    call.dial()
    (reply,) = [row for row in page.sent if row["kind"] == "credential"]
    if form in ("function", "coroutine"):
        assert reply["result"]["token"] == SECRET
    else:
        assert reply["error"]["kind"] == "token"
        assert "s3cr3t" not in str(reply)


def test_a_token_that_is_bound_to_a_key_waits_for_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page that dials says which, and gets one token for it, however often it says so."""

    def function(fingerprint: str | None) -> str:
        return f"token.for.{fingerprint}"

    monkeypatch.setattr(_exchange, "spawn", lambda work, name: work())
    call = Call("/public/echo", token=function)
    page = PaperPage(call)
    call.dial()
    assert page.commands("dial")[0]["asks_key"] is True
    page.event("accepted")
    assert [row for row in page.sent if row["kind"] == "credential"] == []
    for _ in range(2):
        page.event("key", fingerprint="thumb")
    (reply,) = [row for row in page.sent if row["kind"] == "credential"]
    assert reply["result"]["token"] == "token.for.thumb"


def test_a_key_that_nobody_asked_for_brings_no_token(
    call: Call, page: PaperPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the token is not bound to one, it has been sent already."""
    monkeypatch.setattr(_exchange, "spawn", lambda work, name: work())
    call.dial()
    assert page.commands("dial")[0]["asks_key"] is False
    page.event("accepted")
    page.event("key", fingerprint=None)
    assert len([row for row in page.sent if row["kind"] == "credential"]) == 1


def test_when_its_token_runs_out_is_known(call: Call, page: PaperPage) -> None:
    """The page says it; the next attempt begins anew."""
    assert (call.token_expires_at, call.token_renews) == (None, False)
    call.dial()
    page.event("accepted")
    page.event("token", expires_at=1_790_000_000.5, renews=True)
    assert (call.token_expires_at, call.token_renews) == (1_790_000_000.5, True)
    page.event("token", expires_at=None, renews=False)
    assert (call.token_expires_at, call.token_renews) == (None, False)
    page.event("token", expires_at=7, renews=True)
    call.hangup()
    page.event("status", status="destroyed", raw="destroyed")
    assert call.token_expires_at == 7  # of the last one
    call.dial()
    assert (call.token_expires_at, call.token_renews) == (None, False)


def test_observers_may_use_other_calls(call: Call, page: PaperPage) -> None:
    """Two calls that hang one another up, each from its own thread, are no deadlock."""
    other = Call("/public/echo", token=SECRET)
    other_page = PaperPage(other)
    for one, its_page in ((call, page), (other, other_page)):
        one.dial()
        its_page.connect()
    barrier = threading.Barrier(2, timeout=5)

    def hang_up(which: Call) -> Any:
        def observer(change: dict[str, Any]) -> None:
            if change["new"] == "destroyed":
                barrier.wait()
                which.hangup()

        return observer

    call.observe(hang_up(other), "status")
    other.observe(hang_up(call), "status")
    threads = [threading.Thread(target=one.end, daemon=True) for one in (page, other_page)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()
    assert (call.status, other.status) == ("destroyed", "destroyed")


def test_a_page_that_went_is_replaced_by_one_that_comes(call: Call, page: PaperPage) -> None:
    """A dial that a vanished page does not answer goes to the next page that shows the call."""
    call.dial()
    other = PaperPage(call, "page2")
    assert len(other.commands("dial")) == 1
    page.event("accepted")
    assert len(page.commands("hangup")) == 1
    other.connect()
    assert (call.status, call.owner) == ("connected", "page2")


def test_a_page_that_shows_nothing_any_more_is_not_asked(call: Call, page: PaperPage) -> None:
    """Of two pages the one that is left dials."""
    gone = PaperPage(call, "page2")
    gone.show(0)
    call.dial()
    assert (len(page.commands("dial")), len(gone.commands("dial"))) == (1, 0)


def test_a_page_that_goes_on_after_the_end_is_called_off(call: Call, page: PaperPage) -> None:
    """Whatever it says of a call that is over here, its microphone must not stay open."""
    call.dial()
    page.connect()
    call._end("page closed", "lost")
    before = len(page.commands("hangup"))
    page.event("directions", directions={})
    assert len(page.commands("hangup")) == before + 1
    page.end()
    assert len(page.commands("hangup")) == before + 1


def test_what_is_not_plain_data_is_refused_at_once() -> None:
    """Variables and constraints go to the page as JSON."""
    for bad in ({"x": object()}, {"x": float("nan")}):
        with pytest.raises(traitlets.TraitError, match="plain data"):
            Call("/public/echo", user_variables=bad)


def test_dialing_elsewhere_in_a_call_changes_nothing(call: Call, page: PaperPage) -> None:
    """A refused dial leaves the destination, and the repr names what is really called."""
    call.dial()
    page.connect()
    with pytest.raises(CallInProgressError):
        call.dial("/public/bars")
    assert call.destination == "/public/echo"
    call.destination = "/public/next"
    assert repr(call).startswith("<Call /public/echo connected")


def test_errors_are_bounded(call: Call, page: PaperPage) -> None:
    """A page that reports errors without end fills no memory."""
    call.dial()
    page.event("accepted")
    for number in range(150):
        page.event("error", error_kind="call", name="E", message=str(number), fatal=False)
    assert len(call.errors) == 100
    assert call.errors[-1].message == "149"


def test_close_ends_the_call_and_is_safe_twice(call: Call, page: PaperPage) -> None:
    """A closed call is over in Python too."""
    call.dial()
    page.connect()
    call.close()
    call.close()
    assert (call.status, call.end_reason) == ("destroyed", "the call was closed")
    assert " closed " in repr(call)
    with pytest.raises(CallError, match="make a new Call"):
        call.dial()


async def _await(dialling: Any) -> str:
    result: str = await dialling
    return result
