"""The command line of a space: what a person may say, and what a kernel says that starts one."""

from __future__ import annotations

import argparse
import os
import ssl
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .settings import Settings

if TYPE_CHECKING:
    from .credentials import Keys

__all__ = ["API_TOKEN", "Options", "for_kernel", "for_person"]

API_TOKEN = "SW_NOTEBOOK_API_TOKEN"  # noqa: S105 - the name of a variable
"""The environment variable that may hold the API token, which no list of processes shows."""

_NUMBERS = {
    "resume_seconds": "how long calls outlive a lost socket",
    "no_answer_seconds": "how long /public/no-answer and people ring",
    "drop_seconds": "how long /public/drop plays until it hangs up",
    "vanish_seconds": "how long /public/vanish plays until it is gone",
    "late_keyframe_seconds": "how long /public/late has no keyframe for who begins to watch",
    "token_seconds": "how long tokens live at most",
    "connect_seconds": "how long a socket may be open without a token",
    "max_sockets": "how many clients may be connected",
    "max_unconnected": "how many more sockets may be open without a token",
    "max_frame_rate": "how many frames a second a client may send",
    "max_legs": "how many calls a client may have up",
    "max_calls": "how many calls there may be in all",
    "max_members": "how many may be in one room, screens and devices included",
    "max_rooms": "how many rooms may be open",
    "max_resources": "how many resources may be made",
    "max_conversations": "how many conversations there may be",
    "max_messages": "how many messages each conversation keeps",
    "max_text": "how many characters a message may have",
}


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says.

    Args:
        settings: how the space behaves.
        keys: its credentials, where some are given.
        secret: whether the API token is one of them.
        tls: its certificate, where it has one.
        runtime_file: where to say how to find the space.
        log_file: where to log, None for stderr.
        detach: whether to go on in the background.
    """

    settings: Settings
    keys: Keys | None
    secret: bool
    tls: ssl.SSLContext | None
    log_file: Path | None
    runtime_file: Path | None = None
    detach: bool = False


def for_kernel(arguments: list[str] | None, *, prog: str, about: str) -> Options:
    """Read what a kernel says that starts a space; where it cannot be meant, exit with 2."""
    parser = _parser(prog, about)
    parser.add_argument("--runtime-file", type=Path, help="where to say how to find the space")
    parser.add_argument("--detach", action="store_true", help="go on in the background")
    given = parser.parse_args(arguments)
    options = _options(parser, given)
    return replace(options, runtime_file=given.runtime_file, detach=given.detach)


def for_person(arguments: list[str], *, prog: str, about: str) -> Options:
    """Read what a person says that starts one; where it cannot be meant, exit with 2."""
    parser = _parser(prog, about)
    _add_identity(parser)
    given = parser.parse_args(arguments)
    options = _options(parser, given, given.ch)
    try:
        token = _api_token(given)
        keys = _keys(given, token)
        tls = _tls(given.tls_cert, given.tls_key)
    except ValueError as error:
        parser.error(str(error))
    return replace(options, keys=keys, secret=bool(token), tls=tls)


def _options(parser: argparse.ArgumentParser, given: argparse.Namespace, ch: str = "") -> Options:
    numbers = {name: getattr(given, name) for name in _NUMBERS}
    name = ch.partition(":")[0]
    own = (name, f"fabric.{name.partition('.')[2]}") if name else ()
    try:
        settings = Settings(
            given.port,
            given.linger,
            **numbers,
            allowed_origins=tuple(given.allow_origin),
            allowed_hosts=(*given.allow_host, *own),
            open_rooms=given.open_rooms,
            stun=given.stun,
            log_frames=given.log_frames,
        )
    except ValueError as error:
        parser.error(str(error))
    return Options(settings, None, False, None, given.log_file)


def _api_token(given: argparse.Namespace) -> str:
    file: Path | None = given.api_token_file
    if file is None:
        return given.api_token or os.environ.get(API_TOKEN, "")
    try:
        return file.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise ValueError(f"the API token cannot be read from {file}: {why}") from None


def _keys(given: argparse.Namespace, token: str) -> Keys | None:
    from .credentials import Keys  # heavy, and not needed for `--help`

    asked = {"ch": given.ch, "project_id": given.project_id, "api_token": token}
    said: dict[str, Any] = {name: value for name, value in asked.items() if value}
    return Keys(**said) if said else None


def _tls(cert: Path | None, key: Path | None) -> ssl.SSLContext | None:
    if cert is None:
        if key is not None:
            raise ValueError("--tls-key needs --tls-cert")
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        # An empty password: nobody shall be asked for one.
        context.load_cert_chain(cert, key, password="")
    except OSError as error:  # ssl.SSLError, too
        raise ValueError(
            f"the certificate {cert} and its key cannot be used ({error.strerror or error}): give "
            "both as PEM, the key without a password"
        ) from None
    return context


def _parser(prog: str, about: str) -> argparse.ArgumentParser:
    usual = Settings()
    parser = argparse.ArgumentParser(prog=prog, description=about, allow_abbrev=False)
    parser.add_argument(
        "--port", type=_port, default=usual.port, help="port on 127.0.0.1 (default: a free one)"
    )
    _add_doors(parser)
    parser.add_argument(
        "--open-rooms",
        action=argparse.BooleanOptionalAction,
        default=usual.open_rooms,
        help="whether /public/<any name> opens as a room on its first dial (default: yes)",
    )
    parser.add_argument(
        "--stun",
        action="store_true",
        help="answer STUN and offer it, for SDKs that make no call without",
    )
    parser.add_argument(
        "--log-frames",
        type=_file,
        metavar="FILE",
        help="append every signalling frame to this file, one line of JSON each, secrets masked",
    )
    parser.add_argument(
        "--linger", type=float, help="end this many seconds after the last owner (default: stay)"
    )
    for name, words in _NUMBERS.items():
        value: Any = getattr(usual, name)
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            type=type(value),
            default=value,
            metavar="SECONDS" if isinstance(value, float) else "N",
            help=f"{words} (default: %(default)g)",
        )
    parser.add_argument("--log-file", type=Path, help="where to log (default: stderr)")
    return parser


def _add_identity(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--ch",
        default="",
        metavar="HOST",
        help="host that its tokens claim, as relay.space.test:8443 (default: one that exists "
        "nowhere)",
    )
    parser.add_argument("--project-id", default="", metavar="ID", help="(default: a new one)")
    parser.add_argument(
        "--api-token",
        default="",
        metavar="TOKEN",
        help="secret of its management API (default: a new one). Every user of the machine can "
        f"see it here: better put it into the environment as {API_TOKEN}, or into a file",
    )
    parser.add_argument(
        "--api-token-file", type=Path, metavar="FILE", help="file that holds the API token"
    )
    parser.add_argument(
        "--tls-cert",
        type=Path,
        metavar="FILE",
        help="certificate chain (PEM): speak https and wss, and nothing else",
    )
    parser.add_argument(
        "--tls-key", type=Path, metavar="FILE", help="its key (default: in the same file)"
    )


def _add_doors(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="answer under this name, too, which leads here by your own doing; those of --ch are "
        "allowed already",
    )
    parser.add_argument(
        "--allow-origin",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="let in pages of another site than this machine, as https://jupyter.example.com",
    )


def _port(text: str) -> int:
    if text.isascii() and text.isdecimal() and int(text) < 1 << 16:
        return int(text)
    raise argparse.ArgumentTypeError("give a number from 0 to 65535")


def _file(text: str) -> Path:
    return Path(text).expanduser().absolute()
