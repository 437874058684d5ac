"""What can go wrong, as one tree.

::

    SwNotebookError
    ├── DestinationError            (also ValueError)
    ├── TokenError                  (also ValueError)
    ├── CredentialsError            (also ValueError)
    ├── RestError
    ├── MissingExtraError           (also ImportError)
    ├── CallError
    │   ├── CallInProgressError
    │   ├── NoPageError
    │   ├── CannotWaitError
    │   ├── CallEnded
    │   └── CallTimeoutError        (also TimeoutError)
    ├── ReceiverError
    │   └── StaleFrameError
    ├── SpaceError
    │   ├── SpaceStartError
    │   ├── SpaceGoneError
    │   └── SpaceRequestError
    └── SignalingError
        ├── FrameError
        ├── ProofError
        └── SDPError

Every message names the cause and ends with what to do next.  Facts stay on the
exception as attributes; ``__str__`` composes the sentence from them.  Beside them there is one
warning, ``SecretInCellWarning``.
"""

from __future__ import annotations

__all__ = [
    "CallEnded",
    "CallError",
    "CallInProgressError",
    "CallTimeoutError",
    "CannotWaitError",
    "CredentialsError",
    "DestinationError",
    "FrameError",
    "MissingExtraError",
    "NoPageError",
    "ProofError",
    "ReceiverError",
    "RestError",
    "SDPError",
    "SecretInCellWarning",
    "SignalingError",
    "SpaceError",
    "SpaceGoneError",
    "SpaceRequestError",
    "SpaceStartError",
    "StaleFrameError",
    "SwNotebookError",
    "TokenError",
]


class SwNotebookError(Exception):
    """Base of everything that sw_notebook raises on purpose.

    >>> from sw_notebook import Call, SwNotebookError
    >>> try:
    ...     Call("").dial()
    ... except SwNotebookError as error:
    ...     print(error)
    Need a token and a destination: the destination is empty; give one such as '/public/echo'.
    """


class DestinationError(SwNotebookError, ValueError):
    """The destination cannot be dialled: it is empty or not text."""


class TokenError(SwNotebookError, ValueError):
    """The token cannot be used: it is empty or not a token at all.

    The message never contains the token.
    """


class CredentialsError(SwNotebookError, ValueError):
    """Space, project id or API token cannot be used as they are.

    The message never contains the API token.
    """


class RestError(SwNotebookError):
    """A space did not give what its REST API was asked for.

    Attributes:
        host: the space.
        status: its HTTP status, None where it did not answer.
        reason: what it said, or what happened, in words.
        next_step: what to do.
        wanted: what it was asked for.
    """

    def __init__(
        self, host: str, status: int | None, reason: str, next_step: str, wanted: str = "token"
    ) -> None:
        self.host = host
        self.status = status
        self.reason = reason
        self.next_step = next_step
        self.wanted = wanted
        super().__init__(host, status, reason, next_step, wanted)

    def __str__(self) -> str:
        status = "" if self.status is None else f" ({self.status})"
        return f"{self.host} gave no {self.wanted}: {self.reason}{status}; {self.next_step}"


class MissingExtraError(SwNotebookError, ImportError):
    """A part of sw_notebook needs packages that are not installed.

    Attributes:
        extra: the extra that brings them, for example ``"media"``.
        missing: the module that could not be imported.
    """

    def __init__(self, what: str, extra: str, missing: str) -> None:
        self.what = what
        self.extra = extra
        self.missing = missing
        super().__init__(what, extra, missing)

    def __str__(self) -> str:
        return (
            f"{self.what} needs the package {self.missing!r}, which is not installed: "
            f"run  pip install 'sw-notebook[{self.extra}]'"
        )


class CallError(SwNotebookError):
    """Base of what a call raises."""


class CallInProgressError(CallError):
    """``dial()`` while the call is still up: hang up first, and wait for ``"ended"``.

    Attributes:
        status: the status of the call that is up.
    """

    def __init__(self, status: str) -> None:
        self.status = status
        super().__init__(status)

    def __str__(self) -> str:
        if self.status in {"disconnecting", "disconnected"}:
            # somebody has hung up: what is missing is the far side's answer, and the page's word
            return f'this call is {self.status}, not yet over: wait for "ended", then dial again'
        return f"this call is already {self.status}: hang up first, then dial again"


class NoPageError(CallError):
    """No page shows the call, so nothing can capture the microphone or play sound.

    A call needs a browser page; ``dial()`` waits 5 seconds for one.

    Attributes:
        seconds: how long was waited.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(seconds)

    def __str__(self) -> str:
        return (
            f"no page answered within {self.seconds:g} s: show the call in a cell "
            "(make it the last line, or display(call)) and keep that page open"
        )


class CannotWaitError(CallError):
    """A cell awaits a call in a kernel that takes no message of a page while a cell runs.

    The call itself is dialled and goes on; only this cell cannot wait for it.

    Attributes:
        waited_for: the status.
        kernel: the kernel and its version.
    """

    def __init__(self, waited_for: str, kernel: str) -> None:
        self.waited_for = waited_for
        self.kernel = kernel
        super().__init__(waited_for, kernel)

    def __str__(self) -> str:
        text = (
            f"{self.kernel} takes no message from the page while a cell runs, so no cell can wait "
            f"for {self.waited_for!r}, though the call itself goes on: use call.dial() without "
            "await and look at call.status in a later cell"
        )
        newer = ", or install ipykernel 7.1 or newer and restart the kernel"
        return text + newer if self.kernel.startswith("ipykernel") else text


class CallEnded(CallError):
    """The attempt ended before the status that was waited for.

    Attributes:
        waited_for: the status that never came.
        status: how it ended, ``"destroyed"`` or ``"failed"``.
        kind: what ended it, as in ``ErrorRecord.kind``, or ``"hangup"``.
        reason: what happened, in words.
        advice: what to do next.
    """

    def __init__(
        self, waited_for: str, *, status: str, kind: str, reason: str, advice: str
    ) -> None:
        self.waited_for = waited_for
        self.status = status
        self.kind = kind
        self.reason = reason
        self.advice = advice
        super().__init__(waited_for, status, kind, reason, advice)

    def __str__(self) -> str:
        how = "failed" if self.status == "failed" else "ended"
        text = f"the call {how} before it was {self.waited_for}: {self.reason}"
        return f"{text}. {self.advice}" if self.advice else text

    def __reduce__(self) -> tuple[object, ...]:
        return (_call_ended, (self.waited_for, self.status, self.kind, self.reason, self.advice))


def _call_ended(waited_for: str, status: str, kind: str, reason: str, advice: str) -> CallEnded:
    return CallEnded(waited_for, status=status, kind=kind, reason=reason, advice=advice)


class CallTimeoutError(CallError, TimeoutError):
    """A wait took longer than its timeout; the call itself goes on.

    Attributes:
        waited_for: the status that did not come.
        status: the last status.
        seconds: how long was waited.
    """

    def __init__(self, waited_for: str, status: str, seconds: float) -> None:
        self.waited_for = waited_for
        self.status = status
        self.seconds = seconds
        super().__init__(waited_for, status, seconds)

    def __str__(self) -> str:
        return (
            f"the call is {self.status}, not {self.waited_for}, after {self.seconds:g} s: "
            "wait longer, or hang up and look at call.messages"
        )


class ReceiverError(SwNotebookError):
    """A receiver cannot do what it was asked for; the message says why and what to do."""


class StaleFrameError(ReceiverError):
    """The pixels of a frame are gone: newer frames have taken its place."""


class SpaceError(SwNotebookError):
    """Base of what the loopback space raises on the side of its user."""


class SpaceStartError(SpaceError):
    """The loopback space did not start; the message carries the end of its own log."""


class SpaceGoneError(SpaceError):
    """The loopback space has ended.

    Attributes:
        url: where it was.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        super().__init__(url)

    def __str__(self) -> str:
        return f"the loopback space at {self.url} has ended: stop() and start() it again"


class SpaceRequestError(SpaceError):
    """The loopback space refused a request.

    Attributes:
        status: the HTTP status.
        reason: what the space said.
    """

    def __init__(self, status: int, reason: str) -> None:
        self.status = status
        self.reason = reason
        super().__init__(status, reason)

    def __str__(self) -> str:
        return f"the loopback space answered {self.status}: {self.reason}"


class SignalingError(SwNotebookError):
    """Base of what signalling raises: something on the wire is not as agreed."""


class FrameError(SignalingError):
    """A frame that cannot be understood.

    Attributes:
        reason: what is wrong with it, without quoting its content.
        code: the JSON-RPC error code to answer with.
        id: the id of the request, where one could be read.
    """

    def __init__(self, reason: str, *, code: int = -32600, id: str | None = None) -> None:
        self.reason = reason
        self.code = code
        self.id = id
        super().__init__(reason)

    def __str__(self) -> str:
        return self.reason


class ProofError(SignalingError):
    """A proof of possession (DPoP) that is not one for this request."""


class SDPError(SignalingError, ValueError):
    """A session description that cannot be used."""


class SecretInCellWarning(UserWarning):
    """A token or an API token is typed into a cell, and is saved with the notebook.

    It comes once for each of the two.  Better: the environment's three ``SIGNALWIRE_`` variables,
    ``getpass.getpass()``, or ``keyring.get_password()``.
    """
