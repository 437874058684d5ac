"""The faults of the pinned SDK that are cured: each is there without its cure, and gone with it.

Where a test of this file fails after an SDK update, that fault is gone: take its cure out.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from sw_notebook import LoopbackSpace

from .bare import RECEIVE_ONLY, dialling


def dial(
    page: Page, space: LoopbackSpace, options: dict[str, Any], *without: str, seconds: float = 0
) -> str:
    """Dial the bars without these cures; ``connected``, or what the SDK threw."""
    asked = dialling(space, "/public/bars", options, *without)
    return str(page.evaluate("(dial) => window.swBare.dial(dial)", {**asked, "seconds": seconds}))


@pytest.mark.parametrize("options", [{}, RECEIVE_ONLY], ids=["phone style", "receive only"])
def test_with_all_cures(bare: Page, space: LoopbackSpace, options: dict[str, Any]) -> None:
    """With every cure in place each shape connects."""
    assert dial(bare, space, options) == "connected"


def test_without_a_reflexive_candidate_no_invite_leaves(bare: Page, space: LoopbackSpace) -> None:
    """``hostCandidates``: on one machine the SDK waits for a candidate that never comes."""
    assert dial(bare, space, {}, "hostCandidates") == "CallCreateError: Call create timeout"


def test_receive_only_needs_transceivers_and_an_empty_stream(
    bare: Page, space: LoopbackSpace
) -> None:
    """``receiveOnly`` and ``emptyCapture``: receiving alone fails without either."""
    assert dial(bare, space, RECEIVE_ONLY, "emptyCapture").startswith("CallCreateError")
    assert dial(bare, space, RECEIVE_ONLY, "receiveOnly").startswith("CallCreateError")


def test_a_candidate_pool_of_ten_breaks_an_ice_restart(bare: Page) -> None:
    """``candidatePool``: Chromium gathers nothing at a restart with the SDK's pool size."""
    assert bare.evaluate("() => window.swBare.restartCandidates(10)") == 0
    assert bare.evaluate("() => window.swBare.restartCandidates(0)") > 0


def test_the_sdk_selects_devices_late_and_opens_them_twice(
    bare: Page, space: LoopbackSpace
) -> None:
    """``lateSelection``: shown the devices, the SDK opens the microphone again in the call."""
    assert captures(bare, space, "lateSelection") == 2
    assert captures(bare, space) == 1


def captures(page: Page, space: LoopbackSpace, *without: str) -> int:
    """How often a call of three seconds opens the microphone."""
    before = page.evaluate("() => window.swBare.captures()")
    assert dial(page, space, {}, *without, seconds=3) == "connected"
    return int(page.evaluate("() => window.swBare.captures()") - before)
