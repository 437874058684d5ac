"""Which call a Verto message is about: its ``dialogParams``."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qsl

from sw_notebook.exceptions import FrameError

from .fields import Fields
from .jsonrpc import INVALID_PARAMS

__all__ = ["MAX_VARIABLES", "Dialog"]

MAX_VARIABLES = 1 << 16
"""How many bytes of JSON a caller may pass along; whoever is rung gets all of it."""


@dataclass(frozen=True, slots=True)
class Dialog:
    """Which call a message is about, and how it came to be.

    Args:
        call_id: the id that the client gave the call.
        destination: the address that was dialled, without its query.
        query: the query of the address, for example ``{"channel": "video"}``.
        user_variables: what the caller passes along.
        attach: the client wants to come back to a call that it had.
        screen_share: this leg carries a screen.
        additional_device: this leg carries a second camera or microphone.
        pings: the client says that it answers a ``verto.ping``.
    """

    call_id: str
    destination: str = ""
    query: dict[str, str] = field(default_factory=dict)
    user_variables: dict[str, Any] = field(default_factory=dict)
    attach: bool = False
    screen_share: bool = False
    additional_device: bool = False
    pings: bool = False

    @property
    def kind(self) -> Literal["member", "screen", "device"]:
        """What the call brings into a room: somebody, or a screen or device of somebody there."""
        if self.screen_share:
            return "screen"
        return "device" if self.additional_device else "member"

    @classmethod
    def parse(cls, fields: Fields, call_id: str | None = None) -> Dialog:
        """Read ``dialogParams``; ``call_id`` is used where they name no call themselves."""
        dialog = fields.fields("dialogParams", optional=call_id is not None)
        # The SDK dials the whole address: /public/x?channel=video.
        destination, _, query = dialog.text("destination_number", "").partition("?")
        return cls(
            call_id=dialog.short("callID", call_id),
            destination=destination,
            query=dict(parse_qsl(query)),
            user_variables=_variables(dialog),
            attach=dialog.flag("attach") or dialog.flag("reattaching"),
            screen_share=dialog.flag("screenShare"),
            additional_device=dialog.flag("additionalDevice"),
            pings=dialog.flag("pingSupported"),
        )


def _variables(dialog: Fields) -> dict[str, Any]:
    """Read what the caller passes along, which has to be such as can be passed on."""
    found = dialog.object("userVariables", {})
    try:
        size = len(json.dumps(found, allow_nan=False))
    except ValueError:  # Python reads 1e999 as infinity
        words = "userVariables have a number that is out of range; send smaller ones"
        raise FrameError(words, code=INVALID_PARAMS) from None
    if size > MAX_VARIABLES:
        words = f"userVariables have {size} bytes; send at most {MAX_VARIABLES}"
        raise FrameError(words, code=INVALID_PARAMS)
    return found
