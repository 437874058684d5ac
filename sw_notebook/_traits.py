"""The traits of a call: what each means, its type and default, and who writes it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any, Final

import traitlets

from . import __version__, _static
from ._ice import checked_servers
from ._lean import LeanWidget
from ._page import PROTOCOL
from .records import ErrorRecord, Participant, Rows

__all__ = ["SILENT", "CallTraits"]

SILENT: Final = {"audio": False, "video": False, "width": 0, "height": 0}


def _plain_rows(rows: Rows[Any], _widget: object) -> list[dict[str, Any]]:
    return [dataclasses.asdict(row) for row in rows]


def _written(trait: Any, to_json: Callable[..., Any] | None = None) -> Any:
    """Declare a trait that the kernel writes from what the page says, and nobody else."""
    trait.read_only = True
    return trait.tag(sync=True, **({"to_json": to_json} if to_json else {}))


class TriState(traitlets.TraitType[bool | None, bool | None]):
    """True, False, or None for "not given"; unlike ``Bool`` it takes no 0 and no 1."""

    default_value = None
    info_text = "True, False or None"

    def validate(self, obj: object, value: object) -> bool | None:
        """Refuse everything else."""
        if value is None or isinstance(value, bool):
            return value
        self.error(obj, value)  # type: ignore[arg-type]


class CallTraits(LeanWidget):
    """The state of a call, without its verbs.

    The page never writes a trait: it speaks in messages, and the kernel writes (a trait that
    the page wrote would lose statuses, and can stop syncing for good with ipykernel 7.4).
    """

    _esm = traitlets.Unicode().tag(sync=True)

    # --- set by you ---------------------------------------------------------------------

    destination = traitlets.Unicode().tag(sync=True)
    """What to call.

    - Type: ``str``, cut of space around it
    - Default: ``""``
    - Written by you, and by the kernel when the page's destination box was edited
    """

    audio = TriState().tag(sync=True)
    """Whether to send sound.

    - Type: ``bool`` or None for the SDK's own choice (yes, or the channel hint's)
    - Default: None
    - Written by you, and by the kernel when *Send audio* was clicked
    """

    video = TriState().tag(sync=True)
    """Whether to send a picture; True also receives one.

    - Type: ``bool`` or None for the SDK's own choice (no, or the channel hint's)
    - Default: None
    - Written by you, and by the kernel when *Send video* was clicked
    """

    receive_audio = TriState().tag(sync=True)
    """Whether to receive sound.

    - Type: ``bool`` or None for the SDK's own choice (yes)
    - Default: None
    - Written by you
    """

    receive_video = TriState().tag(sync=True)
    """Whether to receive a picture.

    - Type: ``bool`` or None for: yes if ``video`` is True, else the SDK's own choice (no)
    - Default: None
    - Written by you
    """

    title = traitlets.Unicode("SignalWire call").tag(sync=True)
    """What the widget is called.

    - Type: ``str``
    - Default: ``"SignalWire call"``
    - Written by you
    """

    on_hidden = traitlets.Enum(("hangup", "keep"), "hangup").tag(sync=True)
    """What becomes of a call that no view shows any more, as after *Clear Outputs*.

    - Type: ``"hangup"``, after ``hidden_seconds``, or ``"keep"``: it goes on out of sight
    - Default: ``"hangup"``
    - Written by you
    """

    hidden_seconds = traitlets.Float(10.0, min=0.0, max=3600.0).tag(sync=True)
    """How long a call may be out of sight before it is hung up.

    - Type: ``float``, seconds, 0 to 3600
    - Default: 10.0
    - Written by you
    """

    # not a List of Dicts: traitlets would quote a value that is none, and it has a password
    ice_servers = traitlets.Any(None, allow_none=True)
    """STUN and TURN servers to use instead of those that the space names: a list of
    ``RTCIceServer`` dicts with ``urls`` and, for TURN, ``username`` and ``credential``.  Not
    synced, so no notebook saves it: it goes to the pages with the command to dial.

    - Type: list of ``dict``, or None for the space's own
    - Default: None
    - Written by you
    """

    relay_only = traitlets.Bool(False)
    """Send all media through a TURN server, so that the far side learns no other address.

    - Type: ``bool``
    - Default: False
    - Written by you
    """

    token = traitlets.Any(None, allow_none=True)
    """The token, masked, or the function that returns one.  Not synced: it never leaves Python
    but in the answer to the page that dials.

    - Type: ``Token``, function, ``""`` (the page must paste one) or None (a space is used)
    - Default: None
    - Written by you
    """

    input_audio_device_constraints = traitlets.Dict(default_value=None, allow_none=True)
    """``MediaTrackConstraints`` for the microphone, as a dict.  Default: None.  Written by you."""

    input_video_device_constraints = traitlets.Dict(default_value=None, allow_none=True)
    """``MediaTrackConstraints`` for the camera, as a dict.  Default: None.  Written by you."""

    preferred_audio_codecs = traitlets.List(
        traitlets.Unicode(), default_value=None, allow_none=True
    )
    """Audio codecs, the best first, as ``["opus"]``.  Default: None.  Written by you."""

    preferred_video_codecs = traitlets.List(
        traitlets.Unicode(), default_value=None, allow_none=True
    )
    """Video codecs, the best first, as ``["VP8"]``.  Default: None.  Written by you."""

    stereo = TriState()
    """Whether Opus is sent in stereo.  Default: None, the SDK's own (no).  Written by you."""

    node_id = traitlets.Unicode(None, allow_none=True)
    """The node that routes the call.  Default: None.  Written by you."""

    user_variables = traitlets.Dict(default_value=None, allow_none=True)
    """Variables sent with the invite; plain data.  Default: None.  Written by you."""

    # --- written by the kernel from what the page says ------------------------------------

    status = _written(traitlets.Unicode("idle"))
    """Where the call is: ``idle`` before the first dial, then the SDK's words, to ``destroyed``
    or ``failed``.  Read only.
    """

    direction = _written(traitlets.Unicode("outbound"))
    """``outbound``, or ``inbound`` since :meth:`listen`.  Read only."""

    incoming = _written(traitlets.Dict(default_value=None, allow_none=True))
    """Who rings this call, or rang it: ``{"name": "bob", "number": "/private/bob"}``; None where
    nobody has since :meth:`listen`.  Read only.
    """

    participants = _written(traitlets.Any(Rows(Participant, ())), to_json=_plain_rows)
    """Who is in the call, this side among them: ``Rows`` of ``Participant``, a table in a cell;
    empty while no call is up.  Read only.
    """

    call_id = _written(traitlets.Unicode(None, allow_none=True))
    """The SDK's id of the current or last call, None before.  Read only."""

    media_directions = _written(traitlets.Dict())
    """What was negotiated: ``{"audio": "sendrecv", "video": "recvonly"}``.  Read only."""

    local_media = _written(traitlets.Dict(SILENT))
    """What this side sends: ``audio`` and ``video`` (bool), ``width`` and ``height`` (pixels).
    Read only.
    """

    remote_media = _written(traitlets.Dict(SILENT))
    """What the far side sends, in the same form.  Read only."""

    audio_muted = _written(traitlets.Bool(False))
    """Whether the microphone is muted.  Read only; use :meth:`mute_audio`."""

    video_muted = _written(traitlets.Bool(False))
    """Whether the camera is muted.  Read only; use :meth:`mute_video`."""

    held = _written(traitlets.Bool(False))
    """Whether this side has put the call on hold.  Read only; use :meth:`hold`."""

    token_expires_at = _written(traitlets.Float(None, allow_none=True))
    """When the token of this call, or the last one, runs out: Unix time in seconds; None before
    and where its space does not say.  Read only.
    """

    token_renews = _written(traitlets.Bool(False))
    """Whether the page asks for the next token before this one runs out: with ``Credentials``, or
    a ``token`` function that takes ``fingerprint``.  Read only.
    """

    end_reason = _written(traitlets.Unicode(""))
    """Why the last attempt ended, in words; ``""`` while none has.  Read only."""

    errors = _written(traitlets.Any(Rows(ErrorRecord, ())), to_json=_plain_rows)
    """The explained errors of the current attempt, oldest first: ``Rows`` of ``ErrorRecord``,
    a table in a cell.  Read only.
    """

    # --- what the views need beside it ----------------------------------------------------

    # protocol, version and application have no static default: they are always sent
    protocol = _written(traitlets.Int())
    version = _written(traitlets.Unicode())
    application = _written(traitlets.Unicode())
    destination_kind = _written(traitlets.Unicode(""))
    status_time = _written(traitlets.Float(0.0))
    dial_time = _written(traitlets.Float(0.0))
    connected_time = _written(traitlets.Float(None, allow_none=True))
    attempt = _written(traitlets.Int(0))
    token_box = _written(traitlets.Unicode("hidden"))
    space_label = _written(traitlets.Unicode(""))
    owner = _written(traitlets.Unicode(""))

    @traitlets.default("_esm")
    def _default_esm(self) -> str:
        return _static.loader()

    @traitlets.default("protocol")
    def _default_protocol(self) -> int:
        return PROTOCOL

    @traitlets.default("version")
    def _default_version(self) -> str:
        return __version__

    @traitlets.default("application")
    def _default_application(self) -> str:
        return _static.application_hash()

    @traitlets.validate("destination")
    def _cut_destination(self, proposal: dict[str, Any]) -> str:
        text: str = proposal["value"]
        return text.strip()

    @traitlets.validate(
        "input_audio_device_constraints", "input_video_device_constraints", "user_variables"
    )
    def _plain_data(self, proposal: dict[str, Any]) -> object:
        try:
            json.dumps(proposal["value"], allow_nan=False)
        except (TypeError, ValueError) as error:
            name = proposal["trait"].name
            raise traitlets.TraitError(f"{name} goes to the page as plain data: {error}") from None
        return proposal["value"]

    @traitlets.validate("ice_servers")
    def _check_servers(self, proposal: dict[str, Any]) -> object:
        try:
            return checked_servers(proposal["value"])
        except ValueError as error:
            raise traitlets.TraitError(f"ice_servers: {error}") from None

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Ignore what a page tries to write: only the kernel writes a call's traits."""
