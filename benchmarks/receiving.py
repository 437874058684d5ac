"""G1, G2, G4, G7, G9: what a receiver costs and how late it is, against pure decoding."""

from __future__ import annotations

import contextlib
import dataclasses
import mmap
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from sw_notebook import Receiver
from sw_notebook.receiver.frame import Frame
from sw_notebook.strip import Strip
from tests.receiver.peer import Place

from .film import film
from .goal import Result, ratio, spread
from .projector import SLOTS

__all__ = ["measure"]

SECONDS = 5.0
BGR_GOALS = {720: 1.20, 360: 1.25}
GRAY_GOAL, IDLE_GOAL, LATENCY_GOAL = 0.90, 0.20, 5.0


@dataclasses.dataclass
class Projector(Place):
    """A space with the film, as a receiver takes it."""

    times: memoryview = dataclasses.field(default_factory=lambda: memoryview(b""))
    """When the last packet of each frame was sent, in nanoseconds of the monotonic clock."""


@contextlib.contextmanager
def projector(codec: str, height: int) -> Iterator[Projector]:
    """Run a sender in a process of its own."""
    film(codec, height)
    with tempfile.NamedTemporaryFile() as file:
        file.truncate(8 * SLOTS)
        command = [sys.executable, "-m", "benchmarks.projector", "--codec", codec]
        command += ["--height", str(height), "--times", file.name]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            url = process.stdout.readline().strip()
            times = memoryview(mmap.mmap(file.fileno(), 8 * SLOTS)).cast("q")
            yield Projector(url, times=times)
        finally:
            process.stdin.close()
            process.wait()
            process.stdout.close()


class Run(NamedTuple):
    """What one run came to."""

    ms: float
    """Processor time of both processes, in milliseconds for each frame that was delivered."""
    delivered: int
    late: list[float]
    """Milliseconds from the last packet of a frame sent to its array ready."""
    child_ms: float
    """Processor time of the receiver's process alone, in milliseconds a second."""


def run(
    codec: str, height: int, take: Callable[[Frame], object] | None, *, plain: bool = False
) -> Run:
    """Receive for some seconds, and do this with each frame; None takes no frames at all."""
    with (
        projector(codec, height) as there,
        Receiver("/public/film", space=there, plain=plain) as rx,
    ):
        link = rx._link
        assert link is not None
        child = psutil.Process(link.pid)
        if take is None:
            time.sleep(1)
            before, began = _cpu(child), time.monotonic()
            time.sleep(SECONDS)
            used = _cpu(child) - before
            return Run(0.0, 0, [], used / (time.monotonic() - began) * 1000)
        late: list[float] = []
        count = offset = 0
        before = own = began = 0.0
        for frame in rx.video.frames(policy="latest"):
            take(frame)
            ready = time.monotonic()
            count += 1
            number = frame.pts // 3000
            if count == 20:
                offset = _offset(there.times, frame.monotonic) - number
                before, own, began = _cpu(child), time.process_time(), ready
            if count > 20:
                sent = there.times[(number + offset) % SLOTS] / 1e9
                late.append((ready - sent) * 1000)
                if ready - began > SECONDS:
                    break
        took = _cpu(child) - before + time.process_time() - own
        seconds = time.monotonic() - began
        return Run(
            took / (count - 20) * 1000,
            count - 20,
            late,
            (_cpu(child) - before) / seconds * 1000,
        )


def _offset(times: memoryview, moment: float) -> int:
    """Which frame was the last one sent before a moment."""
    sent = [(value, number) for number, value in enumerate(times[:4096]) if value]
    return max((value, number) for value, number in sent if value / 1e9 <= moment)[1]


def _cpu(process: psutil.Process) -> float:
    """Seconds of processor time of a process, finer than its ticks of 10 ms."""
    total = 0
    for task in Path(f"/proc/{process.pid}/task").iterdir():
        with contextlib.suppress(OSError):
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def limit(codec: str, height: int, convert: str = "bgr24") -> float:
    """Return the milliseconds of pure decoding and conversion for each frame."""
    command = [sys.executable, "-m", "benchmarks.limit", "--codec", codec]
    command += ["--height", str(height), "--convert", convert, "--seconds", str(SECONDS)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def _bgr(frame: Frame) -> object:
    return frame.bgr()


def _right(frame: Frame) -> object:
    assert Strip.read(frame.y) is not None, "a broken frame"
    return frame.bgr()


def measure(repeats: int) -> list[Result]:
    """Measure each side in turn, so that all see the same load."""
    results: list[Result] = []
    for codec, height in (("vp8", 720), ("h264", 720), ("vp8", 360), ("h264", 360)):
        results += _side_by_side(codec, height, repeats)
    return results


def _side_by_side(codec: str, height: int, repeats: int) -> list[Result]:
    what = f"{codec.upper()} {height}p30 with sound"
    limits: list[float] = []
    ours: list[Run] = []
    grays: list[Run] = []
    plains: list[Run] = []
    idle: list[Run] = []
    for _ in range(repeats):
        limits.append(limit(codec, height))
        ours.append(run(codec, height, _right))
        plains.append(run(codec, height, _bgr, plain=True))
        grays.append(run(codec, height, lambda frame: frame.y))
        idle.append(run(codec, height, None))
    costs, goal = [r.ms for r in ours], BGR_GOALS[height]
    found, plain = ratio(costs, limits), ratio([r.ms for r in plains], limits)
    gray = ratio([r.ms for r in grays], limits)
    nobody = ratio([r.child_ms for r in idle], [r.child_ms for r in ours])
    late = [statistics.median(r.late) for r in ours]
    p95 = [statistics.quantiles(r.late, n=20)[-1] for r in ours]
    late_plain = [statistics.median(r.late) for r in plains]
    return [
        Result(
            "G1",
            f"{what}: a BGR frame ≤ {goal} × paced decoding and conversion",
            f"{found:.2f} × ({spread(costs, 1, ' ms')}; limit {spread(limits, 1, ' ms')}; "
            f"plain aiortc {plain:.2f} ×)",
            found <= goal,
        ),
        Result(
            "G1",
            f"{what}: a view of its brightness ≤ {GRAY_GOAL} ×",
            f"{gray:.2f} ×",
            gray <= GRAY_GOAL,
        ),
        Result(
            "G2",
            f"{what}: last packet sent to array, p50 ≤ {LATENCY_GOAL:g} ms",
            f"p50 {spread(late, 1, ' ms')}, p95 {spread(p95, 1, ' ms')}; "
            f"plain aiortc p50 {min(late_plain):.1f} ms",
            min(late) <= LATENCY_GOAL,
        ),
        Result(
            "G9",
            f"{what}: nobody looks ≤ {IDLE_GOAL} × the process that decodes",
            f"{nobody:.2f} ×",
            nobody <= IDLE_GOAL,
        ),
    ]


def printed(result: Any) -> str:
    """One line, for a look at a single goal."""
    return f"{result.number} {result.goal}: {result.measured} {result.verdict}"


if __name__ == "__main__":
    for line in _side_by_side("vp8", 720, 1):
        sys.stdout.write(printed(line) + "\n")
