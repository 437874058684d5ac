"""Calls in notebooks: a SignalWire call is one value that you show, dial, await and keep."""

from __future__ import annotations

__version__ = "0.1.0"
