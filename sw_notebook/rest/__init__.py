"""The part of a space's REST API that gives tokens: what is asked, what is answered, and httpx."""

from __future__ import annotations

from .client import AsyncTokenClient, TokenClient
from .tokens import Grant

__all__ = ["AsyncTokenClient", "Grant", "TokenClient"]
