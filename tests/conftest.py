"""What every test shares: a loopback space of its own, and the order that browsers need."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import hypothesis
import psutil
import pytest

from sw_notebook.credentials import VARIABLES

from .turns import Turns

# they say what was compared where it differs, as the tests do
pytest.register_assert_rewrite("tests.browser")

# how long an example takes says nothing on a busy machine
hypothesis.settings.register_profile("busy", deadline=None)
hypothesis.settings.load_profile("busy")

_BROWSER_TESTS = Path(__file__).parent / "browser"
_VARIABLE = "SW_NOTEBOOK_RUNTIME_DIR"
_TURNS = "SW_NOTEBOOK_TURNS"
_RUN = "run_of_repeat"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--repeat``."""
    parser.addoption(
        "--repeat",
        type=int,
        default=1,
        metavar="N",
        help="run each test of these folders N times in a row, to find what fails now and then",
    )


# last: the parameters of the test itself come first, and so the runs of one test follow another
@pytest.hookimpl(trylast=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make an item of each run; it stays in its file, so that workers and fixtures are shared."""
    count: int = metafunc.config.getoption("repeat")
    if count > 1:
        metafunc.fixturenames.append(_RUN)
        metafunc.parametrize(_RUN, range(1, count + 1), ids=lambda run: f"run{run}of{count}")


def pytest_configure(config: pytest.Config) -> None:
    """Give this session a runtime folder, so that it never meets the developer's own space."""
    # short, because the path of a Unix socket may have no more than about 100 characters
    os.environ[_VARIABLE] = tempfile.mkdtemp(prefix="sw-")
    # the workers inherit where the one that starts them keeps its turns
    if not hasattr(config, "workerinput"):
        os.environ[_TURNS] = os.environ[_VARIABLE]
    # nor their account
    for name in VARIABLES:
        os.environ.pop(name, None)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser and put it last.

    While Playwright's synchronous interface is up, its event loop counts as running, and
    then no test can start one of its own.
    """
    for item in items:
        if item.path.is_relative_to(_BROWSER_TESTS):
            item.add_marker("browser")
    items.sort(key=lambda item: item.path.is_relative_to(_BROWSER_TESTS))


# outside of what counts a test's time
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Let a test that fills the machine wait for the others, and the others for it."""
    turns = Turns(Path(os.environ[_TURNS]))
    with turns.alone() if item.get_closest_marker("heavy") else turns.beside():
        return (yield)


@pytest.fixture(autouse=True)
def no_call_left() -> Iterator[None]:
    """Close the calls of each test: one that goes on asks for its page in the next tests, too."""
    yield
    ipywidgets = sys.modules.get("ipywidgets")
    if ipywidgets is not None:
        ipywidgets.Widget.close_all()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Stop the space that the tests shared; any other process left behind fails the session."""
    left = _left_behind()
    # a space outlives its last owner by some seconds, on purpose
    for process in left:
        if "sw_notebook.space" in _command(process):
            process.terminate()
    _, orphans = psutil.wait_procs(left, timeout=10)
    for process in orphans:
        session.config.get_terminal_writer().line(
            f"\nleft behind by the tests: {process.pid} {_command(process)}", red=True
        )
        process.kill()
    if orphans:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    shutil.rmtree(os.environ[_VARIABLE], ignore_errors=True)


def _left_behind() -> list[psutil.Process]:
    """Return the processes that inherited this session's runtime folder, without ourselves."""
    found = []
    for process in psutil.process_iter():
        try:
            ours = process.environ().get(_VARIABLE) == os.environ[_VARIABLE]
        except psutil.Error:
            continue
        if ours and process.pid != os.getpid():
            found.append(process)
    return found


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return "(gone)"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let workers tell of tests whose logs have no UTF-8, as clients may say what has none."""
    report = yield
    report.sections = [
        (name, text.encode(errors="backslashreplace").decode()) for name, text in report.sections
    ]
    return report
