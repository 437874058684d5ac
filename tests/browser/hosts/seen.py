"""What a kernel that no test can ask has heard: it writes each status into a file."""

from __future__ import annotations

from pathlib import Path

from ..waiting import expect_none

__all__ = ["CLOSED_PAGE", "FULL_CALL", "WATCH", "expect_seen"]

WATCH = """\
def write(change):
    with open('seen.txt', 'a') as seen:
        print(change['new'], file=seen)
        if change['new'] == 'destroyed':
            print(call.end_reason, file=seen)
call.observe(write, 'status')"""
"""Python that writes every status of ``call``, and why it ended."""

FULL_CALL = [
    *("new", "trying", "connecting", "connected"),
    *("disconnecting", "destroyed"),
    "hung up",
]
"""A call that was hung up in the page or by Python."""

CLOSED_PAGE = [*FULL_CALL[:4], "destroyed", "its page was closed or reloaded"]
"""A call whose page went."""


def expect_seen(seen: Path, expected: list[str]) -> None:
    """Wait until the kernel has heard of these statuses, and of no others."""

    def missing() -> object:
        found = seen.read_text().splitlines() if seen.exists() else []
        return found if found != expected else None

    expect_none(missing)
