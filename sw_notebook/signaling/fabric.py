"""Sessions: connecting, credentials, presence, and the envelope that events come in."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sw_notebook._ice import checked_servers
from sw_notebook.exceptions import FrameError

from .fields import Fields
from .jsonrpc import Request

__all__ = [
    "AUTHORIZATION_STATE",
    "Authorization",
    "Connect",
    "Connected",
    "Event",
    "Offline",
    "Online",
    "Ping",
    "Reauthenticate",
    "connect_result",
]

AUTHORIZATION_STATE = "signalwire.authorization.state"
"""The event that hands a client the state to come back with; each connection has its own."""


@dataclass(frozen=True, slots=True)
class Connect:
    """``signalwire.connect``: a client introduces itself, or comes back.

    A client that comes back names its former ``protocol`` and hands in the
    ``state`` that it was given; its token may have expired meanwhile.
    """

    token: str = field(repr=False)
    protocol: str | None = None
    state: str | None = field(default=None, repr=False)
    agent: str = ""
    proof: str = field(default="", repr=False)
    """Of the client's key (DPoP), where it has one."""

    @classmethod
    def parse(cls, params: dict[str, Any]) -> Connect:
        """Read the parameters, or raise :class:`~sw_notebook.exceptions.FrameError`."""
        fields = Fields(params, "signalwire.connect")
        token = fields.fields("authentication").text("jwt_token")
        state = fields.text("authorization_state", "") or None
        protocol = fields.text("protocol", "") or None
        return cls(token, protocol, state, fields.text("agent", ""), fields.text("dpop_token", ""))

    def wire(self) -> dict[str, Any]:
        """Return the parameters as the SDK sends them; what is not there is left out."""
        params: dict[str, Any] = {
            "version": {"major": 4, "minor": 0, "revision": 0},
            "event_acks": True,
            "authentication": {"jwt_token": self.token},
            "agent": self.agent,
            "contexts": [],
            "eventing": [],
            "topics": [],
        }
        optional = {
            "dpop_token": self.proof,
            "authorization_state": self.state,
            "protocol": self.protocol,
        }
        return params | {name: value for name, value in optional.items() if value}


@dataclass(frozen=True, slots=True)
class Reauthenticate:
    """``signalwire.reauthenticate``: the session goes on with another token."""

    token: str = field(repr=False)
    proof: str = field(default="", repr=False)

    @classmethod
    def parse(cls, params: dict[str, Any]) -> Reauthenticate:
        """Read the parameters, or raise :class:`~sw_notebook.exceptions.FrameError`."""
        fields = Fields(params, "signalwire.reauthenticate")
        token = fields.fields("authentication").text("jwt_token")
        return cls(token, fields.text("dpop_token", ""))


@dataclass(frozen=True, slots=True)
class Ping:
    """``signalwire.ping``: are you there?  ``timestamp`` comes back as it was sent."""

    timestamp: float


@dataclass(frozen=True, slots=True)
class Online:
    """``subscriber.online``: this client can be called."""


@dataclass(frozen=True, slots=True)
class Offline:
    """``subscriber.offline``: this client cannot be called any more."""


@dataclass(frozen=True, slots=True)
class Authorization:
    """Who a session belongs to, as the answer to ``signalwire.connect`` tells it.

    Args:
        jti: the id of the token.
        project_id: the project.
        space_id: the space.
        subscriber_id: the subscriber.
        expires_at: when the token runs out, Unix seconds.
        scope: what the token allows.
    """

    jti: str
    project_id: str
    space_id: str
    subscriber_id: str
    expires_at: int
    scope: tuple[str, ...] = ()

    def wire(self) -> dict[str, Any]:
        """Return it as JSON; the SDK needs ``jti``, ``project_id`` and ``fabric_subscriber``."""
        return {
            "jti": self.jti,
            "project_id": self.project_id,
            "scope": list(self.scope),
            "fabric_subscriber": {
                "version": 1,
                "expires_at": self.expires_at,
                "subscriber_id": self.subscriber_id,
                "application_id": None,
                "project_id": self.project_id,
                "space_id": self.space_id,
            },
        }


def connect_result(
    identity: str,
    protocol: str,
    authorization: Authorization,
    ice_servers: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """Answer ``signalwire.connect``: the SDK needs the first three; ICE servers are offered."""
    return {
        "identity": identity,
        "protocol": protocol,
        "authorization": authorization.wire(),
        "ice_servers": list(ice_servers),
    }


@dataclass(frozen=True, slots=True)
class Connected:
    """The answer to ``signalwire.connect``, as far as a client needs it.

    Args:
        protocol: the session; a client that comes back names it.
        ice_servers: the ``RTCIceServer`` dicts that can be used; they hold passwords.
    """

    protocol: str = field(repr=False)
    ice_servers: tuple[dict[str, Any], ...] = field(default=(), repr=False)

    @classmethod
    def parse(cls, result: dict[str, Any]) -> Connected:
        """Read the result, or raise :class:`~sw_notebook.exceptions.FrameError`.

        >>> Connected.parse({"protocol": "p", "ice_servers": [{"urls": "stun:a"}, 5]}).ice_servers
        ({'urls': 'stun:a'},)
        """
        fields = Fields(result, "the answer to signalwire.connect")
        servers = (_ice_server(server) for server in fields.list("ice_servers", []))
        return cls(fields.text("protocol"), tuple(server for server in servers if server))


def _ice_server(server: object) -> dict[str, Any] | None:
    """Return what a peer connection takes of a server, None where it would refuse it."""
    if not isinstance(server, dict):
        return None
    kept = {name: server[name] for name in ("urls", "username", "credential") if name in server}
    try:
        checked_servers([kept])
    except ValueError:
        return None
    return kept


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, on its way to a client.

    Args:
        type: what.
        params: what there is to know about it.
        node_id: the media node of a call that begins with it.
    """

    type: str
    params: dict[str, Any] = field(repr=False)
    node_id: str = ""

    @classmethod
    def parse(cls, params: dict[str, Any], protocol: str | None) -> Event:
        """Read the parameters of a ``signalwire.event``.

        Args:
            params: the parameters as they came.
            protocol: the session that reads them.

        Raises:
            FrameError: something is missing, or the event is another session's.

        >>> Event.parse({"event_type": "call.state", "params": {}}, "p1").type
        'call.state'
        """
        fields = Fields(params, "signalwire.event")
        channel = fields.text("event_channel", "")
        if channel and (protocol is None or protocol not in channel):
            raise FrameError("the event is for another session")
        return cls(fields.text("event_type"), fields.object("params", {}))

    def request(self, protocol: str | None, *, id: str | None = None) -> Request:
        """Return the ``signalwire.event`` that carries it.

        Args:
            protocol: the session it is for.  The SDK throws away an event whose channel does
                not contain its current protocol; None leaves the channel out.
            id: the id of the request; a new one where none is given.

        >>> Event("call.state", {}).request("p1", id="1").params["event_channel"]
        'signalwire_p1'
        """
        params: dict[str, Any] = {"event_type": self.type, "params": self.params}
        if self.node_id:
            params["node_id"] = self.node_id
        if protocol is not None:
            params["event_channel"] = f"signalwire_{protocol}"
        return Request(id or str(uuid.uuid4()), "signalwire.event", params)
