"""One voice between the network and the mix: in even steps, and loud enough to be speech."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .encoders import SAMPLES_PER_PACKET

__all__ = ["BLOCK", "Gate", "Playout", "gain"]

BLOCK = SAMPLES_PER_PACKET
"""Samples of a block: 20 ms at 48 kHz."""
TARGET = 2 * BLOCK
"""How many samples wait before the first one is played: what packets may be late by."""
MOST = 10 * BLOCK
"""How many samples may wait; then all but the newest :data:`TARGET` are left out."""
WINDOW = 250
"""After so many blocks what always waited in vain is left out: the sender's clock is faster."""

Samples = npt.NDArray[np.int16]


class Playout:
    """A bounded buffer between packets that come as they like and a clock that does not wait.

    >>> playout = Playout()
    >>> playout.put(np.ones(BLOCK, np.int16))
    >>> playout.take() is None
    True
    >>> playout.put(np.ones(BLOCK, np.int16))
    >>> int(playout.take().sum())
    960
    """

    def __init__(self) -> None:
        self._samples: Samples = np.zeros(0, np.int16)
        self._playing = False
        self._least = MOST
        self._taken = 0

    def put(self, samples: Samples) -> None:
        """Add what has come."""
        self._samples = np.concatenate((self._samples, samples))
        if len(self._samples) > MOST:
            self._samples = self._samples[-TARGET:]

    def take(self) -> Samples | None:
        """Return the next block; None where there is none in time, or not enough to begin."""
        if not self._playing and len(self._samples) < TARGET:
            return None
        self._playing = len(self._samples) >= BLOCK
        if not self._playing:
            return None
        block, self._samples = self._samples[:BLOCK], self._samples[BLOCK:]
        self._least = min(self._least, len(self._samples))
        self._taken += 1
        if self._taken == WINDOW:
            self._samples = self._samples[max(0, self._least - TARGET) :]
            self._least, self._taken = MOST, 0
        return block


class Gate:
    """Tells speech from the noise of a room, and gives it time to breathe.

    >>> gate = Gate()
    >>> gate.passes(1000.0, 44), gate.passes(0.0, 44)
    (True, True)
    >>> [gate.passes(0.0, 44) for _ in range(25)][-1]
    False
    """

    HANG = 25
    """For how many quiet blocks it stays open: half a second."""

    def __init__(self) -> None:
        self._left = 0

    def passes(self, level: float, sensitivity: int) -> bool:
        """Whether a block is to be heard.

        Args:
            level: the mean of its samples without their signs.
            sensitivity: of the microphone, 0 to 100: 25 more are a tenth of the sound.
        """
        if level >= 8000 * 10 ** (-sensitivity / 25):
            self._left = self.HANG
        else:
            self._left = max(0, self._left - 1)
        return self.is_open

    @property
    def is_open(self) -> bool:
        """Whether the last block was to be heard."""
        return self._left > 0


def gain(volume: int) -> float:
    """Return the factor for a volume from -50 to 50, which are -20 and +20 decibels.

    >>> gain(-50), gain(0), gain(50)
    (0.1, 1.0, 10.0)
    """
    return float(10 ** (volume / 50))
