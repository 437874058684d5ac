"""Sends requests with httpx, patiently: what comes of them is a value, never an exception."""

from __future__ import annotations

import asyncio
import ssl
import time
from typing import TypedDict

import httpx

from sw_notebook.credentials import Credentials, on_this_machine

from .patience import Answer, Ask, Failure, Wait, patiently

__all__ = ["LARGEST", "TIMEOUT", "Options", "failure", "options", "send", "send_async"]

TIMEOUT = 10.0
"""Seconds for the connection, and for each part of the answer."""

LARGEST = 2**20
"""Bytes of an answer that are read; one with a token has some thousand."""


class Options(TypedDict):
    """What httpx's clients are made with."""

    base_url: str
    timeout: float
    trust_env: bool


def options(url: str) -> Options:
    """How to make a client for the space at this URL: through no proxy where it is here."""
    return {"base_url": url, "timeout": TIMEOUT, "trust_env": not on_this_machine(url)}


def send(http: httpx.Client, ask: Ask, credentials: Credentials) -> Answer | Failure:
    """Send a request, and again where that may help.

    Args:
        http: its base is the space.
        ask: the request.
        credentials: what authorises it where ``ask`` has no token.
    """
    flow = patiently(ask)
    step = next(flow)
    while True:
        try:
            if isinstance(step, Wait):
                time.sleep(step.seconds)
                step = flow.send(None)
            else:
                step = flow.send(_send(http, step, credentials))
        except StopIteration as done:
            outcome: Answer | Failure = done.value
            return outcome


async def send_async(
    http: httpx.AsyncClient, ask: Ask, credentials: Credentials | None = None
) -> Answer | Failure:
    """Send a request as :func:`send` does; without credentials where ``ask`` has a token."""
    flow = patiently(ask)
    step = next(flow)
    while True:
        try:
            if isinstance(step, Wait):
                await asyncio.sleep(step.seconds)
                step = flow.send(None)
            else:
                step = flow.send(await _send_async(http, step, credentials))
        except StopIteration as done:
            outcome: Answer | Failure = done.value
            return outcome


def _send(http: httpx.Client, ask: Ask, credentials: Credentials) -> Answer | Failure:
    request = _request(http, ask, credentials)
    try:
        response = http.send(request, stream=True)
        try:
            content = b""
            for part in response.iter_bytes():
                content += part
                if len(content) > LARGEST:
                    return _too_large()
        finally:
            response.close()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return failure(error)
    return _answer(response, content)


async def _send_async(
    http: httpx.AsyncClient, ask: Ask, credentials: Credentials | None
) -> Answer | Failure:
    request = _request(http, ask, credentials)
    try:
        response = await http.send(request, stream=True)
        try:
            content = b""
            async for part in response.aiter_bytes():
                content += part
                if len(content) > LARGEST:
                    return _too_large()
        finally:
            await response.aclose()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return failure(error)
    return _answer(response, content)


def _request(
    http: httpx.Client | httpx.AsyncClient, ask: Ask, credentials: Credentials | None
) -> httpx.Request:
    method = "GET" if ask.body is None else "POST"
    request = http.build_request(method, ask.path, json=ask.body)
    if ask.bearer is None:
        assert credentials is not None
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


def failure(error: httpx.HTTPError | httpx.InvalidURL) -> Failure:
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
