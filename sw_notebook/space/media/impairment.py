"""What a bad network does to packets: a pure state machine that a seed makes repeatable."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Generic, Self, TypeVar

__all__ = ["MAX_DELAY", "Counts", "Impairment", "Impairments"]

MAX_DELAY = 2.0
MAX_BURST = 3600.0
OVERTAKERS = 3
"""How many packets overtake one that is held back, at most."""

Packet = TypeVar("Packet")
Due = list[tuple[float, Packet]]
"""What is to be sent: in how many seconds, and what."""


@dataclass(frozen=True, slots=True)
class Impairments:
    """What is to happen to the packets that a leg gets.

    Args:
        loss: how likely a packet is lost, 0 to 1.
        delay: seconds that each is late, up to 2.
        jitter: seconds that each may be late in addition, all times being equally likely; packets
            that are less apart than that may come in another order.
        duplicate: how likely a packet comes twice, 0 to 1.
        reorder: how likely a packet is held back until 1 to 3 later ones have overtaken it, 0 to
            1; only one is held back at a time.
        burst: every so many seconds, all packets of so many seconds are lost.
        seed: the same one gives the same packets the same fate, each kind of media its own.
        nack: whether what the other side says it misses is sent again.

    Raises:
        ValueError: one of them is out of its range.

    >>> Impairments(loss=2)
    Traceback (most recent call last):
        ...
    ValueError: loss is 2; give a probability from 0 to 1
    """

    loss: float = 0.0
    delay: float = 0.0
    jitter: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    burst: tuple[float, float] | None = None
    seed: int = 0
    nack: bool = True

    def __post_init__(self) -> None:
        for name in ("loss", "duplicate", "reorder"):
            value = getattr(self, name)
            if not (_is_number(value) and 0 <= value <= 1):
                raise ValueError(f"{name} is {value!r:.80}; give a probability from 0 to 1")
        for name in ("delay", "jitter"):
            value = getattr(self, name)
            if not (_is_number(value) and 0 <= value <= MAX_DELAY):
                raise ValueError(f"{name} is {value!r:.80}; give seconds from 0 to {MAX_DELAY:g}")
        if self.burst is not None and not _is_burst(self.burst):
            raise ValueError(
                f"burst is {self.burst!r:.80}; give how often and how long in seconds, as in (5, "
                f"0.2), the first longer than the second and at most {MAX_BURST:g}"
            )
        # One kind of error for whatever cannot be, as for the numbers above.
        if isinstance(self.seed, bool) or not isinstance(self.seed, int):
            raise ValueError(f"seed is {self.seed!r:.80}; give a whole number")  # noqa: TRY004
        if not isinstance(self.nack, bool):
            raise ValueError(f"nack is {self.nack!r:.80}; give True or False")  # noqa: TRY004

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> Self:
        """Return what a JSON object asks for.

        Raises:
            ValueError: it has a field that is none, or one that is out of its range.
        """
        known = {field.name for field in fields(cls)}
        for name in found:
            if name not in known:
                raise ValueError(f"there is no impairment {name!r:.80}; use {sorted(known)}")
        burst = found.get("burst")
        return cls(**{**found, "burst": tuple(burst) if isinstance(burst, list) else burst})

    def dump(self) -> dict[str, Any]:
        """Return it as the JSON object that :meth:`read` takes."""
        return asdict(self)


@dataclass(slots=True)
class Counts:
    """What happened to the packets that were sent, in a call so far.

    A packet that was sent again, because the other side missed it, counts like any other.
    """

    lost: int = 0
    duplicated: int = 0
    delayed: int = 0
    reordered: int = 0


class Impairment(Generic[Packet]):
    """Decides what becomes of each packet of one stream.

    It knows no clock and sends nothing.  Except in bursts, the seed and the number of a packet in
    its stream decide its fate.  Which packets are lost thus depends neither on what else is asked
    for nor on what is sent again in between, which has luck of its own.

    Args:
        asked: what is to happen.
        stream: a name; each stream has luck of its own.
        counts: where it counts what it does.

    >>> impairment = Impairment[str](Impairments(loss=0.5, delay=0.1, seed=7), "video")
    >>> [impairment.take(packet, now=0) for packet in "abcd"]
    [[(0.1, 'a')], [], [(0.1, 'c')], []]
    """

    def __init__(self, asked: Impairments, stream: str, counts: Counts | None = None) -> None:
        self.asked = asked
        self.counts = counts if counts is not None else Counts()
        # Seeds that differ only in the stream shall have nothing in common.
        self._luck = random.Random(f"{asked.seed} {stream}")  # noqa: S311
        self._luck_again = random.Random(f"{asked.seed} {stream} again")  # noqa: S311
        self._held: Due[Packet] = []
        self._overtakers = 0

    def take(self, packet: Packet, now: float, *, again: bool = False) -> Due[Packet]:
        """Return what is to be sent on account of a packet: how much later, and what, in order.

        Args:
            packet: it is only handed through.
            now: seconds since the impairment began.
            again: whether it was sent before, and is asked for by the other side.
        """
        luck = self._luck_again if again else self._luck
        # As many draws for every packet, so that one fate does not change those of all others.
        loss, duplicate, reorder, overtakers, first, second = (luck.random() for _ in range(6))
        asked = self.asked
        if loss < asked.loss or self._in_burst(now):
            self.counts.lost += 1
            return []
        copies = [(asked.delay + asked.jitter * first, packet)]
        if duplicate < asked.duplicate:
            self.counts.duplicated += 1
            copies.append((asked.delay + asked.jitter * second, packet))
        self.counts.delayed += copies[0][0] > 0
        if reorder < asked.reorder and not self._held:
            self.counts.reordered += 1
            self._held, self._overtakers = copies, 1 + int(overtakers * OVERTAKERS)
            return []
        return copies + self._overtaken(max(late for late, _ in copies))

    def release(self) -> Due[Packet]:
        """Give up what is held back, to be sent."""
        held, self._held = self._held, []
        return held

    def _overtaken(self, late: float) -> Due[Packet]:
        self._overtakers -= 1
        if self._overtakers > 0 or not self._held:
            return []
        return [(max(late, own), packet) for own, packet in self.release()]

    def _in_burst(self, now: float) -> bool:
        if self.asked.burst is None:
            return False
        every, lasting = self.asked.burst
        return now >= every and now % every < lasting


def _is_number(value: object) -> bool:
    known = isinstance(value, int | float) and not isinstance(value, bool)
    # An int can be too large to become a float, as math.isfinite would have it.
    return known and -math.inf < value < math.inf  # type: ignore[operator]


def _is_burst(value: object) -> bool:
    if not isinstance(value, tuple) or len(value) != 2 or not all(map(_is_number, value)):
        return False
    return bool(0 < value[1] < value[0] <= MAX_BURST)
