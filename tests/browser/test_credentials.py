"""A call for which the environment, or the user, names a space: here the loopback space's API."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import time
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from sw_notebook import LoopbackSpace

from .notebook import Notebook, text
from .places import places
from .waiting import expect_no_leg, the_leg, wait_until
from .widget import Widget

ENVIRONMENT = (
    "import os\n"
    "from sw_notebook import Call, Credentials, LoopbackSpace\n"
    "space = LoopbackSpace().start()\n"
    "os.environ |= {'SIGNALWIRE_SPACE': space.url, 'SIGNALWIRE_PROJECT_ID': space.project_id,\n"
    "               'SIGNALWIRE_API_TOKEN': space.api_token}\n"
)


def test_the_environment_is_all_it_takes(notebook: Notebook, space: LoopbackSpace) -> None:
    """The call is placed with a token of that space; the API token stays in the kernel."""
    notebook.run(ENVIRONMENT)
    call = Widget(notebook, "'/public/echo', video=True")
    host = space.url.removeprefix("http://")
    expect(call.view).to_contain_text(host)
    assert host in call.ask("repr(call)")
    expect(call.token).to_be_hidden()
    call.connect()
    call.frames("remote")
    assert the_leg(space)["destination"] == "/public/echo"
    for place, content in places(notebook).items():
        assert space.api_token not in content, place
    call.hang_up.click()
    call.expect_ended()
    expect_no_leg(space)


def test_a_call_outlives_its_token(notebook: Notebook) -> None:
    """The page renews it, bound to its key, before it runs out; media goes on, the kernel busy."""
    # the SDK renews 30 s before the end
    with LoopbackSpace(private=True, token_seconds=34) as short:
        notebook.run(
            "from sw_notebook import Call, Credentials\n"
            f"own = Credentials({short.url!r}, {short.project_id!r}, {short.api_token!r})"
        )
        call = Widget(notebook, "'/public/echo', video=True, space=own")
        call.connect()
        expect(call.badge).to_contain_text("renews")
        busy = notebook.start("while True: pass")
        wait_until(lambda: renewals(short) >= 3, 60)
        call.frames("remote")
        expect(call.log).not_to_contain_text("nothing renews it")
        notebook.interrupt()
        busy.wait(check=False)
        assert [leg["connected"] for leg in short.legs()] == [True]
        assert call.statuses == ["new", "trying", "connecting", "connected"]
        assert call.ask("[row.name for row in call.errors]") == []
        call.hang_up.click()
        call.expect_ended()


def test_a_token_that_nothing_renews(notebook: Notebook) -> None:
    """The widget counts down what is left of it, in amber, and the log says what to do."""
    notebook.run(
        "import time\n"
        "from sw_notebook import LoopbackSpace\n"
        "short = LoopbackSpace(private=True, token_seconds=200).start()"
    )
    call = Widget(notebook, "'/public/silence', space=short")
    expect(call.badge).to_be_hidden()
    call.connect()
    expect(call.badge).to_have_text(re.compile(r"token ends in 0[23]:\d\d"))
    expect(call.badge).to_have_class(re.compile("sw-warn"))
    expect(call.log).to_contain_text("runs out in 3 min and nothing renews it")
    call.expect_python("0 < call.token_expires_at - time.time() <= 200", True)
    call.expect_python("call.token_renews is False", True)
    call.hang_up.click()
    call.expect_ended()
    expect(call.badge).to_be_hidden()
    notebook.run("short.stop()")


@pytest.mark.soak
@pytest.mark.timeout(400)
def test_three_minutes_on_tokens_of_one(notebook: Notebook) -> None:
    """Media go on without a break, the kernel idle and busy for 20 s at a time."""
    with LoopbackSpace(private=True, token_seconds=60) as short:
        notebook.run(
            "import time\n"
            "from sw_notebook import Call, Credentials\n"
            f"own = Credentials({short.url!r}, {short.project_id!r}, {short.api_token!r})"
        )
        call = Widget(notebook, "'/public/bars', video=True, space=own")
        call.connect()
        begun = time.monotonic()
        last = call.strip()
        while time.monotonic() < begun + 180:
            busy = notebook.start("until = time.time() + 20\nwhile time.time() < until: pass")
            for _ in range(40):  # some 20 s, and as long again with an idle kernel
                call.frames("remote", 20)
                strip = call.strip()
                assert last is not None
                assert strip is not None
                assert strip.frame - last.frame < 100, "four seconds without a frame"
                last = strip
            busy.wait(timeout=60)
        assert call.statuses == ["new", "trying", "connecting", "connected"]
        assert call.ask("[row.name for row in call.errors]") == []
        times = [when for when, text in said(short) if "devices/refresh gives" in text]
        assert len(times) >= 2
        assert min(late - early for early, late in pairwise(times)) >= 20
        assert not [text for _, text in said(short) if "has expired" in text]
        call.hang_up.click()
        call.expect_ended()


def renewals(space: LoopbackSpace) -> int:
    """How often tokens were renewed in a space."""
    return len([text for _, text in said(space) if "devices/refresh gives a token" in text])


def said(space: LoopbackSpace) -> list[tuple[float, str]]:
    """The log of a space, with the Unix time of each line."""
    assert space.log_file is not None
    found = []
    for line in space.log_file.read_text().splitlines():
        when, _, text = line.partition(",")
        with contextlib.suppress(ValueError):  # a line that goes on
            found.append((dt.datetime.fromisoformat(when).timestamp(), text))
    return found


def test_a_wrong_api_token(notebook: Notebook, space: LoopbackSpace) -> None:
    """The dial fails with what the space says, and what to check; nothing is quoted."""
    notebook.run(ENVIRONMENT)
    call = Widget(
        notebook, "'/public/echo', space=Credentials(space.url, space.project_id, 'PTwr0ng')"
    )
    call.dial.click()
    expect(call.log).to_contain_text("wrong project id or API token")
    expect(call.log).to_contain_text("check SIGNALWIRE_PROJECT_ID")
    assert "PTwr0ng" not in call.view.inner_text()
    assert call.ask("[(row.kind, row.name) for row in call.errors]") == [["token", "RestError"]]
    assert "PTwr0ng" not in text(notebook.run("call.errors"))
