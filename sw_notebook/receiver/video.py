"""The video of a receiver: the newest frame, the next one, or one after the other."""

from __future__ import annotations

import collections
import threading
import time
import weakref
from collections.abc import Callable
from typing import Literal

from sw_notebook._waiting import Changes
from sw_notebook.exceptions import ReceiverError, StaleFrameError

from .frame import SIDES, Frame
from .looping import Looping
from .picture_ring import PictureReader, Slot
from .wanted import Wanted

__all__ = ["Frames", "Policy", "Video"]

Policy = Literal["latest", "bounded"]

DEFAULT_LIMIT = 30
LONGEST = 60.0


class Video:
    """The frames of a receiver, ``rx.video``.

    Frames are decoded while somebody wants them: an iteration that goes on, or a ``latest()`` or
    ``next()`` in the last ten seconds.

    The first who wants some asks the far side for a keyframe, which a whole room pays for, and so
    does each loss that cannot be repaired: again after 1 s where none comes, and not within 0.25 s
    where one has come.  In the minute after a ``window()`` one is asked for every 10 s, too.

    Args:
        changes: told of when there is a frame.
        want: called with whether frames are to be decoded.
        ended: raises, or returns whether no more frames will come.
        past: returns the frames that came since a moment (``time.monotonic()``), decoded anew.
    """

    def __init__(
        self,
        changes: Changes,
        want: Callable[[bool], None],
        ended: Callable[[], bool],
        past: Callable[[float], list[Frame]] = lambda _: [],
    ) -> None:
        self._changes = changes
        self._past = past
        self._ended = ended
        self._wanted = Wanted(want)
        self._reader: PictureReader | None = None
        self._call = 0
        self._queues: weakref.WeakSet[Frames] = weakref.WeakSet()
        self._lock = threading.Lock()
        self.delivered = 0
        """Frames that were handed to somebody, of this call or, after it, of the last one."""
        self.skipped = 0
        """Frames that an iteration went past, as a newer one was there or ``max_fps`` said so."""
        self.dropped = 0
        """Frames that fell out of a bounded iteration's queue."""
        self.overwritten = 0
        """Frames that a bounded iteration never saw, as this process was held up for too long."""

    # --- what the receiver's thread calls -------------------------------------------------

    def _begin(self) -> None:
        """Forget the frames of the call before: the next one counts its own."""
        self._reader = None
        self._call += 1
        self.delivered = self.skipped = self.dropped = self.overwritten = 0

    def _show(self, reader: PictureReader) -> None:
        # The one before stays for as long as a frame in it does.
        self._reader = reader

    def _rang(self) -> None:
        with self._lock:
            queues = list(self._queues)
        for frames in queues:
            frames._collect()
        self._changes.notify()

    def _close(self) -> None:
        self._wanted.close()

    # --- what a cell calls ----------------------------------------------------------------

    @property
    def wanted(self) -> bool:
        """Whether frames are decoded at present."""
        return self._wanted.now

    def latest(self) -> Frame | None:
        """Return the newest frame there is, at once; None where none has been decoded yet.

        Decoding begins with the first call, so that one returns None or the last frame of an
        earlier look; ``await next()`` waits for a frame.
        """
        self._wanted.glance()
        frame = self._newest(0)
        self.delivered += frame is not None
        return frame

    def window(self, seconds: float) -> list[Frame]:
        """Return all frames of the last seconds, whatever the cell did meanwhile.

        They are kept as they came, coded, for a minute, and are decoded now: from the last
        keyframe before on, so that this takes about 1 ms for each frame of 720p since then.
        Frames that came while nobody wanted any are not among them.

        Args:
            seconds: how far to look back, above 0 and up to 60.

        Returns:
            Frames whose pixels stay, oldest first; fewer where less has come.

        Raises:
            ValueError: the time is out of range.
            ReceiverError: so many frames do not fit into memory (1 GiB), the call is over, or
                aiortc itself receives (``plain``), which keeps none.
        """
        if not 0 < seconds <= LONGEST:
            raise ValueError(f"seconds={seconds!r}: give more than 0 and up to {LONGEST:g}")
        self._wanted.glance()
        found = self._past(time.monotonic() - seconds)
        self.delivered += len(found)
        return found

    async def next(self) -> Frame:
        """Wait for a frame that comes after this call.

        Raises:
            ReceiverError: the call is over before one came, or there is no memory for it.
            CallEnded: it failed.
        """
        self._wanted.glance()
        frames = self.frames()
        try:
            return await anext(frames)
        except StopAsyncIteration:
            raise ReceiverError("the call is over, and no frame came: dial again") from None
        finally:
            frames.close()

    def frames(
        self,
        max_fps: float | None = None,
        size: tuple[int, int] | None = None,
        policy: Policy = "latest",
        limit: int = DEFAULT_LIMIT,
    ) -> Frames:
        """Return the frames from now on, for ``for`` and for ``async for``.

        Ends when the call does, and with a ``ReceiverError`` where pictures grow in mid-call and
        there is no memory for larger ones.  The frame of the current turn keeps its pixels until
        the next turn; ``copy()`` those that you keep for longer.

        Args:
            max_fps: at most so many a second, above 0; None for all.
            size: ``(width, height)`` to scale each frame to, in pixels.
            policy: ``"latest"`` goes on with the newest frame each time, so that a slow loop sees
                what is now; ``"bounded"`` keeps up to ``limit`` copies for a loop that is slow
                for a while, and drops the oldest.
            limit: how many a bounded iteration keeps, 1 to 1000.

        Raises:
            ValueError: a value is out of range.

        ::

            async for frame in rx.video.frames(max_fps=5):
                print(frame.rgb().mean())
        """
        if max_fps is not None and not max_fps > 0:
            raise ValueError(f"max_fps={max_fps!r}: give a number above 0, or None for all frames")
        if policy not in ("latest", "bounded"):
            raise ValueError(f"no policy {policy!r}: there are 'latest' and 'bounded'")
        if not 1 <= limit <= 1000:
            raise ValueError(f"limit={limit!r}: give 1 to 1000 frames")
        if size is not None and not all(side in SIDES for side in size):
            raise ValueError(f"size={size!r}: give (width, height), each 8 to 8192 pixels")
        return Frames(self, max_fps, size, limit if policy == "bounded" else 0)

    def _newest(self, after: int) -> Frame | None:
        found = None if self._reader is None else self._reader.newest(after)
        if found is None:
            return None
        slot, about = found
        return Frame(about, slot=slot)

    def __repr__(self) -> str:
        frame = self._newest(0)
        size = "no frame yet" if frame is None else f"{frame.width}x{frame.height}"
        return f"<Video {size}, {self.delivered} delivered>"


class Frames(Looping[Frame]):
    """Frames, one after the other; ``Video.frames()`` makes it.

    Close it, or let it go, when you do not want any more: nothing is decoded for nobody.
    """

    def __init__(
        self, video: Video, max_fps: float | None, size: tuple[int, int] | None, limit: int
    ) -> None:
        self._video = video
        self._apart = 0.0 if max_fps is None else 1 / max_fps
        self._size = size
        newest = video._newest(0)
        self._call = video._call
        self._last = 0 if newest is None else newest.index
        self._due = float("-inf")
        self._kept = _Kept()
        self._lock = threading.Lock()
        self._queue: collections.deque[Frame] | None = None
        weakref.finalize(self, self._kept.drop).atexit = False
        super().__init__(video._changes, video._wanted)
        if limit:
            self._queue = collections.deque(maxlen=limit)
            with video._lock:
                video._queues.add(self)

    @property
    def _seen(self) -> int:
        """Which frame of this call was seen last."""
        if self._call != self._video._call:
            self._call, self._last = self._video._call, 0
        return self._last

    @_seen.setter
    def _seen(self, number: int) -> None:
        self._last = number

    def _rest(self) -> None:
        super()._rest()
        self._kept.drop()

    # --- in the receiver's thread -----------------------------------------------------------

    def _collect(self) -> None:
        """Copy what has come into the queue."""
        reader, queue = self._video._reader, self._queue
        if reader is None or queue is None:
            return
        for slot, about in reader.latest(self._seen):
            self._video.overwritten += about.number - self._seen - 1
            self._seen = about.number
            if not self._is_due(about.monotonic):
                self._video.skipped += 1
                continue
            try:
                frame = Frame(about, slot=slot).copy()
            except StaleFrameError:
                self._video.overwritten += 1
                continue
            with self._lock:
                self._video.dropped += len(queue) == queue.maxlen
                queue.append(frame)

    def _is_due(self, moment: float) -> bool:
        """Whether a frame of this moment is wanted; it counts as taken where it is."""
        if not self._apart:
            return True
        # Frames come a little early or late: a twentieth of the interval is no matter.
        if moment < self._due - self._apart / 20:
            return False
        late = moment - self._due
        self._due = moment + self._apart if late > self._apart else self._due + self._apart
        return True

    # --- in the cell --------------------------------------------------------------------------

    def _look(self) -> Frame | Literal[False] | None:
        if self._closed:
            return False
        frame = self._next()
        if frame is None:
            return False if self._video._ended() else None
        self._video.delivered += 1
        return frame if self._size is None else frame.resized(*self._size)

    def _next(self) -> Frame | None:
        if self._queue is not None:
            with self._lock:
                return self._queue.popleft() if self._queue else None
        while True:
            reader = self._video._reader
            found = None if reader is None else reader.newest(self._seen)
            if found is None:
                return None
            slot, about = found
            skipped = about.number - self._seen - 1 if self._seen else 0
            if not self._is_due(about.monotonic):
                self._video.skipped += skipped + 1
                self._seen = about.number
                return None
            if not self._kept.keep(slot):
                continue  # a newer one has taken its place just now
            self._video.skipped += skipped
            self._seen = about.number
            return Frame(about, slot=slot)

    def close(self) -> None:
        """End the loop, also for whoever waits in it; safe to call twice."""
        with self._video._lock:
            self._video._queues.discard(self)
        super().close()


class _Kept:
    """The frame of the current turn, which keeps its pixels."""

    def __init__(self) -> None:
        self._slot: Slot | None = None

    def keep(self, slot: Slot) -> bool:
        """Keep this one instead; False where it is gone already."""
        self.drop()
        try:
            slot.ring.pin(slot)
            self._slot = slot
        except StaleFrameError:
            # Where too many are kept, this one is not, but it may be there.
            return slot.ring.has(slot)
        return True

    def drop(self) -> None:
        """Keep none; safe to call twice."""
        slot, self._slot = self._slot, None
        if slot is not None:
            slot.ring.unpin(slot)
