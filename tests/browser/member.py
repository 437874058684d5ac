"""A page in a call, by the SDK alone: what it knows and does, and who is online in it."""

from __future__ import annotations

from typing import Any, Self

from playwright.sync_api import Page

from sw_notebook import LoopbackSpace, Token

from .bare import load
from .waiting import expect_equal, wait_until

__all__ = ["SENDING", "Person"]

SENDING: dict[str, Any] = {
    "audio": True,
    "video": True,
    "receiveAudio": True,
    "receiveVideo": True,
}


class Person:
    """A page in which somebody is online while the block lasts, without a provider of ours.

    The space has to answer STUN: the SDK alone calls nobody without it.

    Args:
        page: the bare page.
        space: where.
        name: who.
        token: what to be let in with, where it is not the space's own for that name.
        cured: whether there is our provider after all.
        reattaches: whether its calls outlive a reload of the page.
    """

    def __init__(
        self,
        page: Page,
        space: LoopbackSpace,
        name: str,
        token: Token | None = None,
        *,
        cured: bool = False,
        reattaches: bool = False,
    ) -> None:
        self._page = page
        self.name = name
        self._access = {
            "token": (token or space.token(name)).reveal(),
            "space": {"domain": space.domain, "url": space.url},
            "cured": cured,
            "reattaches": reattaches,
        }

    def __enter__(self) -> Self:
        said = self._page.evaluate("(access) => window.swBare.online(access)", self._access)
        assert said is None, said
        return self

    def __exit__(self, *_: object) -> None:
        self._page.evaluate("() => window.swBare.offline()")

    def act(self, who: str | None, method: str, *parameters: Any) -> None:
        """Let the SDK do something to the call (None), to itself or to somebody there."""
        said = self.tried(who, method, *parameters)
        assert said is None, said

    def tried(self, who: str | None, method: str, *parameters: Any) -> str | None:
        """Let the SDK try to; return what it throws, if it does."""
        said: str | None = self._page.evaluate(
            "([who, method, parameters]) => window.swBare.act(who, method, parameters)",
            [who, method, list(parameters)],
        )
        return said

    def subscribe(self, event: str) -> None:
        """Let the SDK ask for events of this type."""
        self._page.evaluate("(event) => window.swBare.subscribe(event)", event)

    def events(self) -> list[dict[str, Any]]:
        """Return what has come of that."""
        found: list[dict[str, Any]] = self._page.evaluate("() => window.swBare.events()")
        return found

    def room(self) -> dict[str, Any]:
        """Return what the SDK knows of the room."""
        found: dict[str, Any] = self._page.evaluate("() => window.swBare.room()")
        return found

    def knows(self, who: str) -> dict[str, Any]:
        """Return what the SDK knows of somebody; nothing where nobody of that name is there."""
        return next((one for one in self.room()["people"] if one["name"] == who), {})

    def expect(self, who: str, **values: Any) -> None:
        """Wait until the SDK knows this of somebody."""
        expect_equal(lambda: {name: self.knows(who).get(name) for name in values}, values)

    def media(self) -> dict[str, Any]:
        """Return what came in so far."""
        found: dict[str, Any] = self._page.evaluate("() => window.swBare.media()")
        return found

    def colours(self) -> list[float]:
        """Return how colourful both halves of the picture are."""
        found: list[float] = self._page.evaluate("() => window.swBare.colours()")
        return found

    def hears(self) -> bool:
        """Whether there is anything to hear in the next 2 seconds of sound."""
        before = self.media()
        wait_until(lambda: self.media()["packets"] >= before["packets"] + 100)
        return bool(self.media()["energy"] > before["energy"] + 1e-4)

    def come_back(self) -> None:
        """Reload the page, and be online in it again."""
        self._page.reload()
        load(self._page)
        self.__enter__()

    def reload(self) -> str:
        """Reload the page; return the id of the call that its SDK takes up again."""
        self.come_back()
        taken: str = self._page.evaluate("() => window.swBare.takeUp()")
        return taken

    def ask(self, method: str, *parameters: Any) -> Any:
        """Let the SDK's client do something, and return what comes of it."""
        return self._page.evaluate(
            "([method, parameters]) => window.swBare.ask(method, parameters)",
            [method, list(parameters)],
        )

    def user(self) -> dict[str, Any]:
        """Return who this is for the SDK."""
        found: dict[str, Any] = self._page.evaluate("() => window.swBare.user()")
        return found

    def call(self, destination: str, options: dict[str, Any] | None = None) -> str | None:
        """Dial, and wait for nothing; return what the SDK says instead, if it does."""
        said: str | None = self._page.evaluate(
            "([destination, options]) => window.swBare.call(destination, options)",
            [destination, options or SENDING],
        )
        return said

    def click(self, space: LoopbackSpace, token: str, destination: str) -> str | None:
        """Dial as a click-to-call button does, online or not; return what the SDK says instead."""
        said: str | None = self._page.evaluate(
            "(clicked) => window.swBare.embed(clicked)",
            [{"domain": space.domain, "url": space.url}, token, destination],
        )
        return said

    def use(self, token: Token) -> None:
        """Be let in with another token from the next reload on."""
        self._access["token"] = token.reveal()

    def restart(self) -> None:
        """Restart ICE, and wait until both sides have agreed on it."""
        before = self.media()
        self.act(None, "requestIceRestart")
        wait_until(lambda: self._restarted(before), 30)

    def _restarted(self, before: dict[str, Any]) -> bool:
        now = self.media()
        changed = all(now[side] != before[side] for side in ("local", "remote"))
        return changed and (now["signaling"], now["connection"]) == ("stable", "connected")

    def join(self, destination: str, options: dict[str, Any] | None = None) -> None:
        """Dial, and wait until the call is up."""
        assert self.call(destination, options) is None
        wait_until(lambda: self.statuses()[-1:] == ["connected"])

    def hang_up(self) -> None:
        """End the call, if it is not over."""
        self._page.evaluate("() => window.swBare.close()")

    def incoming(self) -> list[dict[str, Any]]:
        """Return every call that came in since this one is online."""
        found: list[dict[str, Any]] = self._page.evaluate("() => window.swBare.incoming()")
        return found

    def rings(self, count: int = 1) -> dict[str, Any]:
        """Wait until so many calls have come in, and return the last of them."""
        wait_until(lambda: len(self.incoming()) == count)
        return self.incoming()[-1]

    def answer(self, options: dict[str, Any] | None = None) -> None:
        """Answer the call that came in last."""
        self._page.evaluate("(options) => window.swBare.answer(options)", options)

    def reject(self) -> None:
        """Reject the call that came in last."""
        self._page.evaluate("() => window.swBare.reject()")

    def statuses(self) -> list[str]:
        """Return every status of the call so far but ``new``."""
        found: list[str] = self._page.evaluate("() => window.swBare.statuses()")
        return found

    def expect_statuses(self, *expected: str) -> None:
        """Wait until the call has had exactly these."""
        expect_equal(self.statuses, list(expected))

    def listen(self) -> None:
        """Begin to write down the tones that come in."""
        self._page.evaluate("() => window.swBare.listen()")

    def statuses_at(self, tone: str) -> set[str]:
        """Return the statuses in which this tone has begun: frequencies in Hertz, with ``+``."""
        heard = self._page.evaluate("() => window.swBare.heard()")
        return {one["status"] for one in heard if one["tone"] == tone}

    def more(self, frames: int = 10) -> None:
        """Wait until pictures in colour and something to hear have come."""
        before = self.media()
        wait_until(lambda: self.media().get("frames", 0) >= before.get("frames", 0) + frames)
        wait_until(lambda: min(self.colours()) > 20)
        wait_until(self.hears)

    def look_up(self, tool: str, *parameters: Any) -> Any:
        """Use the SDK's directory."""
        return self._page.evaluate(
            "([tool, parameters]) => window.swBare.directory[tool](...parameters)",
            [tool, list(parameters)],
        )

    def chat(self, tool: str, address: str, *parameters: Any) -> Any:
        """Use the SDK's conversation with an address."""
        return self._page.evaluate(
            "([tool, parameters]) => window.swBare.conversations[tool](...parameters)",
            [tool, [address, *parameters]],
        )

    def texts(self, address: str) -> list[str]:
        """Return what the SDK has of the messages with an address, in its order."""
        return [message["text"] for message in self.chat("texts", address)["texts"]]
