"""What comes over the wire, packet by packet: values and state machines without any I/O."""

from __future__ import annotations

__all__: list[str] = []
