"""Whatever a page sends, the call lives on: every message there is, and each of them broken."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sw_notebook import Call, _exchange, _lease
from sw_notebook._attempt import MESSAGES_KEPT
from sw_notebook._page import Act, Request
from sw_notebook.status import STATUSES

from .page_messages import PAGE, SHAPES, Content, broken, plain
from .paper_page import PaperPage

Work = Callable[[], None]

LATEST = 10_000
"""A number that no event here is given."""


class Listened(PaperPage):
    """A page that notes what of its messages the call did not refuse, by the names of SHAPES."""

    def __init__(self, call: Call) -> None:
        self.reached: list[str] = []
        super().__init__(call, PAGE)
        self._note(call, "_acted", _act)
        self._note(call, "_happened", lambda event: f"event {event.type}")
        self._note(call._exchange, "_view", lambda view: "view")
        self._note(call._exchange, "_request", _request)
        self._note(call._exchange._lease, "heard", lambda: "alive")

    def _note(self, owner: object, name: str, called: Callable[..., str]) -> None:
        handler = getattr(owner, name)

        def noting(*args: Any) -> Any:
            self.reached.append(called(*args))
            return handler(*args)

        setattr(owner, name, noting)


def _act(act: Act) -> str:
    media = "destination" if act.name == "destination" else "media"
    return f"act set {media}" if act.act == "set" else f"act {act.act}"


def _request(request: Request) -> str:
    return f"request {request.what}"


@pytest.fixture(scope="module")
def late() -> Iterator[list[Work]]:
    """What the calls leave for later; their threads run at once."""
    works: list[Work] = []
    with pytest.MonkeyPatch.context() as patch:
        for module in (_exchange, _lease):
            patch.setattr(module, "timer", lambda seconds, work: works.append(work))
        patch.setattr(_exchange, "spawn", lambda work, name: work())
        yield works


def dialled(call: Call, page: PaperPage) -> None:
    """The page was told to dial."""
    call.dial()


def connected(call: Call, page: PaperPage) -> None:
    """The call is up."""
    call.dial()
    page.connect()


def rung(call: Call, page: PaperPage) -> None:
    """Somebody rings."""
    call.listen()
    page.event("accepted")
    page.status("listening", "ringing")


moments = st.sampled_from([dialled, connected, rung])


def expect_sound(call: Call, page: PaperPage, late: list[Work]) -> None:
    """Look at all that can be wrong with a call, and see that it dials once more."""
    works, late[:] = late[:], []
    for work in works:
        work()
    assert call.status in STATUSES
    assert len(call.messages) <= MESSAGES_KEPT
    assert not [row for row in call.messages if row.text.startswith("An observer of")]
    assert "kernel" not in [row.get("error", {}).get("kind") for row in page.sent]
    json.dumps([page.sent, call.get_state()], allow_nan=False, ensure_ascii=False).encode()
    call.hangup()
    if up := call._up:
        call._exchange._hangup_late(up)
    before = len(page.commands("dial"))
    page.show()
    call.dial("/public/echo")
    assert len(page.commands("dial")) == before + 1
    call.close()


@settings(max_examples=15)
@pytest.mark.parametrize("shape", SHAPES)
@given(st.data(), moments)
def test_every_message_reaches_the_call(
    late: list[Work], shape: str, data: st.DataObject, moment: Callable[[Call, PaperPage], None]
) -> None:
    """Whatever is in it and whenever it comes, and the call is sound afterwards."""
    call = Call("/public/echo", token="a.b.c")
    page = Listened(call)
    moment(call, page)
    page.reached.clear()
    call._exchange.receive(data.draw(SHAPES[shape]))
    assert shape in page.reached
    expect_sound(call, page, late)


@settings(max_examples=15)
@pytest.mark.parametrize("shape", SHAPES)
@given(st.data(), moments)
def test_no_broken_message_stops_the_call(
    late: list[Work], shape: str, data: st.DataObject, moment: Callable[[Call, PaperPage], None]
) -> None:
    """With one place of it wrong it is refused, or taken, and nothing else happens."""
    call = Call("/public/echo", token="a.b.c")
    page = Listened(call)
    moment(call, page)
    call._exchange.receive(data.draw(broken(SHAPES[shape])))
    expect_sound(call, page, late)


@settings(max_examples=50)
@given(plain)
def test_no_nonsense_stops_the_call(late: list[Work], content: Any) -> None:
    """What is no message at all is refused."""
    call = Call("/public/echo", token="a.b.c")
    page = Listened(call)
    connected(call, page)
    page.reached.clear()
    call._exchange.receive(content)
    assert page.reached == []
    expect_sound(call, page, late)


def test_no_row_of_messages_stops_the_call(late: list[Work]) -> None:
    """One after another, right and wrong; each that there is arrives at least once in all that."""
    reached: set[str] = set()

    @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
    @given(st.permutations(list(SHAPES)), st.data(), moments)
    def send(
        shapes: list[str], data: st.DataObject, moment: Callable[[Call, PaperPage], None]
    ) -> None:
        call = Call("/public/echo", token="a.b.c")
        page = Listened(call)
        moment(call, page)
        page.reached.clear()
        for number, shape in enumerate(shapes, LATEST):
            message = data.draw(SHAPES[shape] | broken(SHAPES[shape]))
            _count(message, number, call.attempt)
            call._exchange.receive(message)
        reached.update(page.reached)
        expect_sound(call, page, late)

    send()
    assert reached == set(SHAPES)


def _count(message: Content, number: int, attempt: int) -> None:
    """Give events the number and the attempt in which the call expects them."""
    events = message.get("events")
    for one in events if isinstance(events, list) else ():
        if isinstance(one, dict) and isinstance(one.get("seq"), int) and one.get("attempt") == 1:
            one |= {"seq": number, "attempt": attempt}
