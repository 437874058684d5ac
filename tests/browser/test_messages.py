"""Whatever the kernel sends, and however much of it, the page lives on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from playwright.sync_api import expect

from sw_notebook import LoopbackSpace

from .kernel_messages import CREDENTIAL, PAGE, messages
from .notebook import Notebook
from .waiting import expect_no_leg, expect_nothing_left
from .widget import Widget


def dialled(attempt: int) -> list[Any]:
    """All that a page needs to dial an attempt that nobody began."""
    ours = {"page": PAGE, "attempt": attempt}
    dial = {"command": "dial", "destination": "/public/echo", "options": {"video": True}}
    rest = {"ice": {"relay_only": False}, "pasted_token": False, "asks_key": False}
    return [
        {"kind": "command", **ours, **dial, **rest},
        {"kind": "credential", **ours, "result": CREDENTIAL},
    ]


@pytest.fixture
def call(notebook: Notebook) -> Widget:
    """A call whose kernel keeps the names of what the page reports."""
    notebook.run("from sw_notebook import LoopbackSpace")
    call = Widget(notebook, "'/public/echo', token=LoopbackSpace().token('bob')")
    notebook.run(
        "reported = set()\n"
        "take = call._exchange._event\n"
        "def event(event): reported.add(event.type); take(event)\n"
        "call._exchange._event = event"
    )
    return call


def send(call: Widget, batch: list[Any]) -> None:
    """Let the kernel send these to the page; what it throws then fails the test."""
    call.notebook.run(
        f"import json\nbatch = json.loads({json.dumps(batch)!r})\n"
        "(page,) = call._exchange._shown\n"
        "credential = call._exchange._credential(None)[0]\n"
        "for content in batch:\n"
        f"    if content.get('page') == {PAGE!r}: content['page'] = page\n"
        f"    if content.get('result') == {CREDENTIAL!r}: content['result'] = credential\n"
        "    call._post(content, [])"
    )
    assert call.notebook.page_errors == []


def expect_called_off(call: Widget, space: LoopbackSpace) -> None:
    """Hang up the call that the kernel knows of, and see that there is no other."""
    call.notebook.run("call.hangup()\nif call.attempt: await call.wait_for('ended', timeout=15)")
    expect_nothing_left(call.page, space)
    expect(call.dial).to_be_enabled()
    assert call.notebook.page_errors == []


def test_no_message_of_the_kernel_opens_the_page(call: Widget, space: LoopbackSpace) -> None:
    """Told to dial or to listen by nobody, it is called off: no device and no leg stays."""

    @settings(max_examples=12, suppress_health_check=list(HealthCheck))
    @given(st.lists(messages, max_size=20))
    @example(dialled(1))
    @example(dialled(-1))
    @example(dialled(2**53 - 1))
    def idle(batch: list[Any]) -> None:
        send(call, batch)
        expect_called_off(call, space)

    idle()
    assert call.ask("'accepted' in reported")
    call.connect()
    call.hang_up.click()
    call.expect_ended()


def test_no_message_of_the_kernel_keeps_a_call_up(call: Widget, space: LoopbackSpace) -> None:
    """A call in which they come can be hung up, and the page dials afterwards as before."""

    @settings(max_examples=10, suppress_health_check=list(HealthCheck))
    @given(st.lists(messages, max_size=20))
    def connected(batch: list[Any]) -> None:
        call.connect()
        send(call, batch)
        expect_called_off(call, space)

    connected()
    call.connect()
    call.hang_up.click()
    call.expect_ended()


def test_no_message_of_the_kernel_answers_for_good(
    call: Widget, notebook: Notebook, space: LoopbackSpace
) -> None:
    """A page that somebody rings can be hung up, too, and be rung again."""
    Widget(notebook, "'/private/bob', space='loopback'", name="alice")
    ring = (
        "call.listen(); await call.wait_for('listening', timeout=10)\n"
        "alice.dial(); await call.wait_for('ringing', timeout=10)"
    )

    @settings(max_examples=8, suppress_health_check=list(HealthCheck))
    @given(st.lists(messages, max_size=20))
    def rung(batch: list[Any]) -> None:
        notebook.run(ring)
        send(call, batch)
        notebook.run("alice.hangup(); await alice.wait_for('ended', timeout=15)")
        expect_called_off(call, space)

    rung()
    notebook.run(f"{ring}\nawait call.answer(); alice.hangup()")
    expect_called_off(call, space)


def test_a_message_of_five_mebibytes(notebook: Notebook, space: LoopbackSpace) -> None:
    """In either direction it arrives, is cut, and holds nothing up."""
    call = Widget(notebook, "'/public/silence', space='loopback'")
    call.connect()
    notebook.run(
        "text = 'kernel ' + 'x' * (5 << 20)\n"
        "line = {'index': 10_000, 'time': 1.0, 'level': 'info', 'text': text}\n"
        "call._post({'kind': 'lines', 'lines': [line]}, [])"
    )
    expect(call.log).to_contain_text("kernel xxx")
    assert len(call.log.inner_text()) < 10_000
    event = {"type": "log", "level": "info", "text": "page " + "x" * (5 << 20)}
    one = {"seq": 1_000, "time": 1.0, "attempt": 1, "event": event}
    call.post(kind="events", events=[one])
    notebook.run(
        "import asyncio\n"
        "while not any(row.text.startswith('page x') for row in call.messages):\n"
        "    await asyncio.sleep(0.02)"
    )
    assert call.ask("max(len(row.text) for row in call.messages)") == 4096
    call.hang_up.click()
    # its own events have lower numbers now, so the page's end is told by nobody: the kernel asks
    notebook.run("call.hangup(); await call.wait_for('ended', timeout=10)")
    expect_no_leg(space)
