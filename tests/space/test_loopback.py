"""The space as its users hold it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import stat
import subprocess
import sys
import textwrap
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from sw_notebook.exceptions import SpaceError
from sw_notebook.space import LoopbackSpace
from sw_notebook.space.runtime import Record, write_private

from .client import caller

Until = Callable[[Callable[[], bool]], Awaitable[None]]
Kernel = Callable[[str], subprocess.Popen[str]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a runtime folder of the test's own, whose space is gone in the end."""
    monkeypatch.setenv("SW_NOTEBOOK_RUNTIME_DIR", str(tmp_path))
    yield tmp_path
    record = Record.read(tmp_path / "space.json")
    if record is not None and psutil.pid_exists(record.pid):
        psutil.Process(record.pid).terminate()


def read(folder: Path) -> Record:
    """Return the record of the shared space."""
    record = Record.read(folder / "space.json")
    assert record is not None
    return record


def alive(pid: int) -> bool:
    """Whether a process runs."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    """Return a function that starts another kernel, which runs some code."""
    with contextlib.ExitStack() as started:

        def start(code: str) -> subprocess.Popen[str]:
            process = subprocess.Popen(
                [sys.executable, "-W", "error", "-c", textwrap.dedent(code)],
                stdout=subprocess.PIPE,
                stdin=subprocess.PIPE,
                text=True,
            )
            started.enter_context(process)
            started.callback(process.kill)
            return process

        yield start


def line(process: subprocess.Popen[str]) -> str:
    """Return the next line that a kernel prints."""
    assert process.stdout is not None
    return process.stdout.readline()


def test_importing_it_is_light(kernel: Kernel) -> None:
    """A kernel that only looks does not load the media stack."""
    code = """
        import sys
        from sw_notebook.space import LoopbackSpace
        space = LoopbackSpace()
        repr(space)
        heavy = {"aiohttp", "aiortc", "av", "httpx", "joserfc", "numpy", "PIL"}
        print(sorted(heavy & set(sys.modules)))
    """
    output, _ = kernel(code).communicate()
    assert output == "[]\n"


def test_a_private_space_ends_with_its_owner(folder: Path) -> None:
    """Process, log and all; stopping twice is fine."""
    space = LoopbackSpace(private=True)
    assert repr(space) == "<LoopbackSpace not started>"
    assert space.start() is space.start()
    process = space._process
    assert process is not None
    assert space.running
    assert space.log_file is not None
    assert stat.S_IMODE(space.log_file.stat().st_mode) == 0o600
    assert repr(space) == f"<LoopbackSpace {space.url} 0 legs>"
    assert space.api_token not in repr(space)
    space.stop()
    space.stop()
    assert process.returncode == 0
    assert not space.running
    assert list(folder.iterdir()) == []


def test_using_it_starts_it(folder: Path) -> None:
    """Once, however many threads ask."""
    space = LoopbackSpace(private=True)
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(space.url)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert len(found) == 5
    first = space.domain
    assert first.endswith(".loopback.invalid")
    space.stop()
    assert space.domain != first, "started again it is another one"
    space.stop()


async def test_it_is_an_async_context_too(folder: Path) -> None:
    """Without holding the event loop."""
    async with LoopbackSpace(private=True) as space:
        assert space.running
    assert not space.running


def test_tokens_are_issued(space: LoopbackSpace) -> None:
    """For a subscriber, for a while, for what is allowed."""
    token = space.token("ada", allowed_addresses=["/public/echo"], expires_in=60)
    assert token.host == f"relay.{space.domain}"
    assert token.expires_in is not None
    assert 50 < token.expires_in <= 60
    assert token != space.token("ada")


def test_resources_are_told(space: LoopbackSpace) -> None:
    """What can be called, and what it does."""
    assert {"/public/echo", "/public/bars", "/public/forbidden"} <= space.resources.keys()
    assert "440 Hz" in space.resources["/public/bars"]


def test_kernels_share_a_space(folder: Path) -> None:
    """Found through a file that only the user can read."""
    with LoopbackSpace(linger=0) as one, LoopbackSpace() as two:
        assert one.url == two.url
        assert two.about()["owners"] == 2
        assert stat.S_IMODE((folder / "space.json").stat().st_mode) == 0o600
        one.stop()
        assert two.about()["owners"] == 1


def test_kernels_that_start_at_once_share_one(folder: Path, kernel: Kernel) -> None:
    """The second waits for the first, and finds its space."""
    code = """
        from sw_notebook.space import LoopbackSpace
        with LoopbackSpace(linger=0) as space:
            print(space.url, flush=True)
            input()
    """
    kernels = [kernel(code) for _ in range(3)]
    urls = {line(process) for process in kernels}
    for process in kernels:
        process.communicate("\n")
    assert len(urls) == 1
    assert all(process.returncode == 0 for process in kernels)


async def test_it_stays_for_a_while_after_the_last(folder: Path, until: Until) -> None:
    """And takes its file with it when it goes."""
    with LoopbackSpace(linger=0.2) as space:
        pid = read(folder).pid
        url = space.url
    with LoopbackSpace() as again:
        assert again.url == url
    await until(lambda: not alive(pid))
    assert not (folder / "space.json").exists()


@pytest.mark.parametrize("private", [False, True])
async def test_a_killed_kernel_owns_nothing(
    folder: Path, until: Until, kernel: Kernel, private: bool
) -> None:
    """The space notices, and ends."""
    code = f"""
        from sw_notebook.space import LoopbackSpace
        space = LoopbackSpace(private={private}, linger=0).start()
        print(space._record.pid, flush=True)
        input()
    """
    process = kernel(code)
    pid = int(line(process))
    assert alive(pid)
    process.kill()
    process.communicate()
    await until(lambda: not alive(pid))


async def test_a_space_that_died_is_replaced(folder: Path, until: Until) -> None:
    """Its file is stale: the next kernel starts another."""
    with LoopbackSpace(linger=0) as space:
        pid, url = read(folder).pid, space.url
        os.kill(pid, signal.SIGKILL)
        await until(lambda: not alive(pid))
        assert repr(space) == f"<LoopbackSpace {url} does not answer>"
        with pytest.raises(SpaceError, match="has ended"):
            space.legs()
        assert read(folder).pid == pid
        with LoopbackSpace(linger=0) as other:
            assert read(folder).pid != pid
            assert other.legs() == []


def test_another_version_is_left_alone(folder: Path) -> None:
    """Kernels that run it go on; this one gets a space of its own."""
    with LoopbackSpace(linger=0) as theirs:
        record = replace(read(folder), version="0.0.1")
        write_private(folder / "space.json", record.dump())
        with LoopbackSpace(linger=0) as ours:
            assert ours.private
            assert ours.url != theirs.url
        assert theirs.about()["owners"] == 1
        assert read(folder) == record


def test_a_stale_file_of_another_version_is_replaced(folder: Path) -> None:
    """Nobody uses that space any more."""
    stale = Record("http://127.0.0.1:1", "gone", "project", "token", 1, version="0.0.1")
    write_private(folder / "space.json", stale.dump())
    with LoopbackSpace(linger=0) as space:
        assert not space.private
        assert read(folder).url == space.url


def test_an_interrupt_does_not_reach_it(folder: Path) -> None:
    """It is in a session of its own."""
    with LoopbackSpace(private=True) as space:
        process = space._process
        assert process is not None
        assert os.getsid(process.pid) == process.pid != os.getsid(0)
        os.killpg(process.pid, 0)
        assert space.legs() == []


def test_a_forked_child_is_no_owner(folder: Path, kernel: Kernel) -> None:
    """It has no part in its parent's space, and its end does not end it."""
    code = """
        import os, sys
        from sw_notebook.space import LoopbackSpace
        space = LoopbackSpace(private=True).start()
        child = os.fork()
        if not child:
            os._exit(0 if not space.running and repr(space).endswith("not started>") else 1)
        print(os.waitpid(child, 0)[1], space.about()["owners"], flush=True)
    """
    output, _ = kernel(code).communicate()
    assert output == "0 1\n"


async def test_a_forked_child_does_not_keep_it(folder: Path, until: Until, kernel: Kernel) -> None:
    """The parent is killed, the child lives on, and the space ends."""
    code = """
        import os, signal
        from sw_notebook.space import LoopbackSpace
        space = LoopbackSpace(private=True).start()
        child = os.fork()
        if not child:
            signal.pause()
        print(space._record.pid, child, flush=True)
        signal.pause()
    """
    process = kernel(code)
    pid, child = map(int, line(process).split())
    process.kill()
    await until(lambda: not alive(pid))
    assert alive(child)
    os.kill(child, signal.SIGKILL)
    process.communicate()


async def test_its_end_ends_the_calls(folder: Path) -> None:
    """Callers are told, and their sockets closed."""
    async with LoopbackSpace(private=True) as space, caller(space, receive="audio") as call:
        await call.dial("/public/bars")
        assert repr(space).endswith("1 leg>")
        await asyncio.to_thread(space.stop)
        bye = await call.client.event("verto.bye")
        assert bye == {"callID": call.call_id, "cause": "SYSTEM_SHUTDOWN", "causeCode": 501}
        assert await call.client.closed() == 1001


async def test_it_shows_what_is_in_it(folder: Path) -> None:
    """As tables, for cells and for terminals: escaped, and without a secret."""
    with LoopbackSpace(private=True) as space:
        async with caller(space, receive="audio", token=space.token("<b>eve</b>").reveal()) as call:
            await call.dial("/public/bars")
            await call.client.rpc("subscriber.online", {})
            await asyncio.to_thread(space.inject, refuse=2)
            html = await asyncio.to_thread(space._repr_html_)
            text = await asyncio.to_thread(str, space)
            shown = (space.url, space.project_id, call.call_id, "/public/echo", "refuse 2")
            for words in shown:
                assert words in html
                assert words in text
            assert "<b>eve</b>" in text
            assert "<b>" not in html
            assert "&lt;b&gt;eve&lt;/b&gt;" in html
            assert html.count("<table>") == html.count("</table>") == 4
            for word in ("style", "color", "class"):  # the theme is the cell's
                assert word not in html.replace("colour", "")
            secrets = (space.api_token, space.about()["click_to_call"], call.client.state)
            for secret in secrets:
                assert secret not in html + text
        await asyncio.to_thread(space.inject)
        assert "legs" not in str(space).splitlines()


def test_showing_it_starts_nothing(folder: Path) -> None:
    """And one that has gone says so, in both ways."""
    space = LoopbackSpace(private=True)
    assert str(space) == "<LoopbackSpace not started>"
    assert space._repr_html_() == "<code>&lt;LoopbackSpace not started&gt;</code>"
    space.start()
    assert space._process is not None
    space._process.kill()
    space._process.wait()
    assert str(space) == f"<LoopbackSpace {space.url} does not answer>"
    assert "does not answer" in space._repr_html_()
    space.stop()
