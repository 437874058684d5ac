"""The dial options that are plain data, from Python's names to the SDK's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

__all__ = ["DIAL_OPTIONS", "dial_options"]

DIAL_OPTIONS: Final[Mapping[str, str]] = {
    "audio": "audio",
    "video": "video",
    "receive_audio": "receiveAudio",
    "receive_video": "receiveVideo",
    "input_audio_device_constraints": "inputAudioDeviceConstraints",
    "input_video_device_constraints": "inputVideoDeviceConstraints",
    "preferred_audio_codecs": "preferredAudioCodecs",
    "preferred_video_codecs": "preferredVideoCodecs",
    "stereo": "stereo",
    "node_id": "nodeId",
    "user_variables": "userVariables",
}
"""Python's name of each option to the SDK's.

Source: SDK 4.0.0-beta.12, ``DialOptions`` and ``MediaOptions``; the two that take a
``MediaStream`` are not plain data and not here.
"""


def dial_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the SDK's ``DialOptions`` for what was given.

    What is None was not given and is left out: an explicit ``undefined`` would beat the
    ``?channel=`` hint.  ``video=True`` also receives video, as people expect of a video call;
    the SDK alone would only send.

    >>> dial_options({"audio": True, "video": True, "receive_video": None})
    {'audio': True, 'video': True, 'receiveVideo': True}
    >>> dial_options({"audio": None})
    {}
    """
    options = {DIAL_OPTIONS[name]: value for name, value in given.items() if value is not None}
    if options.get("video") is True:
        options.setdefault("receiveVideo", True)
    return options
