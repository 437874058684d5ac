"""A page on paper: it sends what a page would send and keeps what the kernel sent to it."""

from __future__ import annotations

import time
from typing import Any

from sw_notebook import Call

__all__ = ["PaperPage"]


class PaperPage:
    """Stands at the far end of a call's comm, for tests of what the kernel makes of messages."""

    def __init__(self, call: Call, name: str = "page1", *, shown: bool = True) -> None:
        self.call = call
        self.name = name
        self.seq = 0
        self.sent: list[dict[str, Any]] = []
        self.buffers: list[list[bytes]] = []
        post = call._post

        def tee(content: dict[str, Any], buffers: list[bytes]) -> None:
            self.sent.append(content)
            self.buffers.append(buffers)
            post(content, buffers)

        call._exchange._send = tee
        call._post = tee  # type: ignore[method-assign]
        if shown:
            self.show()

    def say(self, **content: Any) -> None:
        """Send a message as it is."""
        self.call._exchange.receive({"page": self.name, **content})

    def show(self, count: int = 1) -> None:
        """Say in how many views the call is shown."""
        self.say(kind="view", count=count)

    def act(self, act: str, **fields: Any) -> None:
        """Say what a person clicked."""
        self.say(kind="act", act=act, **fields)

    def event(self, type: str, *, seq: int | None = None, **fields: Any) -> None:
        """Say what happened to the current attempt."""
        self.seq = seq if seq is not None else self.seq + 1
        attempt = fields.pop("attempt", self.call.attempt)
        when = fields.pop("time", time.time())
        event = {"type": type, **fields}
        one = {"seq": self.seq, "time": when, "attempt": attempt, "event": event}
        self.say(kind="events", events=[one])

    def status(self, *statuses: str) -> None:
        """Say these statuses, one after the other."""
        for status in statuses:
            self.event("status", status=status, raw=status)

    def connect(self) -> None:
        """Take a call from the command to ``connected``."""
        self.event("accepted")
        self.event("dialled", call_id="a-call")
        self.status("trying", "connecting", "connected")

    def end(self, reason: str = "hangup", status: str = "destroyed", **cause: Any) -> None:
        """End the attempt."""
        self.event("ended", reason=reason, **{"cause": None, "cause_code": None} | cause)
        self.status(status)

    def commands(self, command: str) -> list[dict[str, Any]]:
        """What the kernel commanded this page so far."""
        return [
            content
            for content in self.sent
            if content.get("command") == command and content["page"] == self.name
        ]
