"""A piece of sound, as numpy and as something to look at."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Block"]

_WIDTH, _HEIGHT = 480, 64


@dataclasses.dataclass(frozen=True, slots=True, eq=False, repr=False)
class Block:
    """A piece of sound without a hole in its time: what did not come is silence, and marked.

    It shows in a cell as a waveform; ``IPython.display.Audio(block.samples, rate=block.rate)``
    plays it.

    Attributes:
        samples: float32 of shape ``(channels, n)``, in -1..1, the block's own copy.
        rate: in Hz.
        pts: the sender's time stamp of the first sample, at 48 kHz whatever ``rate`` is, counted
            from the first sample of the call.
        time: when the first sample was made, in Unix seconds of this machine; from the first
            sender report on (4 s), on one clock with the video's.
        monotonic: when the packet of the first sample came, in seconds of ``time.monotonic()``.
        gaps: bool of shape ``(n,)``, True where nothing came.
        stereo: whether the sender sent two channels there; otherwise both are the same.

    >>> silence = np.zeros((2, 960), np.float32)
    >>> block = Block(silence, 48_000, 0, 1_700_000_000.0, 5.0, np.zeros(960, np.bool_))
    >>> block
    Block(0.020 s, 2 channels at 48000 Hz, -inf dBFS)
    >>> block.mono().samples.shape
    (1, 960)
    """

    samples: npt.NDArray[np.float32]
    rate: int
    pts: int
    time: float
    monotonic: float
    gaps: npt.NDArray[np.bool_]
    stereo: bool = False

    def __len__(self) -> int:
        return len(self.gaps)

    @property
    def seconds(self) -> float:
        """How long it lasts, in seconds."""
        return len(self) / self.rate

    @property
    def level(self) -> float:
        """The mean level (RMS) of what came, all channels together, in dBFS.

        A sine of full scale has -3.0, silence and a block that is all gap ``-inf``.
        """
        came = self.samples[:, ~self.gaps] if self.gaps.any() else self.samples
        power = float(np.mean(np.square(came, dtype=np.float64))) if came.size else 0.0
        return 10 * math.log10(power) if power else -math.inf

    @property
    def peak(self) -> float:
        """The largest sample without its sign, 0 to 1."""
        return float(max(self.samples.max(), -self.samples.min())) if len(self) else 0.0

    def mono(self) -> Block:
        """Return the mean of the channels as a block of one, or this block if it has only one."""
        if len(self.samples) == 1:
            return self
        return dataclasses.replace(self, samples=mixed(self.samples), stereo=False)

    def __repr__(self) -> str:
        channels = "1 channel" if len(self.samples) == 1 else f"{len(self.samples)} channels"
        missing = np.count_nonzero(self.gaps) / self.rate
        return (
            f"Block({self.seconds:.3f} s, {channels} at {self.rate} Hz, {self.level:.1f} dBFS"
            + (f", {missing:.3f} s missing)" if missing else ")")
        )

    def _repr_html_(self) -> str:
        import html

        return f"<div>{self._picture()}<br/><code>{html.escape(repr(self))}</code></div>"

    def _picture(self) -> str:
        """Return the waveform as SVG: the range of each column, and a shade where nothing came."""
        columns = min(_WIDTH, len(self))
        head = (
            f'<svg width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {max(columns, 1)} 2" '
            'preserveAspectRatio="none" role="img" aria-label="waveform">'
        )
        if not columns:
            return head + "</svg>"
        edges = np.arange(columns) * len(self) // columns
        high = np.maximum.reduceat(self.samples.max(axis=0), edges)
        low = np.minimum.reduceat(self.samples.min(axis=0), edges)
        missing = np.logical_or.reduceat(self.gaps, edges)
        shade = "".join(f"M{x} 0h1v2h-1z" for x in np.flatnonzero(missing))
        # A column of silence is a thin line, not nothing.
        wave = "".join(
            f"M{x} {1 - top:.3g}h1v{max(top - bottom, 0.02):.3g}h-1z"
            for x, (top, bottom) in enumerate(zip(high.tolist(), low.tolist(), strict=True))
        )
        return (
            f'{head}<path d="{shade}" fill="currentColor" fill-opacity="0.2"/>'
            f'<path d="{wave}" fill="currentColor"/></svg>'
        )


def mixed(samples: npt.NDArray[np.float32]) -> npt.NDArray[Any]:
    """Return the mean of two channels, in shape ``(1, n)``."""
    mean = samples[:1] + samples[1:]
    mean *= np.float32(0.5)
    return mean
