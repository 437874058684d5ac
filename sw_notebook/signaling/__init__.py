"""What goes over the wire, as values and state machines: nothing here does any I/O.

Modules: :mod:`.jsonrpc` (frames), :mod:`.fabric` (sessions), :mod:`.verto` (calls),
:mod:`.rooms` (members), :mod:`.causes` (why calls end), :mod:`.sdp` (media descriptions),
:mod:`.negotiation` (media descriptions to and from aiortc), :mod:`.dpop` (proofs of keys),
:mod:`.hosts` (where a token belongs), :mod:`.session` (a server's side of one connection) and
:mod:`.client` (a client's side, which tells :mod:`.heard` values).
"""

from __future__ import annotations

__all__: list[str] = []
