"""The last frames of a video as they came, coded, so that a cell can look back at all of them."""

from __future__ import annotations

import collections
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import av

from sw_notebook.exceptions import ReceiverError
from sw_notebook.receiver.memory import MOST, Memory
from sw_notebook.receiver.picture_ring import About, copy_planes, picture_size
from sw_notebook.rtp.assembly import Coded

__all__ = ["KEPT_SECONDS", "Past", "Window"]

KEPT_SECONDS = 60.0
KEPT_BYTES = 32 << 20
"""At 2 Mbit/s, two minutes; decoded, a minute of 720p would take 2.5 GB."""

KEY_SECONDS = 10.0
"""The age of the newest keyframe beyond which a new one is wished for: a look back has to be
decoded from one on."""

LOOKED_SECONDS = 60.0
"""How long after a look back another one is expected: a whole room pays for each keyframe."""


class _Kept(NamedTuple):
    coded: Coded
    pts: int
    about: About | None
    """None where the frame shows nothing."""


class Window(NamedTuple):
    """Decoded frames, one after the other in memory."""

    memory: Memory
    frames: list[About]


class Past:
    """Keeps coded frames of the last minute, from a keyframe on.

    Args:
        make_decoder: returns a decoder that knows nothing yet.
    """

    def __init__(self, make_decoder: Callable[[], av.VideoCodecContext]) -> None:
        self._make_decoder = make_decoder
        self._kept: collections.deque[_Kept] = collections.deque()
        self._bytes = 0
        self._keys: collections.deque[float] = collections.deque()
        self._newest_key = float("-inf")
        self._looked = float("-inf")
        self._lock = threading.Lock()

    def add(self, coded: Coded, pts: int, about: About | None) -> None:
        """Keep a frame that was decoded, and what is known of its picture, if it has one."""
        with self._lock:
            if coded.key:
                self._newest_key = coded.arrival
                self._keys.append(coded.arrival)
            if not self._keys:
                return  # nothing could be decoded from here on
            self._kept.append(_Kept(coded, pts, about))
            self._bytes += len(coded.data)
            while self._is_too_much(coded.arrival):
                self._drop_oldest()

    def _is_too_much(self, now: float) -> bool:
        """Whether the oldest frames, up to the second keyframe, shall go."""
        if self._bytes > KEPT_BYTES:
            return len(self._kept) > 1
        return len(self._keys) > 1 and now - self._keys[1] > KEPT_SECONDS

    def _drop_oldest(self) -> None:
        kept = self._kept
        self._pop()
        while kept and not kept[0].coded.key:
            self._pop()

    def _pop(self) -> None:
        coded = self._kept.popleft().coded
        self._bytes -= len(coded.data)
        if coded.key:
            self._keys.popleft()

    def forget(self) -> None:
        """Keep nothing of what came before, as nothing after it refers to it."""
        with self._lock:
            self._kept.clear()
            self._keys.clear()
            self._bytes = 0

    def wants_keyframe(self, now: float) -> bool:
        """Whether a keyframe is wished for, so that a look back does not take for ever."""
        filling = self._bytes > KEPT_BYTES / 2
        looked = now - self._looked < LOOKED_SECONDS
        return (looked or filling) and now - self._newest_key > KEY_SECONDS

    def window(self, since: float) -> Window | None:
        """Decode the frames that came since a moment; None where there is none.

        Args:
            since: in seconds of ``time.monotonic()``.

        Raises:
            ReceiverError: they do not fit into memory.
        """
        self._looked = time.monotonic()
        with self._lock:
            kept = list(self._kept)
        first = next((i for i, k in enumerate(kept) if k.coded.arrival >= since), None)
        if first is None:
            return None
        begin = max(i for i, k in enumerate(kept[: first + 1]) if k.coded.key)
        wanted = [k.about for k in kept[first:] if k.about is not None]
        if not wanted:
            return None
        sizes = [picture_size(about.width, about.height) for about in wanted]
        if sum(sizes) > MOST:
            raise ReceiverError(
                f"{len(wanted)} frames of {wanted[0].width}x{wanted[0].height} take "
                f"{sum(sizes) / 2**20:.0f} MiB: ask for fewer seconds"
            )
        memory = Memory.create(sum(sizes))
        try:
            return Window(memory, self._decode(kept[begin:], since, memory))
        except BaseException:
            memory.close()
            raise

    def _decode(self, kept: list[_Kept], since: float, memory: Memory) -> list[About]:
        decoder = self._make_decoder()
        abouts = {k.pts: k.about for k in kept if k.about is not None and k.coded.arrival >= since}
        frames: list[About] = []
        start = 0
        for coded, pts, _ in kept:
            packet: av.Packet[Any] = av.Packet(coded.data)
            packet.pts = pts
            for picture in decoder.decode(packet):
                found = abouts.get(picture.pts or 0)
                if found is None:
                    continue
                start = copy_planes(picture, memory.buffer, start)
                frames.append(found)
        return frames
