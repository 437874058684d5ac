"""The loopback space: a SignalWire-compatible space on this machine, in a process of its own."""

from __future__ import annotations

from .loopback import LoopbackSpace

__all__ = ["LoopbackSpace"]
