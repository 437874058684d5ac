"""Calls in notebooks: a SignalWire call is one value that you show, dial, await and keep."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from .call import Call, Dialing
    from .credentials import Credentials
    from .exceptions import (
        CallEnded,
        CallError,
        CallInProgressError,
        CallTimeoutError,
        CannotWaitError,
        CredentialsError,
        DestinationError,
        MissingExtraError,
        NoPageError,
        ReceiverError,
        RestError,
        SecretInCellWarning,
        SpaceError,
        StaleFrameError,
        SwNotebookError,
        TokenError,
    )
    from .receiver import Block, Frame, Receiver
    from .records import ErrorRecord, Message, Participant, StatusChange
    from .rest import AsyncTokenClient, Grant, TokenClient
    from .space import LoopbackSpace
    from .tokens import Token

_HOMES = {
    "AsyncTokenClient": "rest",
    "Block": "receiver",
    "Call": "call",
    "CallEnded": "exceptions",
    "CallError": "exceptions",
    "CallInProgressError": "exceptions",
    "CallTimeoutError": "exceptions",
    "CannotWaitError": "exceptions",
    "Credentials": "credentials",
    "CredentialsError": "exceptions",
    "DestinationError": "exceptions",
    "Dialing": "call",
    "ErrorRecord": "records",
    "Frame": "receiver",
    "Grant": "rest",
    "LoopbackSpace": "space",
    "Message": "records",
    "MissingExtraError": "exceptions",
    "NoPageError": "exceptions",
    "Participant": "records",
    "Receiver": "receiver",
    "ReceiverError": "exceptions",
    "RestError": "exceptions",
    "SecretInCellWarning": "exceptions",
    "SpaceError": "exceptions",
    "StaleFrameError": "exceptions",
    "StatusChange": "records",
    "SwNotebookError": "exceptions",
    "Token": "tokens",
    "TokenClient": "rest",
    "TokenError": "exceptions",
}

__all__ = [
    "AsyncTokenClient",
    "Block",
    "Call",
    "CallEnded",
    "CallError",
    "CallInProgressError",
    "CallTimeoutError",
    "CannotWaitError",
    "Credentials",
    "CredentialsError",
    "DestinationError",
    "Dialing",
    "ErrorRecord",
    "Frame",
    "Grant",
    "LoopbackSpace",
    "Message",
    "MissingExtraError",
    "NoPageError",
    "Participant",
    "Receiver",
    "ReceiverError",
    "RestError",
    "SecretInCellWarning",
    "SpaceError",
    "StaleFrameError",
    "StatusChange",
    "SwNotebookError",
    "Token",
    "TokenClient",
    "TokenError",
]


def __getattr__(name: str) -> object:
    # Loaded on first use: the loopback space's packages are an extra.
    if name in _HOMES:
        return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
