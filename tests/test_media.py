"""Dial options have the SDK's names, and absent means absent."""

from __future__ import annotations

from typing import Any

import pytest

from sw_notebook.media import DIAL_OPTIONS, dial_options


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {}),
        ({"audio": None, "video": None}, {}),
        ({"audio": False}, {"audio": False}),
        ({"video": True}, {"video": True, "receiveVideo": True}),
        ({"video": True, "receive_video": False}, {"video": True, "receiveVideo": False}),
        ({"video": False}, {"video": False}),
        ({"preferred_video_codecs": ["VP8"]}, {"preferredVideoCodecs": ["VP8"]}),
        ({"user_variables": {"a": 1}, "stereo": True}, {"userVariables": {"a": 1}, "stereo": True}),
    ],
)
def test_options(given: dict[str, Any], expected: dict[str, Any]) -> None:
    """What was given goes under the SDK's name, and only that."""
    assert dial_options(given) == expected


def test_every_name_is_the_sdks_in_snake_case() -> None:
    """The SDK's own documentation applies to each option."""
    for ours, theirs in DIAL_OPTIONS.items():
        assert ours == "".join(f"_{c.lower()}" if c.isupper() else c for c in theirs)
