"""What is raised where a client asks for what it cannot have."""

from __future__ import annotations

__all__ = ["Refusal"]


class Refusal(Exception):
    """A request that the space refuses, with the code and the words to do it with."""

    def __init__(self, code: int, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(reason)
