"""What the page sends is checked; the two halves of the protocol agree."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sw_notebook import Call, _page
from sw_notebook._page import PageMessageError, parse
from sw_notebook.records import Participant, Rows
from sw_notebook.status import STATUSES

from .page_messages import SHAPES, broken, plain

SOURCES = Path(__file__).parent.parent / "js" / "src"
TWIN = "".join((SOURCES / name).read_text() for name in ("protocol.ts", "traits.ts"))

HOST = {"layout", "tabbable", "tooltip", "_dom_classes", "_esm", "_anywidget_id"}
HOST |= {f"_{side}_{what}" for side in ("model", "view") for what in ("module", "name")}
HOST |= {"_model_module_version", "_view_module_version", "_view_count"}


@given(plain | st.sampled_from(list(SHAPES.values())).flatmap(broken))
def test_no_message_raises_anything_else(content: Any) -> None:
    """Whatever comes, it is a value or a PageMessageError."""
    with contextlib.suppress(PageMessageError):
        parse(content)


def test_long_text_is_cut() -> None:
    """A page cannot fill the kernel's memory with one line."""
    event = {"type": "log", "level": "info", "text": "x" * 100_000}
    one = {"seq": 1, "time": 1, "attempt": 1, "event": event}
    found = parse({"kind": "events", "page": "p", "events": [one, one | {"seq": 2}]})
    assert isinstance(found, _page.Events)
    assert [(each.seq, len(each.data["text"])) for each in found.events] == [(1, 4096), (2, 4096)]


def test_acts_are_understood() -> None:
    """What a person clicked, with what belongs to it."""
    acts: list[dict[str, Any]] = [
        {"act": "dial", "pasted_token": True},
        {"act": "hangup"},
        {"act": "answer"},
        {"act": "reject"},
        {"act": "take over"},
        {"act": "hold", "held": True},
        {"act": "digits", "digits": "12#"},
        {"act": "mute", "media": "video", "muted": False},
        {"act": "set", "name": "destination", "value": "/public/bars"},
        {"act": "set", "name": "audio", "value": False},
    ]
    assert [parse({"kind": "act", "page": "p", **act}) for act in acts] == [
        _page.Act("p", "dial", pasted_token=True),
        _page.Act("p", "hangup"),
        _page.Act("p", "answer"),
        _page.Act("p", "reject"),
        _page.Act("p", "take over"),
        _page.Act("p", "hold", value=True),
        _page.Act("p", "digits", value="12#"),
        _page.Act("p", "mute", "video", value=False),
        _page.Act("p", "set", "destination", "/public/bars"),
        _page.Act("p", "set", "audio", value=False),
    ]


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ({"kind": "act", "act": "dance"}, "act: unknown act"),
        ({"kind": "act", "act": "hold", "held": 1}, "act: held is not true or false"),
        ({"kind": "events", "events": "none"}, "events: events is not a list"),
        ({"kind": "events", "events": [1]}, "events: not an object"),
        ({"kind": "dance"}, "message: unknown kind"),
    ],
)
def test_what_is_wrong_is_named(message: dict[str, Any], words: str) -> None:
    """By the field and what it is not."""
    with pytest.raises(PageMessageError, match=f"^{words}$"):
        parse({"page": "p", **message})


@pytest.mark.parametrize("time", ["now", True, None, [1]])
def test_a_time_is_a_number(time: object) -> None:
    """And nothing that only counts as one."""
    one = {"seq": 1, "time": time, "attempt": 1, "event": {"type": "accepted"}}
    with pytest.raises(PageMessageError, match="events: time is not a number"):
        parse({"kind": "events", "page": "p", "events": [one]})


def test_errors_quote_nothing() -> None:
    """What was wrong is named, what was sent is not."""
    with pytest.raises(PageMessageError) as refused:
        parse({"kind": "events", "page": "p", "events": [{"event": {"type": "s3cr3t"}}]})
    assert "s3cr3t" not in str(refused.value)


def members(declaration: str) -> set[str]:
    """The string literals of a union type in protocol.ts or traits.ts."""
    found = re.search(rf"export type {declaration} =(.*?);", TWIN, re.DOTALL)
    assert found, declaration
    return set(re.findall(r'"([^"]+)"', found[1]))


def test_statuses_directions_and_reasons_are_the_same() -> None:
    """The literals of both halves are equal."""
    assert members("Status") == STATUSES
    assert members("Direction") == _page._DIRECTIONS
    assert members("EndReason") == _page._END_REASONS


def test_the_fuzzed_messages_are_all_there_are() -> None:
    """What is drawn to break a call is every message, act and event of the page."""
    shapes = {" ".join(shape.split()[1:]) or shape for shape in SHAPES}
    shapes = {"set" if shape.startswith("set ") else shape for shape in shapes}
    found = re.search(r"interface RequestMessage \{.*?what: (.*?);", TWIN, re.DOTALL)
    assert found
    questions = set(re.findall(r'"(\w+)"', found[1]))
    declared = set(re.findall(r'^  \| \{ (?:act|type): "([^"]+)"', TWIN, re.MULTILINE))
    assert shapes == {"view", "alive"} | questions | declared


def test_a_participant_is_the_same() -> None:
    """The page's record has the fields of the kernel's value, in their order."""
    found = re.search(r"export interface ParticipantRecord \{(.*?)\n\}", TWIN, re.DOTALL)
    assert found
    declared = re.findall(r"^  (\w+): (\w+);", found[1], re.MULTILINE)
    types = {"str": "string", "bool": "boolean"}
    fields = dataclasses.fields(Participant)
    assert declared == [(field.name, types[str(field.type)]) for field in fields]


def test_the_protocol_version_is_the_same() -> None:
    """Both halves speak the same version."""
    assert f"export const PROTOCOL = {_page.PROTOCOL};" in TWIN


def test_every_synced_trait_is_declared() -> None:
    """The page's Traits are exactly the synced traits that are not the host's own."""
    found = re.search(r"export interface Traits \{(.*?)\n\}", TWIN, re.DOTALL)
    assert found
    declared = set(re.findall(r"^  (\w+)\??:", found[1], re.MULTILINE))
    assert set(Call("/public/echo").traits(sync=True)) - HOST == declared


def test_the_page_has_the_default_of_every_trait() -> None:
    """What a call leaves out when it opens is in the page's table, with the same value."""
    found = re.search(r"export const DEFAULTS: .*? = \{(.*?)\n\};", TWIN, re.DOTALL)
    assert found
    names = re.sub(r"(\w+): ", r'"\1": ', found[1].strip().rstrip(","))
    table = json.loads(f"{{{names}}}")
    call = Call("/public/echo")
    defaults = {name: call.traits()[name].default() for name in table}
    assert table == {name: plain_value(value) for name, value in defaults.items()}
    assert set(call.traits(sync=True)) - HOST == set(table)


def plain_value(default: Any) -> Any:
    """A default as the page gets it."""
    return list(default) if isinstance(default, Rows) else default
