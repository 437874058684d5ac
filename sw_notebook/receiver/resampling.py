"""Sound at another rate, piece by piece."""

from __future__ import annotations

from typing import Any

import av
import numpy as np
import numpy.typing as npt

from .sound_ring import RATE

__all__ = ["Resampler"]


class Resampler:
    """Turns sound at 48 kHz into sound at another rate; what it is fed belongs together.

    The first sample out is at the time of the first in.  What is fed comes out a little later (2 ms
    at 8 kHz), as a filter looks ahead.

    Args:
        rate: to turn it into, in Hz.

    >>> resampler = Resampler(16_000)
    >>> fed = resampler.feed(np.zeros((2, 960), np.float32))
    >>> fed.shape[1] + resampler.flush().shape[1]
    320
    """

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._resampler: av.AudioResampler | None = None
        self._channels = 0

    def feed(self, samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Take float32 of shape ``(channels, n)`` and return what is ready, of the same kind."""
        self._channels = len(samples)
        layout = "mono" if self._channels == 1 else "stereo"
        if self._resampler is None:
            self._resampler = av.AudioResampler("fltp", layout, self.rate)
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples), format="fltp", layout=layout
        )
        frame.sample_rate = RATE
        return self._joined(self._resampler.resample(frame))

    def flush(self) -> npt.NDArray[np.float32]:
        """Return what is left, and be ready for other sound."""
        resampler, self._resampler = self._resampler, None
        return self._joined(resampler.resample(None) if resampler else [])

    def _joined(self, frames: list[av.AudioFrame]) -> npt.NDArray[np.float32]:
        pieces: list[npt.NDArray[Any]] = [frame.to_ndarray() for frame in frames]
        if not pieces:
            return np.empty((self._channels, 0), np.float32)
        return pieces[0] if len(pieces) == 1 else np.concatenate(pieces, axis=1)
