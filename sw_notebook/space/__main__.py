"""``python -m sw_notebook.space``: one loopback space, in a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import logging
import logging.handlers
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .runtime import PROTOCOL, Record, write_private
from .settings import Settings

if TYPE_CHECKING:
    from .credentials import Keys

__all__ = ["main"]

LOG_BYTES = 1 << 20

_TIMES = {
    "resume_seconds": "how long calls outlive a lost socket",
    "no_answer_seconds": "how long /public/no-answer and people ring",
    "drop_seconds": "how long /public/drop plays until it hangs up",
    "vanish_seconds": "how long /public/vanish plays until it is gone",
    "late_keyframe_seconds": "how long /public/late has no keyframe for who begins to watch",
    "token_seconds": "how long tokens live at most",
}


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to end; the first line on stdout is JSON and says where and how."""
    options = _options(arguments)
    if options.detach and os.fork():
        # The starter is a kernel that may live for days: it shall not have to bury this process.
        os._exit(0)
    _log_to(options.log_file)
    # Loaded after the fork, and not at all by `--help`.
    from .server import serve

    announced: list[Record] = []

    def ready(url: str, keys: Keys) -> None:
        record = Record(
            url=url,
            space_id=keys.space_id,
            project_id=keys.project_id,
            api_token=keys.api_token,
            pid=os.getpid(),
        )
        announced.append(record)
        if options.runtime_file is not None:
            write_private(options.runtime_file, record.dump())
        sys.stdout.write(record.dump() + "\n")
        sys.stdout.flush()
        if options.detach:
            # Nobody reads on, and nobody shall wait for this process to close it.
            with Path(os.devnull).open("w") as nothing:
                os.dup2(nothing.fileno(), sys.stdout.fileno())

    try:
        asyncio.run(serve(options.settings, ready))
    finally:
        if options.runtime_file is not None and announced:
            announced[0].remove_from(options.runtime_file)
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sw_notebook.space",
        description="Serve a SignalWire-compatible space on this machine. "
        f"The first line on stdout is JSON (protocol {PROTOCOL}): its URL and credentials.",
    )
    usual = Settings()
    parser.add_argument(
        "--port", type=int, default=usual.port, help="port on 127.0.0.1 (default: a free one)"
    )
    parser.add_argument(
        "--linger", type=float, help="end this many seconds after the last owner (default: stay)"
    )
    for name, about in _TIMES.items():
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            type=float,
            default=getattr(usual, name),
            metavar="SECONDS",
            help=f"{about} (default: %(default)g)",
        )
    parser.add_argument(
        "--open-rooms",
        action=argparse.BooleanOptionalAction,
        default=usual.open_rooms,
        help="let /public/<any name> open a room when it is dialled (default: it does)",
    )
    parser.add_argument(
        "--allow-origin",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="let in pages of another site than this machine, as https://jupyter.example.com",
    )
    parser.add_argument("--runtime-file", type=Path, help="where to say how to find the space")
    parser.add_argument("--log-file", type=Path, help="where to log (default: stderr)")
    parser.add_argument("--detach", action="store_true", help="go on in the background")
    options = parser.parse_args(arguments)
    times = {name: getattr(options, name) for name in _TIMES}
    try:
        options.settings = Settings(
            options.port,
            options.linger,
            **times,
            open_rooms=options.open_rooms,
            allowed_origins=tuple(options.allow_origin),
        )
    except ValueError as error:
        parser.error(str(error))
    return options


def _log_to(path: Path | None) -> None:
    handler: logging.Handler = logging.StreamHandler()
    if path is not None:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        handler = logging.handlers.RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=1)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("sw_notebook").setLevel(logging.INFO)


if __name__ == "__main__":
    sys.exit(main())
