"""Every message that the kernel can send a page, as Hypothesis draws it, and each broken."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from ..page_messages import Content, broken

__all__ = ["CREDENTIAL", "PAGE", "messages"]

PAGE = "(this page)"
"""Stands for the name of the page itself in what is drawn."""

CREDENTIAL = "(a token)"
"""Stands for a credential that the space takes."""

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=6,
)
flag = st.booleans()
media = st.sampled_from(["audio", "video"])
thing = st.dictionaries(st.text(), plain, max_size=4)
ice = st.fixed_dictionaries({"relay_only": flag}, optional={"servers": plain})
options = st.fixed_dictionaries(
    {},
    optional={"audio": flag, "video": flag, "receiveVideo": flag}
    | dict.fromkeys(("inputAudioDeviceConstraints", "inputVideoDeviceConstraints"), plain),
)
begin = {"ice": ice, "pasted_token": st.just(False) | flag, "asks_key": flag}

COMMANDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "dial": {"destination": st.just("/public/echo") | st.text(), "options": options} | begin,
    "listen": begin,
    "answer": {"options": options},
    "reject": {},
    "hangup": {"reason": st.sampled_from(["hangup", "taken over"]) | st.text()},
    "mute": {"media": media, "muted": flag},
    "hold": {"held": flag},
    "digits": {"digits": st.text()},
    "transfer": {"destination": st.text()},
    "device": {"media": media, "constraints": thing},
    "nonsense": {},
    "toString": {},
}

error = st.fixed_dictionaries(dict.fromkeys(("kind", "name", "message"), st.text()))
line = st.fixed_dictionaries(
    {
        "index": st.integers(0, 10),
        "time": st.floats(0, 1e11),
        "level": st.sampled_from(["info", "warning", "error"]),
        "text": st.text(),
    }
)


def _message(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Content]:
    return st.fixed_dictionaries({"kind": st.just(kind), "page": st.just(PAGE)} | fields)


def _command(command: str) -> st.SearchStrategy[Content]:
    attempt = st.integers(0, 3)
    return _message("command", command=st.just(command), attempt=attempt, **COMMANDS[command])


SHAPES = [
    *map(_command, COMMANDS),
    _message("credential", attempt=st.integers(0, 3), result=st.just(CREDENTIAL)),
    _message(
        "credential", attempt=st.integers(0, 3), result=st.fixed_dictionaries({"token": st.text()})
    ),
    _message("credential", attempt=st.integers(0, 3), error=error),
    _message("reply", id=st.integers(0, 10_000), result=thing),
    _message("reply", id=st.integers(0, 10_000), error=error),
    _message("lines", lines=st.lists(line, max_size=4)),
    _message("ping"),
]
_one = st.sampled_from(SHAPES).flatmap(lambda shape: shape)

messages = _one | broken(_one, plain) | st.dictionaries(st.text(), plain)
"""Right, wrong in one place, or nothing of the kind."""
