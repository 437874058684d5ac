"""Asks a space for tokens, with one pool of connections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

import httpx

from sw_notebook.credentials import Credentials
from sw_notebook.tokens import Token

from . import tokens
from .hidden import Hidden
from .patience import Ask
from .sending import options, send, send_async
from .tokens import Grant

__all__ = ["AsyncTokenClient", "TokenClient"]


class TokenClient:
    """Asks a space for tokens, and waits for the answers.

    No answer, 429 and 5xx are tried up to four times, with pauses that grow; ``Retry-After`` is
    honoured up to ten seconds.  Redirects are not followed: credentials stay with the space.

    Args:
        credentials: of the space.

    ::

        with TokenClient(Credentials.from_env()) as client:
            grant = client.subscriber("alice", expires_in=3600)

    Every method raises ``RestError`` where the space refuses or does not answer, and
    ``TokenError`` where what is asked for cannot be right.

    Source: https://developer.signalwire.com/rest/signalwire-rest/endpoints/fabric
    """

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._http = httpx.Client(**options(credentials.url))

    def close(self) -> None:
        """Close the connections; safe to call twice."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def subscriber(
        self,
        reference: str,
        *,
        password: str | None = None,
        application_id: str | None = None,
        expires_in: float | None = None,
        fingerprint: str | None = None,
        scope: str | Sequence[str] | None = None,
        profile: Mapping[str, object] | None = None,
    ) -> Grant:
        """Ask for a subscriber's token (``POST /api/fabric/subscribers/tokens``).

        Args:
            reference: who; the platform makes a subscriber where there is none of that name.
            password: the subscriber's, where it has or shall have one.
            application_id: the application that the token is for.
            expires_in: seconds; the platform's default is two hours.
            fingerprint: of the page's key (RFC 7638), which binds the token to that page.
            scope: what else the token allows, as ``"sat:refresh"``.
            profile: further fields of the subscriber, as ``{"display_name": "Alice"}``.
        """
        password = password and Hidden(password)  # a traceback may show variables
        return self._get(
            tokens.subscriber(
                reference,
                password=password,
                application_id=application_id,
                expires_in=expires_in,
                fingerprint=fingerprint,
                scope=scope,
                profile=profile,
            )
        )

    def refresh(self, refresh_token: Token) -> Grant:
        """Exchange a refresh token for the next token (``POST …/tokens/refresh``)."""
        return self._get(tokens.refresh(refresh_token))

    def guest(self, allowed_addresses: Sequence[str], *, expires_in: float | None = None) -> Grant:
        """Ask for a guest's token (``POST /api/fabric/guests/tokens``).

        Args:
            allowed_addresses: the ids of the 1 to 10 addresses that it may call.
            expires_in: seconds.
        """
        return self._get(tokens.guest(allowed_addresses, expires_in=expires_in))

    def invite(self, address_id: str, token: Token, *, expires_in: float | None = None) -> Grant:
        """Ask for an invite to an address (``POST /api/fabric/subscriber/invites``).

        Args:
            address_id: the address that it may call.
            token: of the subscriber who invites.
            expires_in: seconds.
        """
        return self._get(tokens.invite(address_id, token, expires_in=expires_in))

    def embed(self, c2c_token: str) -> Grant:
        """Exchange the public token of a click-to-call button (``POST /api/embeds/tokens``)."""
        c2c_token = Hidden(c2c_token)
        return self._get(tokens.embed(c2c_token))

    def _get(self, ask: Ask) -> Grant:
        outcome = send(self._http, ask, self._credentials)
        return tokens.grant(outcome, self._credentials.host, _secrets(self, ask))


class AsyncTokenClient:
    """:class:`TokenClient` for coroutines: the same methods, awaited.

    ::

        async with AsyncTokenClient(Credentials.from_env()) as client:
            grant = await client.subscriber("alice", expires_in=3600)
    """

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._http = httpx.AsyncClient(**options(credentials.url))

    async def close(self) -> None:
        """Close the connections; safe to call twice."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def subscriber(
        self,
        reference: str,
        *,
        password: str | None = None,
        application_id: str | None = None,
        expires_in: float | None = None,
        fingerprint: str | None = None,
        scope: str | Sequence[str] | None = None,
        profile: Mapping[str, object] | None = None,
    ) -> Grant:
        """Ask for a subscriber's token; see :meth:`TokenClient.subscriber`."""
        password = password and Hidden(password)
        return await self._get(
            tokens.subscriber(
                reference,
                password=password,
                application_id=application_id,
                expires_in=expires_in,
                fingerprint=fingerprint,
                scope=scope,
                profile=profile,
            )
        )

    async def refresh(self, refresh_token: Token) -> Grant:
        """Exchange a refresh token; see :meth:`TokenClient.refresh`."""
        return await self._get(tokens.refresh(refresh_token))

    async def guest(
        self, allowed_addresses: Sequence[str], *, expires_in: float | None = None
    ) -> Grant:
        """Ask for a guest's token; see :meth:`TokenClient.guest`."""
        return await self._get(tokens.guest(allowed_addresses, expires_in=expires_in))

    async def invite(
        self, address_id: str, token: Token, *, expires_in: float | None = None
    ) -> Grant:
        """Ask for an invite to an address; see :meth:`TokenClient.invite`."""
        return await self._get(tokens.invite(address_id, token, expires_in=expires_in))

    async def embed(self, c2c_token: str) -> Grant:
        """Exchange the public token of a click-to-call button; see :meth:`TokenClient.embed`."""
        c2c_token = Hidden(c2c_token)
        return await self._get(tokens.embed(c2c_token))

    async def _get(self, ask: Ask) -> Grant:
        outcome = await send_async(self._http, ask, self._credentials)
        return tokens.grant(outcome, self._credentials.host, _secrets(self, ask))


def _secrets(client: TokenClient | AsyncTokenClient, ask: Ask) -> list[Hidden]:
    return [*ask.secrets, Hidden(client._credentials.reveal())]
