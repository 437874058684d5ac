"""Tokens that are bound to a client's key, and renew themselves as long as it has it."""

from __future__ import annotations

import logging
import time

from aiohttp import web

from sw_notebook.exceptions import ProofError
from sw_notebook.signaling.dpop import Proofs, http_proof

from .asked import body, check_token, faulty, refuse, text
from .credentials import Claims, Keys

__all__ = ["Devices"]

logger = logging.getLogger("sw_notebook.space")

REFRESH_SCOPE = "sat:refresh"
TOKEN = "/api/fabric/subscriber/devices/token"  # noqa: S105 - a path
REFRESH = "/api/fabric/subscriber/devices/refresh"
USUAL_SECONDS = 900
"""How long one lives where the client does not say, as SDK 4.0.0-beta.12 asks for."""


class Devices:
    """The handlers that give device tokens.

    Args:
        keys: the credentials of the space.
        proofs: which proofs were used.
        seconds: how long a token lives at most.
    """

    def __init__(self, keys: Keys, proofs: Proofs, seconds: float) -> None:
        self._keys = keys
        self._proofs = proofs
        self._seconds = seconds

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to an application."""
        return [web.post(TOKEN, self._token), web.post(REFRESH, self._refresh)]

    async def _token(self, request: web.Request) -> web.Response:
        claims = check_token(request, self._keys)
        if REFRESH_SCOPE not in claims.scope:
            raise refuse(403, f"the token's scope lacks {REFRESH_SCOPE}; ask for one that has it")
        return await self._give(request, claims, TOKEN, "")

    async def _refresh(self, request: web.Request) -> web.Response:
        claims = check_token(request, self._keys)
        if not claims.device:
            raise refuse(403, f"the token is no device token; ask {TOKEN} for one")
        current = request.headers["Authorization"].partition(" ")[2]
        return await self._give(request, claims, REFRESH, current)

    async def _give(
        self, request: web.Request, claims: Claims, path: str, current: str
    ) -> web.Response:
        asked = await body(request)
        try:
            thumbprint = http_proof(
                text(asked, "dpop_token"),
                method="POST",
                path=path,
                now=time.time(),
                proofs=self._proofs,
                access_token=current,
            )
        except ProofError as error:
            logger.warning("%s refused: the proof: %s", path, error)
            raise refuse(401, f"the proof is refused: {error}") from None
        if thumbprint != claims.thumbprint:
            raise refuse(
                401, "the token is bound to another key; ask for one with your fingerprint"
            )
        expires_at = int(time.time() + min(self._seconds, _lifetime(asked.get("expire_in"))))
        logger.info("%s gives a token for %d s", path, expires_at - int(time.time()))
        token = self._keys.mint(claims, expires_at=expires_at, device=True)
        return web.json_response({"token": token, "expires_at": expires_at})


def _lifetime(value: object) -> float:
    if value is None:
        return USUAL_SECONDS
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise faulty("expire_in", "is how many seconds the token shall live")
    return value
