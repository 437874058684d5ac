"""The test card: colour bars, a clock and a counter for people, and the strip for machines."""

from __future__ import annotations

import datetime as dt

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from sw_notebook.strip import Strip

__all__ = ["HEIGHT", "RATE", "WIDTH", "Card"]

WIDTH, HEIGHT, RATE = 640, 360, 25

_BARS = ("#bfbfbf", "#bfbf00", "#00bfbf", "#00bf00", "#bf00bf", "#bf0000", "#0000bf")
_CASTELLATION = ("#0000bf", "#131313", "#bf00bf", "#131313", "#00bfbf", "#131313", "#bfbfbf")
_PANEL = "#101010"
_BARS_END, _CASTELLATION_END = 188, 208
_CLOCK_TOP, _FRAME_TOP, _SWEEP_TOP = 216, 290, 336
_CLOCK_SIZE, _FRAME_SIZE, _CAPTION_SIZE = 62, 30, 15
_MARGIN = 24
# Studio-swing luminance, which is what an encoder takes.
_BLACK, _WHITE = 16, 235

Plane = npt.NDArray[np.uint8]


class Card:
    """Draws the test card, 640x360 at 25 frames a second, as I420 pictures.

    All that does not change is drawn once, and each glyph that can appear is kept as a small
    picture of its brightness, so a frame costs a copy and some forty small pastes.

    Args:
        title: what the card says it is.
    """

    def __init__(self, title: str) -> None:
        self._base = _i420(_background(title))
        self._clock = _Glyphs("0123456789:.", _CLOCK_SIZE)
        self._frame = _Glyphs("0123456789", _FRAME_SIZE)
        cells = np.repeat(np.arange(Strip.ROWS * Strip.COLUMNS), Strip.CELL)
        self._cells = cells.reshape(Strip.ROWS, WIDTH).repeat(Strip.CELL, axis=0)

    def draw(self, strip: Strip) -> Plane:
        """Return the picture of one frame, which shows what ``strip`` says."""
        picture = self._base.copy()
        luma = picture[:HEIGHT]
        levels = np.where(np.array(strip.bits(), dtype=bool), _WHITE, _BLACK).astype(np.uint8)
        luma[: Strip.HEIGHT] = levels[self._cells]
        # The clock on the wall, of the machine that draws it.
        seconds, milliseconds = divmod(strip.milliseconds, 1000)
        local = dt.datetime.fromtimestamp(seconds, dt.UTC).astimezone()
        clock = f"{local:%H:%M:%S}.{milliseconds:03}"
        self._clock.write(luma, clock, _CLOCK_TOP, (WIDTH - self._clock.width(clock)) // 2)
        frame = f"{strip.frame:09}"
        self._frame.write(luma, frame, _FRAME_TOP, WIDTH - _MARGIN - self._frame.width(frame))
        self._sweep(luma, strip.frame)
        return picture

    @staticmethod
    def _sweep(luma: Plane, frame: int) -> None:
        """Move a light along the bottom, once a second."""
        step = (WIDTH - 2 * _MARGIN) // RATE
        left = _MARGIN + frame % RATE * step
        luma[_SWEEP_TOP : _SWEEP_TOP + 6, left : left + step] = _WHITE


class _Glyphs:
    """The characters of one size, as brightness on the dark panel."""

    def __init__(self, characters: str, size: int) -> None:
        font = ImageFont.load_default(size=size)
        # Figures of one width keep a running clock from trembling.
        figure = round(max(font.getlength(digit) for digit in "0123456789"))
        self._glyphs: dict[str, Plane] = {}
        for character in characters:
            natural = font.getlength(character)
            width = figure if character.isdigit() else round(natural)
            image = Image.new("L", (width, round(size * 1.15)), 16)
            draw = ImageDraw.Draw(image)
            draw.text(((width - natural) / 2, 0), character, font=font, fill=255)
            full = np.asarray(image, dtype=np.float32) / 255
            self._glyphs[character] = (_BLACK + full * (_WHITE - _BLACK)).astype(np.uint8)

    def width(self, text: str) -> int:
        return sum(self._glyphs[character].shape[1] for character in text)

    def write(self, luma: Plane, text: str, top: int, left: int) -> None:
        for character in text:
            glyph = self._glyphs[character]
            luma[top : top + glyph.shape[0], left : left + glyph.shape[1]] = glyph
            left += glyph.shape[1]


def _background(title: str) -> Image.Image:
    image = Image.new("RGB", (WIDTH, HEIGHT), _PANEL)
    draw = ImageDraw.Draw(image)
    for index, (bar, below) in enumerate(zip(_BARS, _CASTELLATION, strict=True)):
        left, right = index * WIDTH // 7, (index + 1) * WIDTH // 7 - 1
        draw.rectangle((left, Strip.HEIGHT, right, _BARS_END - 1), fill=bar)
        draw.rectangle((left, _BARS_END, right, _CASTELLATION_END - 1), fill=below)
    caption = ImageFont.load_default(size=_CAPTION_SIZE)
    draw.text((_MARGIN, _FRAME_TOP + 4), title, font=caption, fill="#ffffff")
    about = f"{WIDTH} x {HEIGHT}   {RATE} fps   440 Hz"
    draw.text((_MARGIN, _FRAME_TOP + 22), about, font=caption, fill="#9a9a9a")
    draw.rectangle((_MARGIN, _SWEEP_TOP, WIDTH - _MARGIN - 1, _SWEEP_TOP + 5), fill="#3a3a3a")
    return image


def _i420(image: Image.Image) -> Plane:
    """Return an RGB picture as PyAV takes I420: the three planes below one another."""
    # BT.601 with studio swing, which is what a decoder assumes of a picture this small.
    rgb = np.asarray(image, dtype=np.float32)
    luma = 16 + rgb @ np.array([65.738, 129.057, 25.064], dtype=np.float32) / 256
    blue = 128 + rgb @ np.array([-37.945, -74.494, 112.439], dtype=np.float32) / 256
    red = 128 + rgb @ np.array([112.439, -94.154, -18.285], dtype=np.float32) / 256
    halved = [p.reshape(HEIGHT // 2, 2, WIDTH // 2, 2).mean(axis=(1, 3)) for p in (blue, red)]
    planes = [luma.reshape(-1), *(plane.reshape(-1) for plane in halved)]
    flat: Plane = np.rint(np.concatenate(planes)).astype(np.uint8)
    return flat.reshape(HEIGHT * 3 // 2, WIDTH)
