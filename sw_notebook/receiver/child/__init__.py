"""What the receiver's own process does: signalling, media and decoding."""

from __future__ import annotations

__all__: list[str] = []
