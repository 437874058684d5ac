"""The projector, as who measures starts it: a place that a receiver can dial."""

from __future__ import annotations

import contextlib
import dataclasses
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from tests.receiver.peer import Place

from .film import film
from .ledger import Ledger

__all__ = ["Projector", "projecting"]


@dataclasses.dataclass
class Projector(Place):
    """A space with the film, as a receiver takes it."""

    ledger: Ledger = dataclasses.field(kw_only=True)
    """What it has sent."""


@contextlib.contextmanager
def projecting(
    codec: str,
    height: int = 360,
    *,
    loss: float = 0.0,
    delay: float = 0.0,
    nack: bool = True,
    seed: int = 0,
) -> Iterator[Projector]:
    """Run a projector in a process of its own.

    Args:
        codec: ``"vp8"``, ``"h264"``, or ``"none"`` for sound alone.
        height: 360 or 720.
        loss: how likely a packet is lost, after the first seconds.
        delay: seconds that each is late, then.
        nack: whether it sends again what was lost.
        seed: what is lost.
    """
    if codec != "none":
        film(codec, height)  # made before anything is measured
    with tempfile.NamedTemporaryFile() as file:
        ledger = Ledger(file.fileno())
        command = [sys.executable, "-m", "benchmarks.projector", "--ledger", file.name]
        command += ["--codec", codec, "--height", str(height), "--seed", str(seed)]
        command += ["--loss", str(loss), "--delay", str(delay), *([] if nack else ["--deaf"])]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Projector(process.stdout.readline().strip(), ledger=ledger)
        finally:
            process.stdin.close()
            process.wait()
            process.stdout.close()
