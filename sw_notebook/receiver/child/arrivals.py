"""What a receiver report says of a stream: which packets came, and how evenly."""

from __future__ import annotations

from aiortc.rtcrtpreceiver import StreamStatistics

from sw_notebook.rtp.packets import Packet, ahead, elapsed

__all__ = ["Arrivals"]


class Arrivals(StreamStatistics):
    """Counts the packets of a stream by when they came, and not by when they are looked at.

    Args:
        clock_rate: ticks a second of its time stamps.

    Source: RFC 3550, A.3 and A.8.
    """

    def __init__(self, clock_rate: int) -> None:
        super().__init__(clock_rate)
        self._rate = clock_rate
        self._spread = 0.0
        self._last: tuple[float, int] | None = None

    def arrived(self, packet: Packet, now: float) -> None:
        """Take a packet that came at ``now``, of ``time.monotonic()``."""
        self.packets_received += 1
        number, stamp = packet.sequence_number, packet.timestamp
        if self.max_seq is None or self.base_seq is None:
            self.base_seq = number
        elif ahead(number, self.max_seq) <= 0:
            return
        elif number < self.max_seq:
            self.cycles += 1 << 16
        self.max_seq = number
        # The packets of one frame have one time stamp, and leave one after the other.
        if self._last is None or stamp != self._last[1]:
            if self._last is not None:
                late = (now - self._last[0]) * self._rate - elapsed(stamp, self._last[1])
                self._spread += (abs(late) - self._spread) / 16
            self._last = (now, stamp)

    @property
    def jitter(self) -> int:
        """How unevenly packets come, in ticks: a mean of the last ones."""
        return int(self._spread)
