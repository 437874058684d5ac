"""Pictures as receiver and space handle them alike: decoded and converted."""

from __future__ import annotations

from typing import Any, cast

import av
from av.codec.context import Flags
from av.video.reformatter import VideoReformatter

__all__ = ["Converter", "video_decoder"]

# FFmpeg's own VP8 takes four fifths of libvpx's time.
_DECODERS = {"vp8": "vp8", "h264": "h264"}

# Newer PyAVs start as many threads as the machine has cores, which cost more than they give at
# these sizes; older ones have one, and no such parameter.  Only the text tells, as the function is
# a compiled one.
_CONVERTS = VideoReformatter.reformat.__doc__ or ""
_ONE_THREAD: dict[str, Any] = {"threads": 1} if "threads=" in _CONVERTS else {}


def video_decoder(codec: str) -> av.VideoCodecContext:
    """Return a decoder of live video, ``"vp8"`` or ``"h264"``, that knows nothing yet."""
    decoder = cast(Any, av.CodecContext.create(_DECODERS[codec], "r"))
    decoder.thread_count = 1  # threads would cost more than they give at these sizes
    decoder.flags |= Flags.low_delay
    return cast(av.VideoCodecContext, decoder)


class Converter:
    """Brings pictures to another size or format, on the thread that asks.

    Keep it: to make one costs a third of a conversion.  One thread at a time may use it.
    """

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def convert(
        self,
        picture: av.VideoFrame,
        form: str,
        size: tuple[int | None, int | None] = (None, None),
        **how: Any,
    ) -> av.VideoFrame:
        """Return it in this format, and in this size (width, height) where one is given."""
        width, height = size
        return self._reformatter.reformat(picture, width, height, form, **how, **_ONE_THREAD)
