"""The text of a report, line by line."""

from __future__ import annotations

from collections.abc import Collection

from .steps import NAMES, Step

__all__ = ["heading", "line", "verdict"]

_WIDTH = max(len(name) for name in NAMES)


def heading(versions: dict[str, str]) -> str:
    """Return the first line: versions by name.

    >>> heading({"sw_notebook": "0.1.0", "Python": "3.12.1"})
    'sw-notebook check: sw_notebook 0.1.0, Python 3.12.1'
    """
    named = ", ".join(f"{name} {version}".strip() for name, version in versions.items())
    return f"sw-notebook check: {named}"


def line(step: Step) -> str:
    """Return the line of a step.

    >>> line(Step("token", "ok", 41, ("SAT", "10 min left")))
    'token        ok          41 ms  SAT, 10 min left'
    >>> line(Step("dial", "skipped"))
    'dial         skipped'
    """
    took = "" if step.milliseconds is None else f"{step.milliseconds} ms"
    said = ": ".join(part for part in (", ".join(step.facts), step.problem) if part)
    return f"{step.name:<{_WIDTH}}  {step.outcome:<7}  {took:>8}  {said}".rstrip()


def verdict(steps: Collection[Step]) -> str:
    """Return the last line."""
    failed = [step.name for step in steps if step.outcome == "failed"]
    if failed:
        return f"failed: {', '.join(failed)}"
    tried = [step.name for step in steps if step.outcome == "ok"]
    skipped = len(steps) - len(tried)
    return "all ok" if not skipped else f"ok as far as it went, which is {tried[-1]}"
