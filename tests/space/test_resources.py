"""What can be called."""

from __future__ import annotations

import pytest

from sw_notebook.space.resources import RESOURCES, Resource, find


def test_names_are_unique() -> None:
    """So are the ids of their addresses."""
    assert len({resource.name for resource in RESOURCES}) == len(RESOURCES)
    assert len({resource.id for resource in RESOURCES}) == len(RESOURCES)


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.name)
def test_each_answers_or_says_why_not(resource: Resource) -> None:
    """A resource has media, or a reason to have none, and words for people."""
    never = resource.refuses is not None or resource.fails in ("busy", "no-answer")
    assert (resource.media is None) == never
    assert resource.about
    assert find(resource.name) is resource


def test_addresses_look_like_the_platforms() -> None:
    """With a channel for each kind that the resource takes."""
    silence = find("/public/silence")
    assert silence is not None
    address = silence.address()
    assert address["channels"] == {"audio": "/public/silence?channel=audio"}
    assert address["display_name"] == "silence"
    assert {"id", "name", "resource_id", "type", "locked", "created_at"} <= set(address)


def test_other_names_are_not_found() -> None:
    """Nothing is guessed."""
    assert find("/public/BARS") is None
    assert find("") is None
