"""The set-up tools: what is found on a machine, what is refused, and in which words."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools import browser, bundle, check, coverage, debian, node, soak, turn


def _program(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("\n".join(("#!/bin/sh", *lines)) + "\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the whole PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def test_the_machine_s_node_comes_first(path: Path) -> None:
    """Node.js on the PATH is taken where it is new enough and has npm."""
    found = _program(path, "node", "echo v22.1.0")
    _program(path, "npm")
    assert node.find() == node.Node(found, (str(path / "npm"),))


@pytest.mark.parametrize("said", ["echo v18.20.4", "exit 1", "echo nonsense"])
def test_an_unfit_node_is_passed_over(
    path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    """One that is too old or does not start is as good as none."""
    _program(path, "node", said)
    _program(path, "npm")
    monkeypatch.setattr(node, "_in_environment", lambda: None)
    assert node.find() is None


def test_without_node_and_environment_one_sentence_says_what_to_do(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is installed outside of a virtual environment."""
    monkeypatch.setattr(node, "_in_environment", lambda: None)
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    with pytest.raises(node.NodeMissingError, match=r"install Node\.js from"):
        node.ensure()


def test_npm_runs_with_its_own_node(path: Path, tmp_path: Path) -> None:
    """Scripts of npm find the Node.js that npm belongs to, and its exit status comes back."""
    npm = _program(path, "npm", f'echo "$PATH|$*" > {tmp_path}/said', "exit 3")
    other = tmp_path / "other"
    assert node.Node(other / "node", (str(npm),)).run_npm("run", "x", cwd=tmp_path) == 3
    assert (tmp_path / "said").read_text() == f"{other}{os.pathsep}{path}|run x\n"


def test_a_stub_browser_is_passed_over(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is called chromium may only ask for another package: the next that starts is taken."""
    monkeypatch.delenv("SW_NOTEBOOK_BROWSER", raising=False)
    _program(path, "chromium-browser", "echo 'install the snap' >&2", "exit 1")
    chrome = _program(path, "google-chrome", "echo Google Chrome 150")
    assert browser.find() == chrome


def test_the_browser_that_is_asked_for_is_the_only_one(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wish that cannot be met is an error, not another browser."""
    _program(path, "chromium", "echo Chromium 150")
    wanted = _program(path, "mine", "echo Chromium 151")
    monkeypatch.setenv("SW_NOTEBOOK_BROWSER", str(wanted))
    assert browser.find() == wanted
    wanted.unlink()
    with pytest.raises(browser.BrowserMissingError, match="does not start"):
        browser.find()


def test_no_browser_is_one_sentence(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where none can be had it fails, and says what to do."""
    monkeypatch.delenv("SW_NOTEBOOK_BROWSER", raising=False)
    monkeypatch.setattr(browser, "_candidates", lambda: iter(()))
    monkeypatch.setattr(browser, "_from_debian", lambda: False)
    monkeypatch.setattr(browser, "_from_playwright", lambda: False)
    assert browser.main() == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "set SW_NOTEBOOK_BROWSER to its path" in said.err


def test_a_turn_server_that_does_not_start_is_passed_over(path: Path) -> None:
    """Only a program that knows coturn's options is one."""
    assert turn.find() is None
    _program(path, "turnserver", "exit 127")
    assert turn.find() is None
    found = _program(path, "turnserver", "echo ' -a, --lt-cred-mech  Use them'", "exit 1")
    assert turn.find() == found


def test_no_turn_server_is_one_sentence(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where none can be had it fails, and says what to do."""
    assert turn.main() == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "install coturn" in said.err


def test_a_service_that_apt_starts_is_stopped(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The package is installed, and its server neither runs on nor starts with the machine."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    log = tmp_path / "said"
    for name in ("apt-get", "service", "update-rc.d"):
        _program(path, name, f'echo "{name} $*" >> {log}')
    assert debian.install("coturn", "turnserver", service=True)
    assert log.read_text().splitlines() == [
        "apt-get update",
        "apt-get install -y --no-install-recommends coturn",
        "service coturn stop",
        "update-rc.d coturn disable",
    ]


def test_nothing_is_installed_where_a_password_is_asked_for(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Apt is used as root, or with a sudo that asks nothing."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    _program(path, "apt-get")
    assert not debian.install("coturn", "turnserver")
    _program(path, "sudo", "exit 1")
    assert not debian.install("coturn", "turnserver")
    _program(path, "sudo")
    assert debian.install("coturn", "turnserver")


def test_a_lock_file_is_needed(tmp_path: Path) -> None:
    """Half a checkout is told from a whole one."""
    (tmp_path / "js").mkdir()
    with pytest.raises(bundle.BundleError, match="take the whole repository"):
        bundle.build(tmp_path)


def test_the_checks_stop_at_the_first_that_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each stage is a line; the one that fails shows what it said and is the last."""
    stages = (
        check.Stage("good", "lint", ("platform",)),
        check.Stage("bad", "lint", ("no_such_module",)),
        check.Stage("never", "lint", ("platform",)),
    )
    monkeypatch.setattr(check, "STAGES", stages)
    assert check.main(["lint"]) == 1
    said = capsys.readouterr().out
    assert "good     ok" in said
    assert "No module named no_such_module" in said
    assert "bad      failed" in said
    assert "never" not in said


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ((0, 5), 0),
        ((5, 0), 0),
        ((1, 0), 1),
        ((0, 2), 2),
        ((5, 5), 5),
    ],
)
def test_the_soak_runs_all_parts(
    monkeypatch: pytest.MonkeyPatch, statuses: tuple[int, int], expected: int
) -> None:
    """A part that the arguments leave empty does not count, unless all are."""
    ran: list[tuple[str, ...]] = []

    def pytest_(*args: str) -> int:
        ran.append(args)
        return statuses[len(ran) - 1]

    monkeypatch.setattr(soak, "_pytest", pytest_)
    assert soak.main(["-x"]) == expected
    assert ran[0] == ("-m", "soak", "-raP", "-x")
    assert {"not soak", "--repeat", "20", *soak.ENDINGS} <= set(ran[1])
    ran.clear()
    soak.main(["tests/test_tools.py::test_x"])
    assert not {*soak.ENDINGS} & set(ran[1])


def test_what_the_soak_repeats_is_there() -> None:
    """What was renamed is not left out in silence, nor does any hang-up or failure lack."""
    root = Path(__file__).parent.parent
    named: dict[str, set[str]] = {}
    for ending in soak.ENDINGS:
        path, _, test = ending.partition("::")
        assert (root / path).exists()
        named.setdefault(path, set()).add(test)
    for path, tests in named.items():
        if tests != {""}:
            there = set(re.findall(r"^def (test_\w+)", (root / path).read_text(), re.MULTILINE))
            assert tests <= there
            assert {test for test in there if "hang_up" in test} <= tests


def test_repeat_makes_runs_in_a_row() -> None:
    """Each run is an item with an id of its own, next to the others of its test."""
    root = Path(__file__).parent.parent
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "--repeat", "2"]
    command += ["tests/test_strip.py", "-k", "bits"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    ids = [line.partition("::")[2] for line in done.stdout.splitlines() if "::" in line]
    assert ids[:2] == [f"test_bits_come_back[run{run}of2]" for run in (1, 2)]
    assert "test_other_pictures_hold_no_strip[bits1-run1of2]" in ids


_MAPS = {
    "src/a.ts": {
        "statementMap": {str(number): {"start": {"line": number + 1}} for number in range(5)},
        "b": {"0": [0, 0], "1": [0, 0]},
    },
    "src/types.ts": {"statementMap": {}, "b": {}},
}


def _counters(*statements: int, ways: tuple[int, int] = (0, 0)) -> dict[str, object]:
    counts = {str(number): count for number, count in enumerate(statements)}
    return {"src/a.ts": {"s": counts, "f": {}, "b": {"0": list(ways), "1": [0, 0]}}}


def test_what_any_page_ran_is_covered() -> None:
    """The counters of all pages are one; a way that nothing reached is missed as its statement."""
    counted = [_counters(1, 0, 0, 0, 2), _counters(0, 3, 0, 0, 0, ways=(0, 3))]
    [covered] = coverage.of_page(_MAPS, counted)
    assert covered == coverage.Covered("js/src/a.ts", 5, (3, 4), 1)
    assert covered.percent == 60


def test_what_coverage_py_reports() -> None:
    """Files without statements are left out, and branches of lines that nothing ran."""
    files = {
        "b.py": {
            "summary": {"num_statements": 4},
            "missing_lines": [2, 3],
            "missing_branches": [[1, -1], [2, 3]],
        },
        "a/__init__.py": {"summary": {"num_statements": 0}},
    }
    assert coverage.of_python({"files": files}) == [coverage.Covered("b.py", 4, (2, 3), 1)]


def test_lines_are_told_in_ranges() -> None:
    """Neighbours are one range, and a line with two statements is one line."""
    assert coverage.ranges([3, 7, 8, 8, 9, 12, 13]) == "3, 7-9, 12-13"
    assert coverage.ranges([]) == ""


@pytest.mark.parametrize(("missed", "status"), [([], 0), ([2], 1)])
def test_too_little_coverage_fails(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    missed: list[int],
    status: int,
) -> None:
    """Both tables are printed, and the one below the least says so."""
    files = {"a.py": {"summary": {"num_statements": 10}, "missing_lines": missed}}
    files["a.py"]["missing_branches"] = []
    for folder in ("static", "counters"):
        (tmp_path / folder).mkdir()
    (tmp_path / "static" / "maps.json").write_text(json.dumps(_MAPS))
    (tmp_path / "counters" / "page.json").write_text(json.dumps(_counters(1, 1, 1, 1, 1)))
    (tmp_path / "python.json").write_text(json.dumps({"files": files}))
    monkeypatch.setattr(coverage, "_FOLDER", tmp_path)
    assert coverage.main(["--report"]) == status
    said = capsys.readouterr().out
    assert "js/src/a.ts" in said
    assert "TypeScript: less" not in said
    assert ("Python: less than 95 % of the statements are covered" in said) == bool(status)
