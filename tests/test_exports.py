"""The public door: what it offers, and that it stays light."""

from __future__ import annotations

import subprocess
import sys

import pytest

import sw_notebook

PUBLIC = [
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


def test_public_names_are_these() -> None:
    """A new public name is a decision, so it is made here too."""
    assert sw_notebook.__all__ == PUBLIC


@pytest.mark.parametrize("name", PUBLIC)
def test_each_public_name_is_there_with_a_docstring(name: str) -> None:
    """Everything that is offered exists and says what it is."""
    found = getattr(sw_notebook, name)
    assert found.__doc__
    assert name in dir(sw_notebook)


def test_an_unknown_name_is_an_attribute_error() -> None:
    """The door makes nothing up."""
    with pytest.raises(AttributeError, match="no attribute 'Phone'"):
        _ = sw_notebook.Phone


def test_importing_loads_nothing_heavy() -> None:
    """Neither the package nor a call loads the space's packages, or the browser's bundle."""
    heavy = ["aiohttp", "aiortc", "av", "numpy", "httpx", "joserfc", "PIL", "sw_notebook.space"]
    code = (
        "import sys, sw_notebook\n"
        "assert 'anywidget' not in sys.modules\n"
        "from sw_notebook import Call, Token\n"
        "Call('/public/echo', video=True)\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"
