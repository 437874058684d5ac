"""The picture of a room: pictures, cards and names, side by side."""

from __future__ import annotations

import functools
from typing import NamedTuple

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import Interpolation
from PIL import Image, ImageDraw, ImageFont

from sw_notebook._planes import planes_of
from sw_notebook._video import Converter

__all__ = ["HEIGHT", "WIDTH", "Box", "Canvas", "Scaler"]

WIDTH, HEIGHT = 640, 360

Plane = npt.NDArray[np.uint8]

# Studio-swing luminance; the colour of all that is drawn is none.
_BLACK, _WHITE, _CARD, _NEUTRAL = 16, 235, 44, 128
_SIZE, _LARGE = 13, 22
_MARGIN = 4
LONGEST = 100
"""Characters of a name that are looked at."""


class Box(NamedTuple):
    """A rectangle in pixels; all four are even, as I420 has one colour for four pixels."""

    left: int
    top: int
    width: int
    height: int

    @classmethod
    def of(cls, x: float, y: float, width: float, height: float) -> Box:
        """Return the one for a place in percent of the canvas.

        >>> Box.of(50, 0, 50, 100)
        Box(left=320, top=0, width=320, height=360)
        """
        left, right = (2 * round(at * WIDTH / 200) for at in (x, x + width))
        upper, lower = (2 * round(at * HEIGHT / 200) for at in (y, y + height))
        return cls(left, upper, right - left, lower - upper)

    def fitting(self, width: int, height: int) -> Box:
        """Return the middle of it that has the shape of a picture of this size.

        >>> Box(320, 0, 320, 360).fitting(1280, 720)
        Box(left=320, top=90, width=320, height=180)
        """
        scale = min(self.width / width, self.height / height)
        wide, high = (max(2, 2 * round(size * scale / 2)) for size in (width, height))
        wide, high = min(wide, self.width), min(high, self.height)
        left = self.left + (self.width - wide) // 4 * 2
        return Box(left, self.top + (self.height - high) // 4 * 2, wide, high)


class Scaler:
    """Brings the pictures of one sender to the size of its place."""

    def __init__(self) -> None:
        self._converter = Converter()

    def scale(self, picture: av.VideoFrame, box: Box) -> list[Plane]:
        """Return the three planes in the size of ``box``."""
        size, fast = (box.width, box.height), Interpolation.FAST_BILINEAR
        return planes_of(self._converter.convert(picture, "yuv420p", size, interpolation=fast))


class Canvas:
    """An I420 picture of 640x360 that can be drawn on.

    :attr:`picture` is the array as an encoder takes it.
    """

    def __init__(self) -> None:
        self.picture: Plane = np.empty((HEIGHT * 3 // 2, WIDTH), np.uint8)
        flat = self.picture.reshape(-1)
        luma, quarter = HEIGHT * WIDTH, HEIGHT * WIDTH // 4
        half = (HEIGHT // 2, WIDTH // 2)
        self._luma = flat[:luma].reshape(HEIGHT, WIDTH)
        self._colours = (
            flat[luma : luma + quarter].reshape(half),
            flat[luma + quarter :].reshape(half),
        )
        self.fill(Box(0, 0, WIDTH, HEIGHT), _BLACK)

    def fill(self, box: Box, level: int = _BLACK) -> None:
        """Make a rectangle grey; without a level, black."""
        left, top, width, height = box
        self._luma[top : top + height, left : left + width] = level
        for plane in self._colours:
            plane[top // 2 : (top + height) // 2, left // 2 : (left + width) // 2] = _NEUTRAL

    def paste(self, planes: list[Plane], box: Box) -> None:
        """Draw a picture that has the size of ``box``."""
        left, top, width, height = box
        self._luma[top : top + height, left : left + width] = planes[0]
        for plane, part in zip(self._colours, planes[1:], strict=True):
            plane[top // 2 : (top + height) // 2, left // 2 : (left + width) // 2] = part

    def card(self, box: Box, name: str) -> None:
        """Draw what stands for somebody without a picture: the name in the middle."""
        self.fill(box, _CARD)
        text = _text(name, _LARGE if box.width >= WIDTH // 4 else _SIZE, box.width - 4, _CARD)
        height, width = text.shape
        if height <= box.height and width <= box.width:
            top = box.top + (box.height - height) // 2
            left = box.left + (box.width - width) // 2
            self._luma[top : top + height, left : left + width] = text

    def caption(self, box: Box, name: str) -> None:
        """Write a name into the lower left corner."""
        text = _text(name, _SIZE, box.width - 2 * _MARGIN, _BLACK)
        height, width = text.shape
        top, left = box.top + box.height - height - _MARGIN, box.left + _MARGIN
        if top >= box.top and width <= box.width - _MARGIN:
            self.fill(Box(left, top, width, height), _BLACK)
            self._luma[top : top + height, left : left + width] = text


@functools.lru_cache(256)
def _text(words: str, size: int, room: int, background: int) -> Plane:
    """Return words as brightness, in even numbers of rows and columns, cut where they are long."""
    # A name is whatever somebody says it is: Pillow refuses lines, and measures all of it.
    words = "".join(c if c.isprintable() else " " for c in words[:LONGEST])
    font = ImageFont.load_default(size=size)
    if font.getlength(words) + 8 > room:
        while words and font.getlength(f"{words}…") + 8 > room:
            words = words[:-1]
        words += "…"
    width, height = 2 * round((font.getlength(words) + 8) / 2), 2 * round(size * 0.7)
    image = Image.new("L", (max(2, width), height), 0)
    ImageDraw.Draw(image).text((4, height // 2), words, font=font, fill=255, anchor="lm")
    full = np.asarray(image, dtype=np.float32) / 255
    return (background + full * (_WHITE - background)).astype(np.uint8)
