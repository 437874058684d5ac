"""The part of a space's REST API that gives tokens, and says whose they are: values, and httpx."""

from __future__ import annotations

from .client import AsyncTokenClient, TokenClient
from .subscriber import subscriber_info
from .tokens import Grant

__all__ = ["AsyncTokenClient", "Grant", "TokenClient", "subscriber_info"]
