"""Does the steps of a check, one after the other."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import platform
import time
from collections.abc import AsyncIterator, Callable
from importlib.metadata import version

from sw_notebook import __version__
from sw_notebook.credentials import Credentials
from sw_notebook.destinations import Destination
from sw_notebook.exceptions import SwNotebookError
from sw_notebook.rest import AsyncTokenClient, subscriber_info
from sw_notebook.signaling.fabric import Connected
from sw_notebook.signaling.heard import Acknowledged, Answered, Created, EarlyMedia, Ended
from sw_notebook.signaling.hosts import Hosts
from sw_notebook.signaling.sdp import Description
from sw_notebook.tokens import Token

from . import facts as words
from . import report
from .media import Media
from .secrets import Secrets
from .socket import Line, opened
from .steps import NAMES, Outcome, Step, StepFailed

__all__ = ["run"]

TOKEN_SECONDS = 600.0
"""A check takes less, unless it was given more for each step; its token is of no use later."""

HANG_UP_SECONDS = 5.0

logger = logging.getLogger("sw_notebook.check")


class _Stop(Exception):
    """A step failed and is reported; those that would follow are skipped."""


class _Steps:
    """What was done so far, said as soon as it is."""

    def __init__(self, say: Callable[[str], None], timeout: float) -> None:
        self.secrets = Secrets()
        self.done: list[Step] = []
        self._say = say
        self.timeout = timeout

    @contextlib.asynccontextmanager
    async def step(
        self,
        name: str,
        late: Callable[[], StepFailed] | None = None,
        *,
        at_most: float | None = None,
    ) -> AsyncIterator[list[str]]:
        """Do a step, and give the list for its facts.

        Args:
            name: of the step.
            late: says what it means that the time is over.
            at_most: how long it may take, in seconds, where that is less than usual.
        """
        facts: list[str] = []
        started = time.monotonic()
        seconds = min(self.timeout, at_most or self.timeout)

        def add(outcome: Outcome, problem: str = "") -> None:
            took = round((time.monotonic() - started) * 1000)
            self.add(Step(name, outcome, took, tuple(facts), problem))

        try:
            async with asyncio.timeout(seconds):
                yield facts
        except (StepFailed, SwNotebookError) as error:
            add("failed", str(error))
            raise _Stop from None
        except TimeoutError:
            usual = StepFailed(f"nothing came within {seconds:g} s", "give it more with --timeout")
            add("failed", str(usual if late is None else late()))
            raise _Stop from None
        except asyncio.CancelledError:
            add("failed", "interrupted")
            raise
        add("ok")

    def add(self, step: Step) -> None:
        """Take a step that was done, and say it without secrets."""
        hide = self.secrets.hide
        clean = Step(
            step.name,
            step.outcome,
            step.milliseconds,
            tuple(hide(fact) for fact in step.facts),
            hide(step.problem),
        )
        self.done.append(clean)
        logger.debug("%s %s", clean.name, clean.outcome)
        self._say(report.line(clean))

    def skip(self, why: str = "") -> None:
        """Skip what was not done."""
        done = {step.name for step in self.done}
        for name in NAMES:
            if name not in done:
                self.add(Step(name, "skipped", facts=(why,) if why else ()))


def run(
    say: Callable[[str], None],
    *,
    destination: Destination | None,
    timeout: float,
    loopback: bool,
) -> bool:
    """See :func:`sw_notebook.check.check`."""
    versions = {
        "sw_notebook": __version__,
        "Python": platform.python_version(),
        "aiortc": version("aiortc"),
        platform.platform(): "",
    }
    say(report.heading(versions))
    steps = _Steps(say, timeout)
    # Ctrl-C has cancelled what was under way, which has hung up and said so.
    with contextlib.suppress(_Stop, KeyboardInterrupt):
        asyncio.run(_run(steps, destination, loopback=loopback))
    steps.skip()
    say(report.verdict(steps.done))
    return not any(step.outcome == "failed" for step in steps.done)


async def _run(steps: _Steps, destination: Destination | None, *, loopback: bool) -> None:
    async with contextlib.AsyncExitStack() as stack:
        async with steps.step("credentials") as facts:
            credentials = await _credentials(stack, loopback=loopback)
            steps.secrets.add(credentials.reveal())
            facts += [credentials.host, f"project {steps.secrets.mask(credentials.project_id)}"]
        async with steps.step("token") as facts:
            token = await _token(steps, credentials)
            facts += words.token_facts(token)
            hosts = _hosts(token, credentials)
        async with steps.step("subscriber") as facts:
            info = await subscriber_info(hosts.rest, token)
            found = info.get("fabric_addresses")
            number = len(found) if isinstance(found, list) else 0
            facts += [_host(hosts.rest), words.count(number, "address", "addresses")]
        async with steps.step("connect") as facts:
            facts.append(_host(hosts.socket))
            opening = opened(hosts.socket, steps.secrets, destination)
            line = await stack.enter_async_context(opening)
            connected = await _connect(line, token)
            for server in connected.ice_servers:
                steps.secrets.add(server.get("username"), server.get("credential"))
            facts.append(words.server_fact(connected.ice_servers))
        if destination is None:
            steps.skip("no --to ADDRESS to dial")
            return
        async with contextlib.aclosing(Media(connected.ice_servers)) as media:
            await _call(steps, line, media, destination)


async def _credentials(stack: contextlib.AsyncExitStack, *, loopback: bool) -> Credentials:
    if not loopback:
        return Credentials.from_env()
    from sw_notebook.space import LoopbackSpace

    space = await stack.enter_async_context(LoopbackSpace(private=True))
    return Credentials(space.url, space.project_id, space.api_token)


async def _token(steps: _Steps, credentials: Credentials) -> Token:
    lasting = max(TOKEN_SECONDS, len(NAMES) * steps.timeout)
    async with AsyncTokenClient(credentials) as client:
        grant = await client.subscriber(credentials.reference, expires_in=lasting)
    for token in (grant.token, grant.refresh_token):
        if token is not None:
            steps.secrets.add(token.reveal())
    return grant.token


def _hosts(token: Token, credentials: Credentials) -> Hosts:
    hosts = Hosts.of(token.host, credentials.url)
    if hosts is None:
        raise StepFailed(
            "the token names no host to connect to (its claim ch)", "check the name of the space"
        )
    return hosts


def _host(url: str) -> str:
    return url.partition("://")[2].rstrip("/")


async def _connect(line: Line, token: Token) -> Connected:
    line.session.connect(token.reveal())
    await line.send()
    connected = await line.until(Connected)
    line.session.online()  # as the SDK does before it dials
    await line.send()
    await line.until(Acknowledged)
    return connected


async def _call(steps: _Steps, line: Line, media: Media, destination: Destination) -> None:
    call_id = None
    try:
        async with steps.step("dial") as facts:
            facts.append(words.destination_fact(destination))
            steps.secrets.add(*words.personal(destination))  # a space may repeat it
            offer = await media.offer()
            facts += words.candidate_facts(Description.parse(offer))
            call_id = line.session.invite(destination.uri, offer)
            await line.send()
            await line.until(Created)
        async with steps.step("answer") as facts:
            heard: EarlyMedia | Answered = await line.until(EarlyMedia, Answered)
            if heard.sdp is None:
                raise StepFailed("the answer has no media", "report it with these lines")
            answer = await media.accept(heard.sdp)
            facts += words.media_facts(Description.parse(answer))
            if isinstance(heard, EarlyMedia):
                facts.append("early media")
                await line.until(Answered)
        async with steps.step("media", late=media.late) as facts:
            await line.during(media.arrives(facts))
    finally:
        if call_id is not None and line.session.has(call_id) and line.is_open:
            async with steps.step("hang up", at_most=HANG_UP_SECONDS) as facts:
                line.session.bye(call_id)
                await line.send()
                why = (await line.until(Ended)).cause
                facts.append(f"{why.name} {why.number}")
