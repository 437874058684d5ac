"""When a sample or a picture was made: the sender's clock, and ours."""

from __future__ import annotations

import collections
import math

from .packets import elapsed

__all__ = ["CallClock", "StreamClock"]

REPORTS = 32
"""So many sender reports are looked at: half a minute of FreeSWITCH's."""

OUTLIER_SECONDS = 0.25
"""A report further off is an error; two that agree with one another are a new clock.

FreeSWITCH's video reports are up to 0.04 s off, as they carry the last frame's time stamp.
"""

SKEW = 2e-4
"""How far two clocks usually differ, as a ratio; what more a few noisy reports say is noise."""


class StreamClock:
    """Tells the sender's wall clock for the RTP time stamps of one stream.

    A line is laid through the last reports.  How far its slope may leave the nominal rate depends
    on how well the reports agree: exact ones decide it, noisy ones hardly.

    Args:
        rate: of the time stamps, in Hz: 48000 for Opus, 90000 for video.

    >>> clock = StreamClock(48_000)
    >>> clock.sender_time(960) is None
    True
    >>> clock.report(1000.0, 0)
    >>> clock.sender_time(960)
    1000.02
    """

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.generation = 0
        """Counts the times that the sender's clock was found to be another one."""
        # Seconds by the nominal rate, and seconds by the wall clock, both from the first report.
        self._reports: collections.deque[tuple[float, float]] = collections.deque(maxlen=REPORTS)
        self._suspect: tuple[float, int] | None = None
        self._timestamp = 0
        self._ticks = 0
        self._origin = 0.0
        self._middle = 0.0
        self._offset = 0.0
        self._slope = 1.0

    def report(self, ntp_seconds: float, rtp_timestamp: int) -> None:
        """Take a sender report (RTCP SR).

        Args:
            ntp_seconds: the sender's wall clock; 0 means that it has none, and is left out.
            rtp_timestamp: the time stamp for that moment, 32 bits.
        """
        if not math.isfinite(ntp_seconds) or ntp_seconds <= 0:
            return
        if not self._reports:
            self._begin(ntp_seconds, rtp_timestamp)
            return
        said = ntp_seconds - self._origin
        if abs(said - self._mapped(self._unwrapped(rtp_timestamp))) <= OUTLIER_SECONDS:
            self._suspect = None
            self._add(said, rtp_timestamp)
        elif self._suspect is not None and self._agrees(ntp_seconds, rtp_timestamp):
            suspect = self._suspect
            self.reset()
            self._begin(*suspect)
            self._add(ntp_seconds - self._origin, rtp_timestamp)
        else:
            self._suspect = (ntp_seconds, rtp_timestamp)

    def sender_time(self, timestamp: int) -> float | None:
        """Return the sender's wall clock for a time stamp; None before the first report.

        It is right for time stamps within half a wrap (12 hours of sound) of the last report.
        """
        if not self._reports:
            return None
        return self._origin + self._mapped(self._unwrapped(timestamp))

    def reset(self) -> None:
        """Forget all reports, as for a new SSRC."""
        self.generation += 1
        self._reports.clear()
        self._suspect = None
        self._slope = 1.0

    def _begin(self, ntp_seconds: float, rtp_timestamp: int) -> None:
        self._origin = ntp_seconds
        self._timestamp = rtp_timestamp
        self._ticks = 0
        self._add(0.0, rtp_timestamp)

    def _agrees(self, ntp_seconds: float, rtp_timestamp: int) -> bool:
        assert self._suspect is not None
        ticks = elapsed(rtp_timestamp, self._suspect[1])
        off = ntp_seconds - self._suspect[0] - ticks / self.rate
        # The same report sent twice confirms nothing.
        return ticks != 0 and abs(off) <= OUTLIER_SECONDS

    def _unwrapped(self, timestamp: int) -> float:
        ticks = elapsed(timestamp, self._timestamp)
        return (self._ticks + ticks) / self.rate

    def _mapped(self, seconds: float) -> float:
        return self._offset + seconds + (self._slope - 1) * (seconds - self._middle)

    def _add(self, said: float, rtp_timestamp: int) -> None:
        seconds = self._unwrapped(rtp_timestamp)
        self._ticks = round(seconds * self.rate)
        self._timestamp = rtp_timestamp
        if (seconds, said) in self._reports:
            return
        self._reports.append((seconds, said))
        self._fit()

    def _fit(self) -> None:
        # Everything is taken as a difference from the nominal rate, which keeps the sums small.
        count = len(self._reports)
        self._middle = sum(x for x, _ in self._reports) / count
        self._offset = sum(y - x for x, y in self._reports) / count
        points = [(x - self._middle, y - x - self._offset) for x, y in self._reports]
        xx = sum(x * x for x, _ in points)
        xy = sum(x * d for x, d in points)
        self._slope = 1.0
        if count < 3 or not xx:
            return
        noise = sum((d - x * xy / xx) ** 2 for x, d in points) / (count - 2)
        self._slope = 1.0 + xy / (xx + noise / SKEW**2)


class CallClock:
    """Tells our Unix time of what a sender made, the same for sound and video of one call.

    What took the shortest way says how far the two clocks are apart; so a time is that of an
    arrival without any waiting on the way, and is never later than the arrival itself.

    >>> audio, call = StreamClock(48_000), CallClock()
    >>> call.time(audio, 0, arrival=5000.0)
    5000.0
    >>> audio.report(1000.0, 0)
    >>> call.time(audio, 0, arrival=5000.0)
    5000.0
    >>> call.time(audio, 48_000, arrival=5001.5)
    5001.0
    """

    WINDOW_SECONDS = 30.0
    """The shortest way of the last 30 to 60 s counts, as clocks drift."""

    TRUST_SECONDS = 10.0
    """Where sender and arrival differ by more, the two streams' clocks are not the same."""

    def __init__(self) -> None:
        self._generations: dict[StreamClock, int] = {}
        self._before = math.inf
        self._now = math.inf
        self._since = -math.inf

    def time(self, clock: StreamClock, timestamp: int, arrival: float) -> float:
        """Return when the sample or picture was made, in Unix seconds of this machine.

        Args:
            clock: of its stream.
            timestamp: of its RTP packet.
            arrival: when the packet came, in Unix seconds; best a monotonic clock plus an offset
                that stays the same.

        Returns:
            the arrival itself where nothing better is known.
        """
        made = clock.sender_time(timestamp)
        if made is None:
            return arrival
        if self._generations.get(clock) != clock.generation:
            if clock in self._generations:
                self._before = self._now = math.inf
            self._generations[clock] = clock.generation
        if arrival - self._since >= self.WINDOW_SECONDS:
            self._before, self._now, self._since = self._now, math.inf, arrival
        self._now = min(self._now, arrival - made)
        ours = min(made + min(self._now, self._before), arrival)
        return ours if arrival - ours <= self.TRUST_SECONDS else arrival
