"""A second participant that only receives, in a process of its own: video and sound as numpy."""

from __future__ import annotations

__all__: list[str] = []
