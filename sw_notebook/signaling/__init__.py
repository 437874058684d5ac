"""What goes over the wire, as values and state machines: nothing here does any I/O.

Modules: :mod:`.jsonrpc` (frames), :mod:`.fabric` (sessions), :mod:`.verto` (calls),
:mod:`.rooms` (members), :mod:`.causes` (why calls end), :mod:`.sdp` (media descriptions),
:mod:`.dpop` (proofs of keys) and :mod:`.session` (a server's side of one connection).
"""

from __future__ import annotations

__all__: list[str] = []
