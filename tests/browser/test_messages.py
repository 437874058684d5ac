"""Whatever the kernel sends, and however much of it, the page lives on."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import expect

from sw_notebook import LoopbackSpace

from .notebook import Notebook
from .waiting import expect_no_leg
from .widget import Widget

PAGE = "(this page)"
"""Stands for the name of the page itself in what is drawn."""

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=6,
)
KINDS = ["command", "reply", "lines", "ping", "nonsense"]
COMMANDS = ["hangup", "mute", "hold", "digits", "transfer", "device", "toString", "nonsense"]
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "page": st.sampled_from([PAGE, "another"]) | plain,
    "command": st.sampled_from(COMMANDS) | plain,
    "attempt": st.integers(0, 3) | plain,
    "id": st.integers(0, 10_000) | plain,
    "media": st.sampled_from(["audio", "video"]) | plain,
    "reason": st.sampled_from(["hangup", "taken over"]) | plain,
    "lines": st.lists(
        st.fixed_dictionaries(
            {
                "index": st.integers(0, 10) | plain,
                "time": st.floats(0, 1e11) | plain,
                "level": st.sampled_from(["info", "error"]) | plain,
                "text": st.text() | plain,
            }
        )
        | plain,
        max_size=4,
    )
    | plain,
} | dict.fromkeys(
    ("result", "error", "muted", "held", "digits", "destination", "constraints"), plain
)
messages = st.fixed_dictionaries(
    {"kind": st.sampled_from(KINDS) | plain}, optional=FIELDS
) | st.dictionaries(st.text(), plain)


def test_no_message_of_the_kernel_stops_the_page(notebook: Notebook, space: LoopbackSpace) -> None:
    """Nothing throws, no device opens, and the call dials afterwards as before."""
    call = Widget(notebook, "'/public/echo', space='loopback'")

    @settings(max_examples=25, suppress_health_check=list(HealthCheck))
    @given(st.lists(messages, max_size=20))
    def send(batch: list[Any]) -> None:
        notebook.run(
            f"import json\nbatch = json.loads({json.dumps(batch)!r})\n"
            "(page,) = call._exchange._shown\n"
            "for content in batch:\n"
            f"    if content.get('page') == {PAGE!r}: content['page'] = page\n"
            "    call._post(content, [])"
        )
        assert notebook.page_errors == []

    send()
    expect(call.dial).to_be_enabled()
    assert call.live_tracks == []
    call.connect()
    send()
    if call.ask("call.status") == "connected":  # a drawn hang-up is as good as any
        notebook.run("call.hangup()")
    call.expect_ended()
    expect_no_leg(space)
    call.connect()
    call.hang_up.click()
    call.expect_ended()
    assert notebook.page_errors == []


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
