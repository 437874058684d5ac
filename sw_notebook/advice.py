"""For each kind of error, the likely cause and the next step."""

from __future__ import annotations

__all__ = ["advise"]

_ADVICE = {
    "destination": (
        "Check the spelling, and that the token's scope reaches the destination: "
        "its allowed_addresses, and the project that it was issued for"
    ),
    "token": "Ask for a fresh subscriber token and pass it as token=, or paste it into the widget",
    "media": (
        "Allow the device in the browser's address bar and in the system's settings, or dial "
        "without it: audio=False or video=False, or receive-only"
    ),
    "network": "Check the network, and whether a firewall or VPN blocks UDP, then dial again",
    "page": "Show the call in a cell of a page that is open, then dial again",
    "kernel": "Wait until the kernel is idle, or restart it, then run the cell again",
    "space": (
        "Dial again, which starts it; the browser has to run on the machine of the kernel, "
        "as the loopback space does not leave it"
    ),
    "call": "Dial again; where it repeats, the log below tells how far it came",
}

_BY_NAME = {
    "AnswerRefused": "Listen again, and answer sooner",
    "DestinationError": "Give one such as /public/echo",
    "TokenError": "Paste a subscriber token into the widget, or pass one as token=",
    "ProjectKeyError": (
        "Take it out of the box, and dial with Call(..., space=Credentials(...)) in Python, which "
        "asks for a subscriber token"
    ),
    "RestError": (
        "Check SIGNALWIRE_SPACE, SIGNALWIRE_PROJECT_ID and SIGNALWIRE_API_TOKEN, then dial again"
    ),
    "NotAllowedError": (
        "Allow it in the browser's address bar (the camera symbol) and reload the page, or dial "
        "without it: audio=False or video=False, or receive-only"
    ),
    "NotFoundError": (
        "Plug the device in, or dial without it: audio=False or video=False, or receive-only"
    ),
    "NotReadableError": "Close the program that uses it, then dial again",
    "AbortError": "Close the program that uses it, then dial again",
    "OverconstrainedError": (
        "Change input_audio_device_constraints or input_video_device_constraints, or leave them out"
    ),
    "DeviceLost": (
        "Plug it in again, or use another: the call goes on, and takes the first device it gets"
    ),
    "UserBusy": "Dial again in a while",
    "NoAnswer": "Dial again in a while, or another destination",
    "SubscriberAbsent": "Dial again when they are online, or another destination",
    "CallRejected": "Ask them, or dial another destination",
    "LinesBusy": "Dial again in a while",
    "NoSuchNumber": "Check the number; it begins with + and the code of its country",
    "NoSharedMemory": "Do so, then dial again",
    "NoCommonMedia": (
        "Dial with sound, and without preferred_audio_codecs and preferred_video_codecs"
    ),
    "ConnectionLost": (
        "Dial again; where it repeats, check whether a firewall or VPN blocks UDP, or try "
        "relay_only"
    ),
    "SignalingLost": "Wait until it is back, or hang up and dial again",
    "NoReply": "Look at the call, and do it again only where it did not take effect",
    "HoldRefused": "Try it again once the call is connected",
    "DigitsRefused": "Try it again once the call is connected",
    "DeviceRefused": "Dial again with this device",
    "TransferRefused": (
        "Check the destination, and that the token's scope reaches it; the call itself goes on"
    ),
    "NoRelayError": (
        "Check the urls, username and credential of ice_servers, and that this machine reaches "
        "the TURN server"
    ),
    "NoTurnServerError": "Name a TURN server in ice_servers, or dial without relay_only",
    "FramePolicyError": (
        "Open the notebook in a tab of its own, or give the frame "
        'allow="camera; microphone", or dial receive-only'
    ),
    "InsecureContextError": (
        "Open the notebook as http://localhost or over https, or dial receive-only from a Receiver"
    ),
    "NoNetworkInterfaceError": (
        "A browser needs one network interface besides lo, even for the loopback space: "
        "connect the machine to any network, then dial again"
    ),
    "NoPageError": (
        "Make the call the last line of a cell, or display(call), and keep that page open"
    ),
}


def advise(kind: str, name: str, *, destination_kind: str = "", loopback: bool = False) -> str:
    """Return the next step for an error of this kind and name, without a full stop.

    >>> advise("media", "NotReadableError")
    'Close the program that uses it, then dial again'
    """
    text = _BY_NAME.get(name) or _ADVICE.get(kind) or _ADVICE["call"]
    if kind == "destination" and destination_kind == "phone":
        text += ". For a phone number the token must be allowed to dial the telephone network"
    if kind == "destination" and loopback and name not in _BY_NAME:
        text += (
            ". The loopback space has /public/echo, /public/bars and more, a room under any other "
            "/public/ name, whoever is online under /private/, and simulated +1555 numbers"
        )
    return text
