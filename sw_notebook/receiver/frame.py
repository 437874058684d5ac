"""One video frame as a cell sees it: a handle on pixels, which are converted when asked for."""

from __future__ import annotations

import contextlib
import fractions
import io
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt

from sw_notebook._planes import planes_of
from sw_notebook.exceptions import StaleFrameError

from .picture_ring import About, Slot, copy_planes, picture_size

if TYPE_CHECKING:
    import av
    from PIL import Image

    from sw_notebook._video import Converter

__all__ = ["SIDES", "Frame"]

Bytes = npt.NDArray[np.uint8]
Taken = TypeVar("Taken")

SIDES = range(8, 8193)
"""Pixels that a frame can be scaled to, in either direction."""

_JPEG_QUALITY = 85
_BLACK, _WHITE = 16, 235
# From brightness as it is transmitted to brightness from black to white.
_FULL = (
    np.clip((np.arange(256) - _BLACK) * 255 / (_WHITE - _BLACK), 0, 255).round().astype(np.uint8)
)
_FFMPEG_FULL_RANGE, _FFMPEG_LIMITED_RANGE = 2, 1


class Frame:
    """A video frame.

    Its pixels are in memory that the receiver's process goes on writing to, and are converted
    when you ask for them.  A frame that you keep for more than a few others loses them:
    ``copy()`` those.  What you get is always this very frame, or ``StaleFrameError``.

    Attributes:
        index: counts the decoded frames of the receiver from 1; a step of more than one is a
            frame that you did not see.
        pts: presentation time stamp, in units of ``time_base``, 0 at the first frame.
        time_base: seconds in one unit of ``pts``, 1/90000.
        time: Unix time in seconds by this machine's clock: when it was sent, as far as the
            sender's reports tell, and otherwise when it came.
        monotonic: when its last packet came, in seconds of ``time.monotonic()``.
        width, height: in pixels.
        rotation: by how many degrees it is to be turned clockwise.  It is always 0: no orientation
            is negotiated, so that a sender turns its picture itself.
        key: whether it was coded without reference to others.
        full_range: whether brightness goes from 0 to 255 in ``y``, and not from 16 to 235.
    """

    __slots__ = ("_about", "_owned", "_slot")

    def __init__(
        self, about: About, *, slot: Slot | None = None, owned: Bytes | None = None
    ) -> None:
        self._about = about
        self._slot = slot
        self._owned = owned

    # --- what it is ---------------------------------------------------------------------

    @property
    def index(self) -> int:
        """Which frame of the receiver it is, from 1."""
        return self._about.number

    @property
    def pts(self) -> int:
        """Presentation time stamp in units of ``time_base``."""
        return self._about.pts

    @property
    def time_base(self) -> fractions.Fraction:
        """Seconds in one unit of ``pts``."""
        return fractions.Fraction(1, self._about.clock)

    @property
    def time(self) -> float:
        """Unix time in seconds when it was sent."""
        return self._about.time

    @property
    def monotonic(self) -> float:
        """When it came, in seconds of ``time.monotonic()``."""
        return self._about.monotonic

    @property
    def width(self) -> int:
        """Pixels in a line."""
        return self._about.width

    @property
    def height(self) -> int:
        """Lines."""
        return self._about.height

    @property
    def rotation(self) -> int:
        """Degrees by which it is to be turned clockwise."""
        return self._about.rotation

    @property
    def key(self) -> bool:
        """Whether it was coded without reference to others."""
        return self._about.key

    @property
    def full_range(self) -> bool:
        """Whether ``y`` goes from 0 to 255 and not from 16 to 235."""
        return self._about.full_range

    # --- its pixels ---------------------------------------------------------------------

    @property
    def y(self) -> Bytes:
        """Brightness, ``(height, width)``, uint8, read-only, as it is in memory: no copy.

        Black is 16 and white 235 (0 and 255 where ``full_range``).  The frame stays as it is for
        as long as you have the array or a slice of it; at most five frames can be kept like that.

        Raises:
            StaleFrameError: the pixels are gone, or five other frames are kept already; it says
                to use ``copy()``.
        """
        shape = (self.height, self.width)
        if self._owned is not None:
            view = self._owned[: self.height * self.width].reshape(shape)
            view.flags.writeable = False
            return view
        assert self._slot is not None
        return self._slot.ring.pinned_view(self._slot, self.height * self.width).reshape(shape)

    def gray(self) -> Bytes:
        """Return brightness from 0 for black to 255 for white: ``(height, width)``, uint8.

        Raises:
            StaleFrameError: the pixels are gone.
        """
        size = self.height * self.width

        def stretch(pixels: Bytes) -> Bytes:
            luma = pixels[:size]
            return luma.copy() if self.full_range else _FULL.take(luma)

        return self._read(stretch).reshape(self.height, self.width)

    def rgb(self) -> Bytes:
        """Return the colours as ``(height, width, 3)``, uint8, red first.

        Raises:
            StaleFrameError: the pixels are gone.
        """
        return self._colours("rgb24")

    def bgr(self) -> Bytes:
        """Return the colours as ``(height, width, 3)``, uint8, blue first, as OpenCV has them.

        Raises:
            StaleFrameError: the pixels are gone.
        """
        return self._colours("bgr24")

    def i420(self) -> Bytes:
        """Return the planes as they were decoded: Y, then U and V of half the size.

        Returns:
            ``(height * 3 // 2, width)``, uint8, as OpenCV and PyAV take it; of a frame with an
            odd side the same bytes in one row.

        Raises:
            StaleFrameError: the pixels are gone.
        """
        pixels = self._read(_copied)
        if self.width % 2 or self.height % 2:
            return pixels
        return pixels.reshape(self.height * 3 // 2, self.width)

    def to_av(self) -> av.VideoFrame:
        """Return a copy as a PyAV frame (``yuv420p``), with ``pts`` and ``time_base``.

        Raises:
            StaleFrameError: the pixels are gone.
        """
        frame = self._read(self._av)
        frame.pts, frame.time_base = self.pts, self.time_base
        return frame

    def to_image(self) -> Image.Image:
        """Return a copy as a Pillow image (``RGB``).

        Raises:
            StaleFrameError: the pixels are gone.
        """
        from PIL import Image

        return Image.fromarray(self.rgb())

    def resized(self, width: int, height: int) -> Frame:
        """Return it in another size, as a frame of its own that stays as it is.

        Args:
            width: in pixels, 8 to 8192.
            height: in pixels, 8 to 8192.

        Raises:
            StaleFrameError: the pixels are gone.
            ValueError: the size is out of range.
        """
        if not all(side in SIDES for side in (width, height)):
            raise ValueError(f"{width}x{height} is no size for a frame: give 8 to 8192 pixels")

        def scale(pixels: Bytes) -> Bytes:
            picture = self._av(pixels, copy=False)
            scaled = _converter().convert(picture, "yuv420p", (width, height), interpolation="AREA")
            return _planes(scaled)

        return Frame(self._about._replace(width=width, height=height), owned=self._read(scale))

    def copy(self) -> Frame:
        """Return a copy whose pixels stay, for a list or a later cell.

        Raises:
            StaleFrameError: the pixels are gone.
        """
        if self._owned is not None and self._owned.base is None:
            return self
        return Frame(self._about, owned=self._read(_copied))

    def _colours(self, form: str) -> Bytes:
        def convert(pixels: Bytes) -> Bytes:
            picture = self._av(pixels, copy=False)
            colours = _converter().convert(picture, form).to_ndarray()
            # Lines of an odd width are padded.
            return np.ascontiguousarray(colours, np.uint8)

        return self._read(convert)

    def _read(self, take: Callable[[Bytes], Taken]) -> Taken:
        """Take something from the pixels, and make sure that they were these all the while."""
        if self._owned is not None:
            return take(self._owned)
        assert self._slot is not None
        ring = self._slot.ring
        ring.check(self._slot)
        taken = take(ring.view(self._slot, picture_size(self.width, self.height)))
        ring.check(self._slot)
        return taken

    def _av(self, pixels: Bytes, *, copy: bool = True) -> av.VideoFrame:
        import av

        width, height = self.width, self.height
        if copy or width % 2 or height % 4:  # PyAV looks at other pictures wrongly
            frame = av.VideoFrame(width, height, "yuv420p")
            start = 0
            for plane in planes_of(frame):
                plane[:] = pixels[start : start + plane.size].reshape(plane.shape)
                start += plane.size
        else:
            shaped = pixels.reshape(height * 3 // 2, width)
            frame = av.VideoFrame.from_numpy_buffer(shaped, "yuv420p")
        frame.color_range = _FFMPEG_FULL_RANGE if self.full_range else _FFMPEG_LIMITED_RANGE
        frame.colorspace = self._about.space
        return frame

    # --- as a value ---------------------------------------------------------------------

    def __repr__(self) -> str:
        seconds = float(self.pts * self.time_base)
        return f"<Frame {self.index} {self.width}x{self.height} at {seconds:.3f} s>"

    def _repr_jpeg_(self) -> bytes | None:
        with contextlib.suppress(StaleFrameError):
            written = io.BytesIO()
            self.to_image().rotate(-self.rotation, expand=True).save(
                written, "JPEG", quality=_JPEG_QUALITY
            )
            return written.getvalue()
        return None


_local = threading.local()


def _converter() -> Converter:
    """Return this thread's."""
    from sw_notebook._video import Converter

    if not hasattr(_local, "converter"):
        _local.converter = Converter()
    found: Converter = _local.converter
    return found


def _copied(pixels: Bytes) -> Bytes:
    return pixels.copy()


def _planes(frame: av.VideoFrame) -> Bytes:
    """Return the planes of a frame in one row."""
    row = np.empty(picture_size(frame.width, frame.height), np.uint8)
    copy_planes(frame, row)
    return row
