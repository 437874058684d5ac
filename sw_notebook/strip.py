"""The strip: a frame counter and a clock in the picture itself, for machines to read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

__all__ = ["Strip"]


@dataclass(frozen=True, slots=True)
class Strip:
    """What the top of a test picture says: which frame it is, and when it was drawn.

    80 bits stand in two rows of 40 cells, most significant first, a white cell for 1: the
    frame counter (28), the clock (44) and a check sum (8).  In a picture of 640x360 a cell is
    16x16 pixels, so the strip takes the top 32 lines and each cell is one macroblock, which
    survives VP8 at 300 kbit/s.

    Args:
        frame: the number of the frame; it wraps at 2^28, after 124 days at 25 fps.
        milliseconds: when the frame was drawn, in milliseconds of Unix time.

    >>> Strip.from_bits(Strip(7, 1_700_000_000_000).bits())
    Strip(frame=7, milliseconds=1700000000000)
    """

    ROWS = 2
    COLUMNS = 40
    CELL = 16
    HEIGHT = 32

    frame: int
    milliseconds: int

    def bits(self) -> list[int]:
        """Return the 80 cells, row by row, each 0 or 1."""
        value = (self.frame % (1 << 28) << 44) | (self.milliseconds % (1 << 44))
        value = (value << 8) | _check(value)
        return [value >> shift & 1 for shift in range(79, -1, -1)]

    @classmethod
    def from_bits(cls, bits: Iterable[int]) -> Strip | None:
        """Read 80 cells; None where they are not 80, or the check sum is wrong."""
        cells = [1 if bit else 0 for bit in bits]
        if len(cells) != cls.ROWS * cls.COLUMNS:
            return None
        value = int("".join(map(str, cells)), 2)
        payload, check = value >> 8, value & 0xFF
        if _check(payload) != check:
            return None
        return cls(payload >> 44, payload & ((1 << 44) - 1))

    @classmethod
    def read(cls, luma: Any) -> Strip | None:
        """Read the strip in a picture of any size; None where there is none.

        Args:
            luma: the brightness, 0 to 255, as ``luma[row][column]``: a numpy array, of which a
                patch in the middle of each cell is averaged, or rows of numbers.
        """
        height, width = len(luma), len(luma[0])
        cell_height = height * cls.CELL / 360
        cell_width = width / cls.COLUMNS
        patch = int(min(cell_height, cell_width) // 4) if hasattr(luma, "mean") else 0
        bits = []
        for row in range(cls.ROWS):
            y = int((row + 0.5) * cell_height)
            for column in range(cls.COLUMNS):
                x = int((column + 0.5) * cell_width)
                around = (
                    luma[y - patch : y + patch + 1, x - patch : x + patch + 1].mean()
                    if patch
                    else luma[y][x]
                )
                bits.append(1 if around > 127 else 0)
        return cls.from_bits(bits)


def _check(value: int) -> int:
    """Return the CRC-8 (polynomial 0x07, started at 0xFF) of the 72 bits of ``value``."""
    crc = 0xFF
    for byte in value.to_bytes(9, "big"):
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ (0x07 if crc & 0x80 else 0)) & 0xFF
    return crc
