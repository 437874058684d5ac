"""What the page sends is checked; the two halves of the protocol agree."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sw_notebook import Call, _page
from sw_notebook._page import PageMessageError, parse
from sw_notebook.status import STATUSES

TWIN = (Path(__file__).parent.parent / "js" / "src" / "protocol.ts").read_text()

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
KINDS = ["view", "request", "act", "event", "nonsense"]
TYPES = ["accepted", "status", "dialled", "directions", "media", "muted", "error", "ended", "log"]
words = st.sampled_from([*KINDS, *TYPES, "dial", "hangup", "set", "mute", "audio", "credential"])
NAMES = """
    kind page count id what act name value media muted seq time attempt event type status raw
    reason cause cause_code pasted_token directions side level text fatal
"""
names = st.sampled_from(NAMES.split())
likely = st.recursive(
    plain | words,
    lambda inner: st.dictionaries(names, inner, max_size=8),
    max_leaves=12,
)


@given(plain | likely)
def test_no_message_raises_anything_else(content: Any) -> None:
    """Whatever comes, it is a value or a PageMessageError."""
    with contextlib.suppress(PageMessageError):
        parse(content)


@given(st.dictionaries(names, likely), st.sampled_from(KINDS), st.sampled_from(TYPES))
def test_no_near_miss_raises_anything_else(fields: Any, kind: str, type: str) -> None:
    """Messages that are nearly right are refused in words, too."""
    event = {**fields, "type": type}
    with contextlib.suppress(PageMessageError):
        parse(
            {**fields, "kind": kind, "page": "p", "seq": 1, "time": 1, "attempt": 1}
            | {"event": event}
        )


@given(likely)
def test_a_call_survives_every_message(content: Any) -> None:
    """And so does the call that receives it."""
    call = Call("/public/echo", token="a.b.c")
    call._exchange.receive(content)
    call.close()


def test_long_text_is_cut() -> None:
    """A page cannot fill the kernel's memory with one line."""
    event = {"type": "log", "level": "info", "text": "x" * 100_000}
    found = parse({"kind": "event", "page": "p", "seq": 1, "time": 1, "attempt": 1, "event": event})
    assert isinstance(found, _page.Event)
    assert len(found.data["text"]) == 4096


def test_errors_quote_nothing() -> None:
    """What was wrong is named, what was sent is not."""
    with pytest.raises(PageMessageError) as refused:
        parse({"kind": "event", "page": "p", "event": {"type": "s3cr3t"}})
    assert "s3cr3t" not in str(refused.value)


def members(declaration: str) -> set[str]:
    """The string literals of a union type in protocol.ts."""
    found = re.search(rf"export type {declaration} =(.*?);", TWIN, re.DOTALL)
    assert found, declaration
    return set(re.findall(r'"([^"]+)"', found[1]))


def test_statuses_directions_and_reasons_are_the_same() -> None:
    """The literals of both halves are equal."""
    assert members("Status") == STATUSES
    assert members("Direction") == _page._DIRECTIONS
    assert members("EndReason") == _page._END_REASONS


def test_the_protocol_version_is_the_same() -> None:
    """Both halves speak the same version."""
    assert f"export const PROTOCOL = {_page.PROTOCOL};" in TWIN


def test_every_synced_trait_is_declared() -> None:
    """The page's Traits are exactly the synced traits that are not the host's own."""
    found = re.search(r"export interface Traits \{(.*?)\n\}", TWIN, re.DOTALL)
    assert found
    declared = set(re.findall(r"^  (\w+)\??:", found[1], re.MULTILINE))
    host = {"layout", "tabbable", "tooltip", "_dom_classes", "_esm", "_anywidget_id"}
    host |= {f"_{side}_{what}" for side in ("model", "view") for what in ("module", "name")}
    host |= {"_model_module_version", "_view_module_version", "_view_count"}
    assert set(Call("/public/echo").traits(sync=True)) - host == declared
