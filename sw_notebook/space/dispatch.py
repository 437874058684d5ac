"""What clients ask for over their sockets: who they are, their calls, and what members do."""

from __future__ import annotations

import functools
import logging
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from sw_notebook.exceptions import ProofError
from sw_notebook.signaling import fabric, verto
from sw_notebook.signaling.causes import cause
from sw_notebook.signaling.dpop import Proofs, rpc_proof
from sw_notebook.signaling.jsonrpc import CALL_ERROR, FORBIDDEN
from sw_notebook.signaling.rooms import OK, CallRequest
from sw_notebook.signaling.session import Asked

from .calls import Calls, created
from .credentials import Claims, Keys, TokenRefused
from .faults import Injection
from .members import perform
from .messages import handle
from .refusal import Refusal
from .sessions import Session, Sessions

__all__ = ["Dispatch", "Reply"]

logger = logging.getLogger("sw_notebook.space")

Reply = Callable[[Asked, dict[str, Any]], None]
"""Answers a request with this result."""


class Dispatch:
    """Does what is asked of a space.

    Args:
        keys: which tokens are good.
        calls: the calls of the space.
        sessions: its sessions.
        proofs: which proofs of keys were used.
        injection: which calls are refused on purpose.
        max_legs: how many calls one client may have up.
        ice_servers: what clients are told to ask for candidates.
    """

    def __init__(
        self,
        keys: Keys,
        calls: Calls,
        sessions: Sessions,
        proofs: Proofs,
        *,
        injection: Injection,
        max_legs: int,
        ice_servers: Sequence[dict[str, Any]],
    ) -> None:
        self.calls = calls
        self.sessions = sessions
        self._keys = keys
        self._proofs = proofs
        self._injection = injection
        self._max_legs = max_legs
        self._ice_servers = ice_servers

    def connect(
        self, asked: Asked, connect: fabric.Connect
    ) -> tuple[Session, dict[str, Any], fabric.Event]:
        """Begin or resume a client's session; return it, the result, and the event that follows.

        Raises:
            Refusal: the token is not good, or the session over.
        """
        if connect.state is not None and connect.protocol is not None:
            session = self._resumed(connect.state, connect.protocol)
            self._prolong(session, asked.method, connect)
        else:
            session = self.sessions.create(self._claims(connect.token, asked.method, connect.proof))
        result = fabric.connect_result(
            f"{session.claims.subscriber_id}@loopback",
            session.protocol,
            self._keys.authorization(session.claims),
            self._ice_servers,
        )
        state = {"authorization_state": self._keys.state(session.protocol)}
        return session, result, fabric.Event(fabric.AUTHORIZATION_STATE, state)

    async def perform(
        self, session: Session, asked: Asked, reply: Reply
    ) -> Callable[[], None] | None:
        """Do what is asked; return what is to follow once the answer is out.

        Raises:
            Refusal: it cannot be done, and why.
        """
        calls = self.calls
        match asked.message:
            case fabric.Reauthenticate(token=token, proof=proof):
                claims = self._claims(token, asked.method, proof)
                if claims.subscriber_id != session.claims.subscriber_id:
                    raise Refusal(FORBIDDEN, "that token is another subscriber's; connect afresh")
                self.sessions.renew(session, claims)
                authorization = self._keys.authorization(session.claims)
                reply(asked, {"authorization": authorization.wire()})
            case fabric.Ping(timestamp=timestamp):
                reply(asked, {"timestamp": timestamp})
            case fabric.Online() | fabric.Offline() as presence:
                session.online = isinstance(presence, fabric.Online)
                reply(asked, OK)
            case CallRequest() as request:
                leg = calls.own(session, request.call_id)
                reply(asked, perform(calls, leg, request))
            case verto.Envelope(inner_id=inner, message=verto.Invite() as invite):
                dialog = invite.dialog
                others = [  # than the one that is taken up again
                    leg
                    for leg in calls.of(session)
                    if not dialog.attach or leg.call_id != dialog.call_id
                ]
                if len(others) >= self._max_legs:
                    raise Refusal(
                        CALL_ERROR, f"you have {self._max_legs} calls up; hang up one of them"
                    )
                how = self._injection.refusal()
                if how is not None:
                    result, then = _refused(session, invite, how)
                else:
                    leg, result = await calls.invite(session, invite)
                    then = functools.partial(calls.proceed, leg)
                reply(asked, verto.reply(calls.node_id, inner, result))
                return then
            case verto.Envelope(inner_id=inner, message=message):
                outcome = await handle(calls, session, message)
                reply(asked, verto.reply(calls.node_id, inner, outcome.result))
                return outcome.then
        return None

    def _resumed(self, state: str, protocol: str) -> Session:
        # Its token may have expired since: the state vouches for the session.
        vouched = self._keys.is_state(state, protocol)
        session = self.sessions.resume(protocol) if vouched else None
        if session is None:
            raise Refusal(FORBIDDEN, "that session is over; connect afresh")
        logger.info("session %s is resumed", protocol)
        return session

    def _prolong(self, session: Session, method: str, connect: fabric.Connect) -> None:
        """Let a session that is resumed with a token that lasts longer go on with that one."""
        try:
            claims = self._claims(connect.token, method, connect.proof)
        except Refusal:
            return
        before = session.claims
        same = claims.subscriber_id == before.subscriber_id
        if same and claims.expires_at > before.expires_at:
            self.sessions.renew(session, claims)

    def _claims(self, token: str, method: str, proof: str) -> Claims:
        try:
            claims = self._keys.verify(token)
            if proof:
                now, proofs = time.time(), self._proofs
                thumbprint = rpc_proof(proof, method=method, now=now, proofs=proofs)
                if claims.thumbprint not in {None, thumbprint}:
                    raise TokenRefused("the token is bound to another key; ask for one for yours")
            elif claims.device:
                raise TokenRefused("a device token needs a proof of its key; send dpop_token")
        except (TokenRefused, ProofError) as error:
            raise Refusal(CALL_ERROR, f"Authentication failed: {error}") from None
        return claims


def _refused(
    session: Session, invite: verto.Invite, how: str | int
) -> tuple[dict[str, Any], Callable[[], None]]:
    """Refuse a call as :class:`Faults` says, as a far side or as the space itself."""
    logger.info("call %.80r is refused, as was asked for", invite.call_id)
    if isinstance(how, int):
        raise Refusal(how, "the call is refused, as was asked for")
    bye = verto.bye_event(invite.call_id, cause(how))
    return created(invite.call_id, str(uuid.uuid4())), functools.partial(session.send, bye)
