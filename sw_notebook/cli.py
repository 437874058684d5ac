"""The command ``sw-notebook``: the demo, the loopback space, and the check of an account."""

from __future__ import annotations

import argparse
import contextlib
import functools
import os
import shutil
import sys
from pathlib import Path

from . import __version__
from ._extras import need
from .exceptions import SwNotebookError

__all__ = ["main"]

_FIRST = "01_first_call.ipynb"
_FOLDER = "sw-notebook-demo"
_PACKAGE = Path(__file__).parent


def main(args: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    options, rest = _parser().parse_known_args(args)
    try:
        return int(options.run(options, rest))
    except SwNotebookError as error:
        print(f"sw-notebook: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sw-notebook", description="SignalWire calls in Jupyter notebooks."
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(required=True, dest="command")

    demo = commands.add_parser(
        "demo",
        help="open JupyterLab on the first notebook",
        description="Open JupyterLab on the first notebook. Ctrl-C stops it and its kernels. "
        "Arguments that are not listed here go to JupyterLab.",
        allow_abbrev=False,
    )
    demo.add_argument(
        "--no-browser", action="store_true", help="print the address instead of opening it"
    )
    demo.add_argument(
        "--port", type=int, help="port to listen on (default: 8888, or the next free)"
    )
    demo.set_defaults(run=_demo)

    space = commands.add_parser(
        "space",
        help="run the loopback space in the foreground",
        add_help=False,  # its own options are listed by itself
    )
    space.set_defaults(run=_space)

    check = commands.add_parser(
        "check",
        help="try an account from its credentials to the first picture, and report it",
        description="Ask the space of SIGNALWIRE_SPACE, SIGNALWIRE_PROJECT_ID and "
        "SIGNALWIRE_API_TOKEN for a token, connect, dial, wait for sound and picture, and hang "
        "up. The report has no secrets: it can be pasted as it is. It is a real call.",
        allow_abbrev=False,
    )
    check.add_argument("--to", metavar="ADDRESS", help="dial this; without it, stop once connected")
    check.add_argument(
        "--timeout",
        type=_seconds,
        default=20.0,
        metavar="SECONDS",
        help="how long each step may take (default: 20)",
    )
    check.add_argument(
        "--loopback",
        action="store_true",
        help="check a loopback space on this machine instead (default: --to /public/bars)",
    )
    check.set_defaults(run=functools.partial(_check, check))
    return parser


def _seconds(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 < float(text) < 1e6:  # NaN is not
            return float(text)
    raise argparse.ArgumentTypeError("give seconds, more than 0")


def _demo(options: argparse.Namespace, rest: list[str]) -> int:
    need("The demo", "demo", ("jupyterlab", "ipykernel", "aiohttp", "aiortc"))
    from jupyterlab.labapp import LabApp

    folder = _notebooks()
    arguments = [
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.default_url=/lab/tree/{_FIRST}",
        "--ServerApp.answer_yes=True",  # Ctrl-C stops at once instead of asking
        "--ServerApp.log_level=WARN",
        "--LabApp.log_level=WARN",
        *(["--ServerApp.open_browser=False"] if options.no_browser else []),
        *([f"--ServerApp.port={options.port}"] if options.port is not None else []),
        *(["--allow-root"] if os.geteuid() == 0 else []),
        *rest,
    ]
    print(f"Notebooks: {folder}\nCtrl-C stops JupyterLab and its kernels.", flush=True)
    server = LabApp.initialize_server(arguments)
    if not server.identity_provider.token_generated:  # else Jupyter prints it, token included
        print(f"Open {server.public_url}", flush=True)
    server.start()
    return 0


def _notebooks() -> Path:
    """Return the folder to work in: a checkout's own, else a copy that is never overwritten."""
    packaged, checkout = _PACKAGE / "notebooks", _PACKAGE.parent / "notebooks"
    if not packaged.is_dir():
        if (checkout / _FIRST).is_file():
            return checkout
        raise SwNotebookError(f"{_FIRST} is not in {checkout}: install sw-notebook again")
    folder = Path.cwd() / _FOLDER
    folder.mkdir(exist_ok=True)
    for notebook in packaged.glob("*.ipynb"):
        if not (folder / notebook.name).exists():
            shutil.copy(notebook, folder)
    return folder


def _space(_options: argparse.Namespace, rest: list[str]) -> int:
    from .space.launch import check_extra

    check_extra()
    from .space.foreground import main as serve

    return serve(rest)


def _check(parser: argparse.ArgumentParser, options: argparse.Namespace, rest: list[str]) -> int:
    if rest:
        parser.error(f"unknown argument {rest[0]}")
    from .check import check

    say = functools.partial(print, flush=True)
    tried = {"to": options.to, "timeout": options.timeout, "loopback": options.loopback}
    return 0 if check(say, **tried) else 1


if __name__ == "__main__":
    sys.exit(main())
