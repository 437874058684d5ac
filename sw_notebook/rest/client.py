"""Asks a space for tokens, with one pool of connections."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

import httpx

from sw_notebook.credentials import Credentials
from sw_notebook.tokens import Token

from . import tokens
from .hidden import Hidden
from .patience import Answer, Ask, Failure, Wait, patiently
from .tokens import Grant

__all__ = ["AsyncTokenClient", "TokenClient"]

TIMEOUT = 10.0
"""Seconds for the connection, and for each part of the answer."""

LARGEST = 2**20
"""Bytes of an answer that are read; one with a token has some thousand."""


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
        self._http = httpx.Client(base_url=credentials.url, timeout=TIMEOUT)

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
        flow = patiently(ask)
        step = next(flow)
        while True:
            try:
                if isinstance(step, Wait):
                    time.sleep(step.seconds)
                    step = flow.send(None)
                else:
                    step = flow.send(self._send(step))
            except StopIteration as done:
                return tokens.grant(done.value, self._credentials.host, _secrets(self, ask))

    def _send(self, ask: Ask) -> Answer | Failure:
        request = _request(self._http, ask, self._credentials)
        try:
            response = self._http.send(request, stream=True)
            try:
                content = b""
                for part in response.iter_bytes():
                    content += part
                    if len(content) > LARGEST:
                        return _too_large()
            finally:
                response.close()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return _failure(error)
        return _answer(response, content)


class AsyncTokenClient:
    """:class:`TokenClient` for coroutines: the same methods, awaited.

    ::

        async with AsyncTokenClient(Credentials.from_env()) as client:
            grant = await client.subscriber("alice", expires_in=3600)
    """

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._http = httpx.AsyncClient(base_url=credentials.url, timeout=TIMEOUT)

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
        flow = patiently(ask)
        step = next(flow)
        while True:
            try:
                if isinstance(step, Wait):
                    await asyncio.sleep(step.seconds)
                    step = flow.send(None)
                else:
                    step = flow.send(await self._send(step))
            except StopIteration as done:
                return tokens.grant(done.value, self._credentials.host, _secrets(self, ask))

    async def _send(self, ask: Ask) -> Answer | Failure:
        request = _request(self._http, ask, self._credentials)
        try:
            response = await self._http.send(request, stream=True)
            try:
                content = b""
                async for part in response.aiter_bytes():
                    content += part
                    if len(content) > LARGEST:
                        return _too_large()
            finally:
                await response.aclose()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return _failure(error)
        return _answer(response, content)


def _secrets(client: TokenClient | AsyncTokenClient, ask: Ask) -> list[Hidden]:
    return [*ask.secrets, Hidden(client._credentials.reveal())]


def _request(
    http: httpx.Client | httpx.AsyncClient, ask: Ask, credentials: Credentials
) -> httpx.Request:
    request = http.build_request("POST", ask.path, json=ask.body)
    if ask.bearer is None:
        auth = httpx.BasicAuth(credentials.project_id, credentials.reveal())
        request = next(auth.auth_flow(request))
    elif ask.bearer:
        request.headers["Authorization"] = f"Bearer {ask.bearer}"
    return request


def _answer(response: httpx.Response, content: bytes) -> Answer:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, headers, content)


def _too_large() -> Failure:
    return Failure("its answer has more than a megabyte, which no token has", lasting=True)


def _failure(error: httpx.HTTPError | httpx.InvalidURL) -> Failure:
    """Name what happened, without the words of the error: they may quote what was sent."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Failure(f"its certificate is not valid ({cause.verify_message})", lasting=True)
        cause = cause.__cause__ or cause.__context__
    match error:
        case httpx.ConnectTimeout() | httpx.ConnectError():
            return Failure("no connection")
        case httpx.TimeoutException():
            return Failure(f"no answer for {TIMEOUT:.0f} seconds")
        case httpx.RemoteProtocolError() | httpx.ReadError() | httpx.WriteError():
            return Failure("the connection broke before its answer was complete")
        case _:
            return Failure(f"no answer that can be read ({type(error).__name__})", lasting=True)
