"""Where members are on the canvas."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sw_notebook.signaling.layouts import LAYOUTS, arrange, is_position

POSITIONS = ["auto", "off-canvas", "full-screen", "standard-1", "standard-9", "reserved-1"]


@given(
    st.sampled_from(LAYOUTS),
    st.integers(0, 14),
    st.dictionaries(st.integers(0, 15).map(str), st.sampled_from(POSITIONS)),
)
def test_everybody_has_one_layer_on_the_canvas_or_off_it(
    layout: str, count: int, positions: dict[str, str]
) -> None:
    """And no two cover one another, but for who fills the screen."""
    members = [str(number) for number in range(count)]
    layers = arrange(layout, members, positions)
    assert sorted(layer.member_id for layer in layers) == sorted(members)
    on = [layer for layer in layers if layer.width and not layer.z_index]
    for index, one in enumerate(on):
        assert one.x >= 0
        assert one.y >= 0
        assert one.x + one.width <= 100 + 1e-6
        assert one.y + one.height <= 100 + 1e-6
        for other in on[index + 1 :]:
            apart = (
                one.x + one.width <= other.x + 1e-6
                or other.x + other.width <= one.x + 1e-6
                or one.y + one.height <= other.y + 1e-6
                or other.y + other.height <= one.y + 1e-6
            )
            assert apart


@pytest.mark.parametrize(
    ("layout", "members", "shown"),
    [
        ("grid-responsive", 1, 1),
        ("grid-responsive", 5, 5),
        ("highlight-1-responsive", 4, 4),
        ("1x1", 3, 1),
        ("2x1", 3, 2),
        ("2x2", 5, 4),
    ],
)
def test_layouts_have_room_for_so_many(layout: str, members: int, shown: int) -> None:
    """The others are off the canvas, and say so."""
    layers = arrange(layout, [str(number) for number in range(members)], {})
    assert [bool(layer.width) for layer in layers] == [True] * shown + [False] * (members - shown)
    assert {layer.position for layer in layers[shown:]} <= {"off-canvas"}
    assert [layer.wire(0)["visible"] for layer in layers] == [bool(layer.width) for layer in layers]


def test_positions_are_kept() -> None:
    """The first one to want a place has it; the others take what is left."""
    layers = {
        layer.member_id: layer.position
        for layer in arrange(
            "highlight-1-responsive",
            ["a", "b", "c", "d"],
            {"b": "reserved-1", "c": "reserved-1", "d": "off-canvas"},
        )
    }
    assert layers == {"a": "standard-1", "b": "reserved-1", "c": "standard-2", "d": "off-canvas"}


def test_one_can_fill_the_screen() -> None:
    """Above all others, who keep their places."""
    *rest, full = arrange("2x1", ["a", "b", "c"], {"a": "full-screen"})
    assert (full.member_id, full.width, full.z_index) == ("a", 100, 1)
    assert [layer.position for layer in rest] == ["standard-1", "standard-2"]


@pytest.mark.parametrize("text", ["", "standard-", "standard-100", "playback", 1, None, ["auto"]])
def test_other_words_are_no_positions(text: object) -> None:
    """Nothing is played in a room, so nobody can be where it would be."""
    assert not is_position(text)
