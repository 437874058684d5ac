"""What the loopback space plays and returns: encoded media, over aiortc."""

from __future__ import annotations

__all__: list[str] = []
