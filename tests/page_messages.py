"""Every message that a page can send, as Hypothesis draws it, and each with one place broken."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

from sw_notebook import _page
from sw_notebook.status import STATUSES

__all__ = ["PAGE", "SHAPES", "Content", "broken", "plain"]

Content = dict[str, Any]

PAGE = "page1"
"""The page that says it all, by the name that a ``PaperPage`` has."""

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
"""Whatever can come over a comm."""

flag = st.booleans()
text = st.text(st.characters(codec=None))  # half characters, too: JavaScript has them
media = st.sampled_from(["audio", "video"])
whole = st.integers(0, 2**53)
seconds = st.floats(0, 1e11)

ACTS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "dial": {"pasted_token": flag},
    "answer": {},
    "reject": {},
    "hangup": {},
    "take over": {},
    "hold": {"held": flag},
    "digits": {"digits": st.sampled_from(["1", "12#w*"]) | text},
    "mute": {"media": media, "muted": flag},
    "set destination": {"name": st.just("destination"), "value": text},
    "set media": {"name": media, "value": flag},
}

participant = st.fixed_dictionaries(
    dict.fromkeys(("id", "name", "type"), text)
    | dict.fromkeys(
        ("audio_muted", "video_muted", "deaf", "hand_raised", "talking", "is_self"), flag
    )
)

EVENTS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "accepted": {},
    "key": {"fingerprint": st.none() | text},
    "token": {"expires_at": st.none() | seconds, "renews": flag},
    "status": {
        "status": st.sampled_from(sorted(STATUSES - {"idle"})),
        "raw": st.none() | text,
    },
    "dialled": {"call_id": text},
    "incoming": {"name": text, "number": text},
    "participants": {"participants": st.lists(participant, max_size=3)},
    "directions": {
        "directions": st.dictionaries(media, st.sampled_from(sorted(_page._DIRECTIONS)))
    },
    "media": {
        "side": st.sampled_from(["local", "remote"]),
        "media": st.fixed_dictionaries(
            {"audio": flag, "video": flag, "width": whole, "height": whole}
        ),
    },
    "muted": {"media": media, "muted": flag},
    "held": {"held": flag},
    "error": {"error_kind": text, "name": text, "message": text, "fatal": flag},
    "ended": {
        "reason": st.sampled_from(sorted(_page._END_REASONS)),
        "cause": st.none() | text,
        "cause_code": st.none() | whole,
    },
    "log": {"level": st.sampled_from(["info", "warning", "error"]), "text": text},
}


def _message(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Content]:
    return st.fixed_dictionaries({"page": st.just(PAGE), "kind": st.just(kind)} | fields)


def _act(shape: str) -> st.SearchStrategy[Content]:
    act = "set" if shape.startswith("set ") else shape
    return _message("act", act=st.just(act), **ACTS[shape])


def _events(shape: str) -> st.SearchStrategy[Content]:
    event = st.fixed_dictionaries({"type": st.just(shape)} | EVENTS[shape])
    one = st.fixed_dictionaries(
        {"seq": st.integers(100, 1000), "time": seconds, "attempt": st.just(1), "event": event}
    )
    return _message("events", events=st.tuples(one).map(list))


SHAPES: dict[str, st.SearchStrategy[Content]] = {
    "view": _message("view", count=st.integers(0, 3) | whole),
    "alive": _message("alive"),
    "request application": _message("request", id=whole, what=st.just("application")),
    "request messages": _message("request", id=whole, what=st.just("messages")),
    "request space": _message("request", id=whole, what=st.just("space"), domain=text),
    **{f"act {shape}": _act(shape) for shape in ACTS},
    **{f"event {shape}": _events(shape) for shape in EVENTS},
}
"""What the page of a first attempt can say, by name."""


@st.composite
def broken(
    draw: st.DrawFn,
    messages: st.SearchStrategy[Content],
    values: st.SearchStrategy[Any] = plain,
) -> Content:
    """A message of these with one field, at any depth, left out or with another of these values."""
    message = copy.deepcopy(draw(messages))
    holder, key = draw(st.sampled_from(list(_places(message))))
    if draw(st.booleans()):
        del holder[key]
    else:
        holder[key] = draw(values)
    return message


def _places(inside: Any) -> list[tuple[Any, Any]]:
    keys = list(inside) if isinstance(inside, dict) else range(len(inside))
    places = [(inside, key) for key in keys]
    for key in keys:
        if isinstance(inside[key], dict | list):
            places += _places(inside[key])
    return places
