"""The picture of a room, pixel by pixel."""

from __future__ import annotations

import av
import numpy as np
import pytest

from sw_notebook.space.media.canvas import HEIGHT, WIDTH, Box, Canvas, Scaler

WHOLE = Box(0, 0, WIDTH, HEIGHT)


def grey(width: int, height: int, level: int) -> av.VideoFrame:
    """Return a picture of one brightness, and of a colour."""
    picture = np.full((height * 3 // 2, width), level, np.uint8)
    picture[height:] = 90
    return av.VideoFrame.from_ndarray(picture, format="yuv420p")


@pytest.mark.parametrize(
    ("size", "box"),
    [
        ((640, 360), Box(0, 0, 640, 360)),
        ((1280, 720), Box(0, 0, 640, 360)),
        ((640, 480), Box(80, 0, 480, 360)),
        ((360, 640), Box(218, 0, 202, 360)),
        ((1, 1000), Box(318, 0, 2, 360)),
        ((4000, 2), Box(0, 178, 640, 2)),
    ],
)
def test_pictures_keep_their_shape(size: tuple[int, int], box: Box) -> None:
    """In the middle of their place, all numbers even."""
    assert WHOLE.fitting(*size) == box
    assert not any(number % 2 for number in WHOLE.fitting(*size))


def test_a_picture_fills_its_place_and_no_more() -> None:
    """Brightness and colour."""
    canvas, box = Canvas(), Box(320, 90, 320, 180)
    canvas.paste(Scaler().scale(grey(1280, 720, 200), box), box)
    luma = canvas.picture[:HEIGHT]
    assert (luma[90:270, 320:] == 200).all()
    assert (luma[:, :320] == 16).all()
    assert (luma[:90] == 16).all()
    colours = canvas.picture[HEIGHT:].reshape(2, HEIGHT // 2, WIDTH // 2)
    assert (colours[:, 45:135, 160:] == 90).all()
    assert (colours[:, :, :160] == 128).all()


@pytest.mark.parametrize("size", [(2, 2), (62, 34), (1920, 1080)])
def test_pictures_of_all_sizes_are_scaled(size: tuple[int, int]) -> None:
    """One after the other, too, as where a sender adapts to its network."""
    scaler, canvas = Scaler(), Canvas()
    for width, height in (size, (640, 360), size):
        box = WHOLE.fitting(width, height)
        canvas.paste(scaler.scale(grey(width, height, 77), box), box)
        middle = canvas.picture[box.top + box.height // 2, box.left + box.width // 2]
        assert middle == pytest.approx(77, abs=2)


@pytest.mark.parametrize(
    "name",
    [
        "ada",
        "",
        "two\nlines\r\n\0",
        "ä\u202e名\ud800",
        "a name that is longer than its place is wide " * 9999,
    ],
)
@pytest.mark.parametrize("box", [WHOLE, Box(0, 270, 160, 90), Box(2, 2, 58, 32), Box(0, 0, 2, 2)])
def test_names_stay_in_their_place(name: str, box: Box) -> None:
    """However long they are and however small it is."""
    canvas = Canvas()
    canvas.card(box, name)
    canvas.caption(box, name)
    outside = canvas.picture[:HEIGHT].copy()
    outside[box.top : box.top + box.height, box.left : box.left + box.width] = 16
    assert (outside == 16).all()
    if name == "ada" and box.width > 100:
        assert canvas.picture[:HEIGHT].max() > 200
