"""The space as its users hold it: found or started, asked for tokens, and let go."""

from __future__ import annotations

import asyncio
import atexit
import os
import subprocess
import threading
import time
import uuid
import weakref
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from sw_notebook.exceptions import SpaceError, SpaceGoneError, SpaceRequestError
from sw_notebook.tokens import Token

from .launch import Ownership, answers, check_extra, disown, end_process, own, start_process
from .overview import Overview
from .runtime import Record, runtime_folder
from .settings import Settings
from .troubles import Troubles

if TYPE_CHECKING:
    import httpx

__all__ = ["LoopbackSpace"]

LINGER, PRIVATE_LINGER = 10.0, 0.0

_spaces: weakref.WeakSet[LoopbackSpace] = weakref.WeakSet()


class LoopbackSpace(Troubles):
    """A SignalWire-compatible space on this machine.

    It runs in a process of its own, needs neither account nor internet, and speaks REST,
    WebSocket and media so that the browser SDK cannot tell it from the platform.  All kernels
    of one user share a space, unless one asks for its own; it ends a while after the last of
    them has gone, however that came about.

    Using it starts it: ``start()`` is only needed to have it start now.

    Args:
        private: start a space of one's own, which ends with this object.
        linger: how long to stay after the last owner, in seconds (10, private 0).
        resume_seconds: how long calls outlive the loss of their client's socket.
        no_answer_seconds: how long ``/public/no-answer`` and people ring.
        drop_seconds: how long after media is connected ``/public/drop`` hangs up.
        vanish_seconds: how long after media is connected ``/public/vanish`` is gone.
        late_keyframe_seconds: how long ``/public/late`` has no keyframe for who begins to watch.
        token_seconds: how long tokens live at most.
        open_rooms: whether ``/public/<any name>`` opens a room when it is dialled; otherwise only
            those are there that were made with the management API.
        allowed_origins: pages of other sites that may use the space, as
            ``["https://jupyter.example.com"]``; those of this machine always may.
        stun: whether the space answers STUN and offers it, for SDKs that make no call without
            (the widget needs none).
        log_frames: a file to which every signalling frame is appended, one line of JSON each,
            secrets masked; only its user can read it, and at 16 MiB it becomes ``FILE.1``.

    Times, rooms, origins and the rest apply where this object is the one to start the space.

    Raises:
        ValueError: at once, where a time is negative or no number, or an origin is none.
        MissingExtraError: on start, where the extra ``media`` is not installed.
        SpaceStartError: on start, with the end of the space's own log.

    >>> with LoopbackSpace(private=True) as space:
    ...     space.token("ada").host == f"relay.{space.domain}"
    True
    """

    def __init__(
        self,
        *,
        private: bool = False,
        linger: float | None = None,
        resume_seconds: float = 20.0,
        no_answer_seconds: float = 10.0,
        drop_seconds: float = 3.0,
        vanish_seconds: float = 3.0,
        late_keyframe_seconds: float = 4.0,
        token_seconds: float = 7200.0,
        open_rooms: bool = True,
        allowed_origins: Sequence[str] = (),
        stun: bool = False,
        log_frames: str | os.PathLike[str] | None = None,
    ) -> None:
        self.private = private
        self._settings = Settings(
            linger=(PRIVATE_LINGER if private else LINGER) if linger is None else linger,
            resume_seconds=resume_seconds,
            no_answer_seconds=no_answer_seconds,
            drop_seconds=drop_seconds,
            vanish_seconds=vanish_seconds,
            late_keyframe_seconds=late_keyframe_seconds,
            token_seconds=token_seconds,
            open_rooms=open_rooms,
            allowed_origins=tuple(allowed_origins),
            stun=stun,
            log_frames=None if log_frames is None else Path(log_frames).expanduser().absolute(),
        )
        self._forget()
        _spaces.add(self)

    def _forget(self) -> None:
        """Be as if never started; also in a forked child, where all is the parent's."""
        self._lock = threading.RLock()
        self._record: Record | None = None
        self._ownership: Ownership | None = None
        self._client: httpx.Client | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._log_file: Path | None = None

    # ------------------------------------------------------------------ start and stop

    def start(self) -> Self:
        """Find or start the space, and become one of its owners; again does nothing.

        Raises:
            MissingExtraError: the extra ``media`` is not installed.
            SpaceStartError: it did not start; with the end of its own log.
        """
        with self._lock:
            if self._record is None:
                check_extra()
                if self.private:
                    self._start_private()
                else:
                    self._find_or_start()
        return self

    def stop(self) -> None:
        """Let the space go; a private one ends.  Safe to call twice."""
        with self._lock:
            client, ownership, process = self._client, self._ownership, self._process
            log_file = self._log_file if process is not None else None
            self._record = self._ownership = self._client = self._process = None
            if client is not None:
                client.close()
            if ownership is not None:
                disown(ownership)
            if process is not None:
                end_process(process)
            if log_file is not None:
                log_file.unlink(missing_ok=True)

    def revive(self, gone: str) -> Self:
        """Start another one where the one at the address ``gone`` has ended.

        Does nothing where that has happened already, so several threads may find out at once.
        """
        with self._lock:
            if self._record is not None and self._record.url == gone:
                self.stop()
            return self.start()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        return await asyncio.to_thread(self.start)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await asyncio.to_thread(self.stop)

    def _start_private(self) -> None:
        log_file = runtime_folder() / f"space-{uuid.uuid4().hex[:12]}.log"
        process, record = start_process(log_file, self._settings)
        ownership = own(record)
        self._process, self._log_file = process, log_file
        if ownership is None:
            self.stop()
            raise SpaceError("the loopback space ended right after its start; start it again")
        self._record, self._ownership = record, ownership

    def _find_or_start(self) -> None:
        from filelock import FileLock

        folder = runtime_folder()
        runtime_file, log_file = folder / "space.json", folder / "space.log"
        # Two kernels that start at once shall share one space.
        with FileLock(folder / "space.lock", mode=0o600):
            record = Record.read(runtime_file)
            ownership = own(record) if record is not None and record.compatible else None
            if record is not None and not record.compatible and answers(record):
                # It serves kernels that run another version of this package.
                self.private = True
                self._start_private()
                return
            if record is None or ownership is None:
                _, record = start_process(log_file, self._settings, runtime_file)
                ownership = own(record)
        if ownership is None:
            raise SpaceError("the loopback space ended right after its start; start it again")
        self._record, self._ownership, self._log_file = record, ownership, log_file

    # ------------------------------------------------------------------ what it is

    @property
    def running(self) -> bool:
        """Whether this object holds a space; it does not ask whether that one still answers."""
        return self._record is not None

    @property
    def url(self) -> str:
        """Its address for REST and WebSocket, for example ``http://127.0.0.1:43210``."""
        return self._known.url

    @property
    def domain(self) -> str:
        """The domain that its tokens name, ``<id>.loopback.invalid``; it exists nowhere."""
        return self._known.domain

    @property
    def project_id(self) -> str:
        """The project of its management API."""
        return self._known.project_id

    @property
    def api_token(self) -> str:
        """The secret of its management API."""
        return self._known.api_token

    @property
    def log_file(self) -> Path | None:
        """Where it logs; only this user can read it."""
        return self._log_file

    @property
    def _known(self) -> Record:
        self.start()
        assert self._record is not None
        return self._record

    # ------------------------------------------------------------------ what it does

    def token(
        self,
        reference: str = "notebook",
        *,
        allowed_addresses: list[str] | None = None,
        expires_in: float = 7200,
        pstn: bool = True,
    ) -> Token:
        """Return a token for a subscriber.

        Args:
            reference: the subscriber's name; a new one makes a new subscriber.
            allowed_addresses: what it may call, for example ``["/public/echo"]``; None for all.
            expires_in: how long it is good, in seconds.
            pstn: whether it may call telephone numbers, which are simulated here.
        """
        body: dict[str, Any] = {
            "reference": reference,
            "expire_at": int(time.time() + expires_in),
        }
        if allowed_addresses is not None:
            body["allowed_addresses"] = allowed_addresses
        if pstn:
            body["scope"] = "call:pstn"
        return Token(self._request("POST", "/api/fabric/subscribers/tokens", body)["token"])

    def legs(self) -> list[dict[str, Any]]:
        """Return the calls that are up: call_id, destination, member, state, seconds and more.

        More: member_id, type and room, media, directions, held, interrupted, impaired, digits,
        muted, frames_dropped, connected.  And how much RTP there was, by kind: ``received`` from
        the caller has packets and frames, which are distinct time stamps; ``sent`` to it has
        these, too, and how many of the packets were resent because it missed them, lost,
        duplicated, delayed and reordered by
        :meth:`impair`.
        """
        found: list[dict[str, Any]] = self._request("GET", "/api/loopback/legs")["legs"]
        return found

    def sessions(self) -> int:
        """Return how many clients are connected."""
        return int(self.about()["sessions"])

    @property
    def resources(self) -> dict[str, str]:
        """What can be called: the address, and what it does."""
        return {found["name"]: found["about"] for found in self.about()["resources"]}

    def about(self) -> dict[str, Any]:
        """Return how the space is: owners, sessions, broadcasts, resources and rooms."""
        return self._request("GET", "/api/loopback")

    def __repr__(self) -> str:
        record = self._record
        if record is None:
            return "<LoopbackSpace not started>"
        try:
            count = len(self._request("GET", "/api/loopback/legs", timeout=0.3)["legs"])
        except SpaceError:
            return f"<LoopbackSpace {record.url} does not answer>"
        return f"<LoopbackSpace {record.url} {count} leg{'' if count == 1 else 's'}>"

    def __str__(self) -> str:
        """Return address, people, calls and resources as tables, for a terminal."""
        overview = self._overview()
        return overview if isinstance(overview, str) else overview.text()

    def _repr_html_(self) -> str:
        import html

        overview = self._overview()
        if isinstance(overview, str):
            return f"<code>{html.escape(overview)}</code>"
        return overview.html()

    def _overview(self) -> Overview | str:
        """Return what there is to show; where nothing is, why."""
        record = self._record
        if record is None:
            return repr(self)  # showing it does not start it
        try:
            about = self._request("GET", "/api/loopback", timeout=1.0)
            legs = self._request("GET", "/api/loopback/legs", timeout=1.0)["legs"]
            faults = self._request("GET", "/api/loopback/faults", timeout=1.0)
        except SpaceError:
            return f"<LoopbackSpace {record.url} does not answer>"
        return Overview(record.url, about, legs, faults)

    def _request(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, timeout: float = 5.0
    ) -> dict[str, Any]:
        import httpx

        record = self._known
        with self._lock:
            if self._client is None:
                # This machine only: no proxy, and no certificates to load.
                self._client = httpx.Client(
                    base_url=record.url,
                    auth=(record.project_id, record.api_token),
                    trust_env=False,
                    verify=False,  # noqa: S501
                )
            client = self._client
        try:
            response = client.request(method, path, json=body, timeout=timeout)
            answer = response.json()
        except (httpx.ConnectError, RuntimeError):
            # RuntimeError: another thread has closed the client, for the same reason.
            raise SpaceGoneError(record.url) from None
        except (httpx.HTTPError, ValueError) as error:
            raise SpaceError(
                f"the loopback space at {record.url} does not answer in time "
                f"({type(error).__name__}): try again"
            ) from None
        if response.is_error:
            raise SpaceRequestError(response.status_code, str(answer.get("error")))
        return dict(answer)


@atexit.register
def _stop_all() -> None:
    for space in list(_spaces):
        space.stop()


def _after_fork() -> None:
    """Let the child have nothing of its parent's: it must not count as an owner."""
    for space in list(_spaces):
        if space._ownership is not None:
            space._ownership.close()
        if space._process is not None:
            space._process.returncode = 0  # not this process's child
        space._forget()


os.register_at_fork(after_in_child=_after_fork)
