"""A second participant that only receives, in a process of its own: video and sound as numpy.

Modules, from the bottom up: :mod:`.rtp` (packets, without any I/O), :mod:`.memory`,
:mod:`.picture_ring` and :mod:`.sound_ring` (what both processes see), :mod:`.order` and
:mod:`.pipe` (what they say to one another), :mod:`.child` and :mod:`.sounds` (the process that
receives and decodes), and on the side of the cell :mod:`.link`, :mod:`.video` with
:mod:`.frame`, :mod:`.audio` with :mod:`.block`, :mod:`.stats` and :mod:`.receiver`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from sw_notebook._extras import need

if TYPE_CHECKING:
    from .block import Block
    from .frame import Frame
    from .receiver import Receiver

__all__ = ["Block", "Frame", "Receiver"]

_HOMES = {"Block": "block", "Frame": "frame", "Receiver": "receiver"}
_NEEDED = ("aiortc", "av", "httpx", "numpy", "websockets")


def __getattr__(name: str) -> object:
    # Loaded on first use: the packages that it needs are an extra.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    need("The receiver", "media", _NEEDED)
    return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
