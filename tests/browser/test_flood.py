"""A page that tells more than anybody reads: all of it arrives, in its order."""

from __future__ import annotations

from playwright.sync_api import expect

from .bare import bundle
from .notebook import Notebook
from .widget import Widget

EVENTS = 10_000


def test_ten_thousand_events_at_once(notebook: Notebook) -> None:
    """Sent as fast as the page can, each is counted by the kernel, and the view shows the last."""
    call = Widget(notebook, "'/public/echo', space='loopback'")
    notebook.page.add_script_tag(content=bundle("outbox.ts"), type="module")
    # each line of the log, beside the 2,000 that the call keeps
    notebook.run(
        "said = []\n"
        "paint = call._exchange.lines\n"
        "def lines(lines): said.extend(lines); paint(lines)\n"
        "call._exchange.lines = lines"
    )
    sent = notebook.ask("flood", EVENTS, 20_000)
    assert sent["events"] == EVENTS + 2  # with the first and the last
    assert sent["messages"] < EVENTS / 10  # what waits goes together
    notebook.run("await call.wait_for('ended', timeout=60)", timeout=70)
    notebook.run("call._pace.flush()")
    numbers = "[int(row.text.split()[1]) for row in {} if row.text.startswith('line ')]"
    assert call.ask(numbers.format("said")) == list(range(EVENTS))
    assert call.ask(numbers.format("call.messages"))[-1] == EVENTS - 1
    assert call.ask("[len(call.messages), call.messages[-1].index]") == [
        2000,
        call.ask("len(said)"),
    ]
    assert not call.ask("[row.text for row in said if 'did not arrive' in row.text]")
    expect(call.log).to_contain_text(f"line {EVENTS - 1}")
    call.connect()  # in the view's own page
    call.hang_up.click()
    call.expect_ended()
    assert notebook.page_errors == []
