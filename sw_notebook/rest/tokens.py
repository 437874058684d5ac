"""What a space is asked for, and what its answers mean; no I/O."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from sw_notebook.exceptions import RestError, TokenError
from sw_notebook.tokens import Token

from .hidden import Hidden
from .patience import Answer, Ask, Failure

__all__ = [
    "Grant",
    "accepted",
    "embed",
    "grant",
    "guest",
    "invite",
    "json_object",
    "refresh",
    "subscriber",
]

GUEST_ADDRESSES = range(1, 11)
"""How many addresses a guest token may name."""

_SUBSCRIBERS = "/api/fabric/subscribers/tokens"

SUBSCRIBER = "subscriber"
"""What is wanted where a token is shown, and not the project's key."""

_OWN_STEP = "the host that the token names (ch) does not take it: report that, with these words"

NEXT_STEPS = {
    400: "look at what was asked for",
    401: "check SIGNALWIRE_PROJECT_ID and SIGNALWIRE_API_TOKEN, or the token that was passed",
    403: "give the API token the scope for it, in the dashboard under API",
    404: "check the name of the space, and that what was asked for exists there",
    422: "look at what was asked for",
    429: "try again later: the space limits how often it is asked",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Grant:
    """What a space gave.

    Attributes:
        token: the token.
        refresh_token: exchanges for the next one, None where the space gave none.
        subscriber_id: whose they are, None where the space did not say.
    """

    token: Token
    refresh_token: Token | None = None
    subscriber_id: str | None = None


def subscriber(
    reference: str,
    *,
    password: str | None = None,
    application_id: str | None = None,
    expires_in: float | None = None,
    fingerprint: str | None = None,
    scope: str | Sequence[str] | None = None,
    profile: Mapping[str, object] | None = None,
) -> Ask:
    """Ask for a subscriber's token; see :meth:`TokenClient.subscriber`."""
    scopes = scope if scope is None or isinstance(scope, str) else " ".join(scope)
    body = {
        **(profile or {}),
        "reference": _filled(reference, "reference"),
        "password": None if password is None else Hidden(password),
        "application_id": application_id,
        "expire_at": _moment(expires_in),
        "fingerprint": fingerprint,
        "scope": scopes,
    }
    return Ask(_SUBSCRIBERS, _given(body))


def refresh(refresh_token: Token) -> Ask:
    """Ask for the next token; see :meth:`TokenClient.refresh`."""
    return Ask(f"{_SUBSCRIBERS}/refresh", {"refresh_token": Hidden(refresh_token.reveal())})


def guest(allowed_addresses: Sequence[str], *, expires_in: float | None = None) -> Ask:
    """Ask for a guest's token; see :meth:`TokenClient.guest`."""
    if isinstance(allowed_addresses, str):
        raise TokenError("allowed_addresses is a list of address ids: put the one into a list")
    addresses = [_filled(address, "each allowed address") for address in allowed_addresses]
    if len(addresses) not in GUEST_ADDRESSES:
        raise TokenError(
            f"a guest token names 1 to {GUEST_ADDRESSES[-1]} addresses, not {len(addresses)}: "
            "leave some out, or ask for a subscriber token"
        )
    body = {"allowed_addresses": addresses, "expire_at": _moment(expires_in)}
    return Ask("/api/fabric/guests/tokens", _given(body))


def invite(address_id: str, token: Token, *, expires_in: float | None = None) -> Ask:
    """Ask for an invite's token; see :meth:`TokenClient.invite`."""
    body = {"address_id": _filled(address_id, "address_id"), "expires_at": _moment(expires_in)}
    return Ask("/api/fabric/subscriber/invites", _given(body), Hidden(token.reveal()))


def embed(c2c_token: str) -> Ask:
    """Ask for the token of a click-to-call button; see :meth:`TokenClient.embed`."""
    c2c_token = Hidden(c2c_token.strip())
    if not c2c_token.startswith("c2c_"):
        raise TokenError("a click-to-call token begins with c2c_: copy it from the button's code")
    return Ask("/api/embeds/tokens", {"token": c2c_token}, Hidden(""))


def grant(outcome: Answer | Failure, host: str, secrets: Sequence[Hidden]) -> Grant:
    """Read an answer.

    Args:
        outcome: the answer.
        host: the space.
        secrets: what is not shown, should the answer repeat it.

    Raises:
        RestError: there is none, it is a refusal, or it holds no token.
    """
    answer = accepted(outcome, host, secrets, "token")
    found = _granted(answer.content)
    if found is None:
        reason = "its answer holds no token"
        raise RestError(host, answer.status, reason, "check the name of the space")
    return found


def accepted(
    outcome: Answer | Failure, host: str, secrets: Sequence[Hidden], wanted: str
) -> Answer:
    """Return an answer that gives what was wanted; see :func:`grant`.

    Raises:
        RestError: there is none, or it is a refusal.
    """
    if isinstance(outcome, Failure):
        next_step = "check the name of the space" if outcome.lasting else "try again later"
        raise RestError(host, None, outcome.reason, next_step, wanted)
    status = outcome.status
    if status in range(300, 400):
        reason = "it sends its visitors elsewhere, where credentials must not go"
        raise RestError(host, status, reason, _next_step(404, wanted), wanted)
    if status not in range(200, 300):
        reason = _refusal(outcome.content, secrets)
        raise RestError(host, status, reason, _next_step(status, wanted), wanted)
    return outcome


def _next_step(status: int, wanted: str) -> str:
    if status in range(500, 600):
        return "try again later"
    if wanted == SUBSCRIBER and status != 429:
        return _OWN_STEP
    return NEXT_STEPS.get(status, "look at the space's status")


# What they read holds secrets, so they raise nothing: a traceback may show variables.


def _granted(content: bytes) -> Grant | None:
    found = json_object(content)
    token, again = _token(found.get("token")), _token(found.get("refresh_token"))
    whose = found.get("subscriber_id")
    if token is None:
        return None
    return Grant(token, again, whose if isinstance(whose, str) else None)


def _token(value: object) -> Token | None:
    try:
        return Token(value) if isinstance(value, str) else None
    except TokenError:
        return None


def json_object(content: bytes) -> dict[str, Any]:
    """Read a JSON object; an empty one where it is none."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _refusal(content: bytes, secrets: Sequence[Hidden]) -> str:
    """What a refusal says in its fields; the rest of the body is not quoted.

    The platform names each fault: ``{"errors": [{"attribute", "code", "message"}]}``.
    """
    found = json_object(content)
    errors = found.get("errors")
    said: list[object] = [found.get("error"), found.get("message")]
    for fault in errors if isinstance(errors, list) else []:
        if isinstance(fault, dict):
            words = [fault.get("attribute"), fault.get("message") or fault.get("code")]
            said.append(" ".join(word for word in words if isinstance(word, str)))
    text = "; ".join(line for line in said if isinstance(line, str) and line)
    for secret in secrets:
        text = text.replace(secret, "…")
    clean = "".join(character if character.isprintable() else " " for character in text)
    return clean[:300] or "it refused and did not say why"


def _filled(value: object, what: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise TokenError(f"{what} is missing: pass it as text")
    return value


def _moment(expires_in: float | None) -> int | None:
    """The Unix time at which something ends that lasts so many seconds from now."""
    if expires_in is None:
        return None
    if not 0 < expires_in < 1e9:
        raise TokenError("expires_in is how many seconds the token lasts: more than 0")
    return round(time.time() + expires_in)


def _given(body: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in body.items() if value is not None}
