"""What is in the wheel and the sdist, and what must not be."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

import sw_notebook
from tools import bundle

_CHECKOUT = Path(__file__).parent.parent
_PROJECT = tomllib.loads((_CHECKOUT / "pyproject.toml").read_text())
_NOTEBOOKS = sorted(path.name for path in (_CHECKOUT / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that was built from that sdist."""
    folder = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(_CHECKOUT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> dict[str, bytes]:
    """The files of the wheel."""
    [path] = built.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def sdist(built: Path) -> dict[str, bytes]:
    """The files of the sdist, without its top folder."""
    [path] = built.glob("*.tar.gz")
    found = {}
    with tarfile.open(path) as archive:
        for member in archive.getmembers():
            if (file := archive.extractfile(member)) is not None:
                found[member.name.partition("/")[2]] = file.read()
    return found


def test_the_wheel_has_all_that_runs(wheel: dict[str, bytes]) -> None:
    """Built page, notices, notebooks, types, licence and command are in the wheel."""
    info = f"sw_notebook-{sw_notebook.__version__}.dist-info"
    for name in bundle.FILES:
        assert wheel[f"sw_notebook/static/{name}"], f"{name} is empty"
    assert _NOTEBOOKS
    for name in _NOTEBOOKS:
        json.loads(wheel[f"sw_notebook/notebooks/{name}"])
    assert "sw_notebook/py.typed" in wheel
    assert b"MIT License" in wheel[f"{info}/licenses/LICENSE"]
    assert b"sw-notebook = sw_notebook.cli:main" in wheel[f"{info}/entry_points.txt"]


def test_the_wheel_has_nothing_else(wheel: dict[str, bytes]) -> None:
    """Only the package and its metadata: no tests, no sources of the page, no caches."""
    tops = {name.partition("/")[0] for name in wheel}
    assert tops == {"sw_notebook", f"sw_notebook-{sw_notebook.__version__}.dist-info"}
    assert not [name for name in wheel if "__pycache__" in name or ".ipynb_checkpoints" in name]


def test_the_notices_name_what_the_page_contains(wheel: dict[str, bytes]) -> None:
    """The licence texts of the SDK and of what it brings are shipped beside the bundle."""
    notices = wheel["sw_notebook/static/licenses.txt"].decode()
    for package in ("@signalwire/js", "rxjs"):
        assert package in notices
    assert "Permission is hereby granted" in notices


def test_the_sdist_builds_anywhere(sdist: dict[str, bytes]) -> None:
    """It brings the built page, so that no Node.js is needed, and the sources to build it again."""
    for name in bundle.FILES:
        assert f"sw_notebook/static/{name}" in sdist
    for name in (
        "docs/plain_page.html",
        "hatch_build.py",
        "tools/node.py",
        "js/package-lock.json",
        "js/build.mjs",
    ):
        assert name in sdist
    assert any(name.startswith("js/src/") for name in sdist)
    assert any(name.startswith("tests/browser/") for name in sdist)


def test_an_unpacked_sdist_counts_as_built(built: Path, tmp_path: Path) -> None:
    """Installing from the sdist runs no npm: what it brings is as new as its sources."""
    [path] = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        archive.extractall(tmp_path, filter="data")
    [unpacked] = tmp_path.iterdir()
    assert bundle.is_fresh(unpacked)
    (unpacked / "js" / "build.mjs").touch()
    assert not bundle.is_fresh(unpacked)


def test_the_sdist_has_no_rubbish(sdist: dict[str, bytes]) -> None:
    """Nothing that is installed, built for a test or left by a tool goes into the sdist."""
    unwanted = re.compile(r"node_modules|__pycache__|\.venv|test-results|\.ipynb_checkpoints")
    assert not [name for name in sdist if unwanted.search(name)]


def test_the_bundle_stays_small(wheel: dict[str, bytes]) -> None:
    """The application is at most 340 KB, and its loader at most 4.5 KB for each widget."""
    assert len(wheel["sw_notebook/static/application.js"]) <= 340_000
    assert len(wheel["sw_notebook/static/loader.js"]) <= 4_500


def test_no_token_is_shipped(wheel: dict[str, bytes], sdist: dict[str, bytes]) -> None:
    """No file of ours holds anything that looks like a token or a key."""
    # header, payload, signature of a JWT; a private key
    secret = re.compile(rb"eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}|-----BEGIN [A-Z ]*PRIVATE KEY")
    for name, content in {**sdist, **wheel}.items():
        assert not secret.search(content), f"{name} holds a secret"


def test_the_lock_file_names_no_registry() -> None:
    """The lock file has hashes for every package, and the address of no registry."""
    text = (_CHECKOUT / "js" / "package-lock.json").read_text()
    assert not re.search(r'"resolved":|https?://[^"]*\.tgz', text)
    packages = json.loads(text)["packages"]
    fetched = {name: entry for name, entry in packages.items() if name and not entry.get("link")}
    assert [name for name, entry in fetched.items() if "integrity" not in entry] == []


def test_the_version_is_said_once(wheel: dict[str, bytes]) -> None:
    """Package, metadata and changelog agree on the version."""
    assert _PROJECT["project"]["dynamic"] == ["version"]
    metadata = wheel[f"sw_notebook-{sw_notebook.__version__}.dist-info/METADATA"].decode()
    assert f"\nVersion: {sw_notebook.__version__}\n" in metadata
    changelog = (_CHECKOUT / "CHANGELOG.md").read_text()
    assert re.search(
        rf"^## (Unreleased|{re.escape(sw_notebook.__version__)})", changelog, re.MULTILINE
    )


def test_the_sdk_is_pinned(wheel: dict[str, bytes]) -> None:
    """The bundled SDK is exactly the one that package.json names."""
    wanted = json.loads((_CHECKOUT / "js" / "package.json").read_text())["dependencies"]
    assert re.fullmatch(r"\d+\.\d+\.\d+(-[\w.]+)?", wanted["@signalwire/js"])
    manifest = json.loads(wheel["sw_notebook/static/manifest.json"])
    assert manifest["sdk"] == wanted["@signalwire/js"]
