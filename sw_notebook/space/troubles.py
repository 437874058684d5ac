"""What can be done to a space and its calls on purpose, for teaching and tests."""

from __future__ import annotations

from typing import Any

from .faults import Faults
from .media.impairment import Impairments

__all__ = ["Troubles"]


class Troubles:
    """Ends calls, and gives one of them or the whole space a bad network and a bad day."""

    def _request(
        self, method: str, path: str, body: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Ask the space."""
        raise NotImplementedError

    def hangup(self, call_id: str, cause: str = "NORMAL_CLEARING") -> None:
        """Let the far side of a call hang up.

        Args:
            call_id: which call, as :meth:`legs` names it.
            cause: why, a Q.850 name such as ``"USER_BUSY"``.

        Raises:
            SpaceRequestError: there is no such call, or no such cause.
        """
        self._request("POST", f"/api/loopback/legs/{call_id}/hangup", {"cause": cause})

    def interrupt(self, call_id: str, seconds: float) -> None:
        """Let a call lose every datagram, in both directions, and be back after a while.

        Media freezes and comes back.  After about 30 seconds without any, the space ends the
        call with MEDIA_TIMEOUT.  Each interruption takes the place of the one before; 0 ends it.

        Args:
            call_id: which call, as :meth:`legs` names it.
            seconds: how long, at most an hour.

        Raises:
            SpaceRequestError: there is no such call, it has no media yet, or no such time.
        """
        self._request("POST", f"/api/loopback/legs/{call_id}/interrupt", {"seconds": seconds})

    def impair(
        self,
        call_id: str,
        *,
        loss: float = 0.0,
        delay: float = 0.0,
        jitter: float = 0.0,
        duplicate: float = 0.0,
        reorder: float = 0.0,
        burst: tuple[float, float] | None = None,
        seed: int = 0,
        nack: bool = True,
    ) -> None:
        """Give a call a bad network, for the RTP that its client gets; without more, a good one.

        What is sent again passes the same network.  Each impairment takes the place of the one
        before.

        Args:
            call_id: which call, as :meth:`legs` names it.
            loss: how likely a packet is lost, 0 to 1.
            delay: seconds that each is late, up to 2.
            jitter: seconds up to which each may be late in addition, which changes their order.
            duplicate: how likely a packet comes twice, 0 to 1.
            reorder: how likely 1 to 3 later packets overtake one, 0 to 1; one at a time.
            burst: lose everything every so many seconds, for so many seconds.
            seed: the same one gives the n-th packet of a kind the same fate, bursts apart.
            nack: whether what the client misses is sent again when it says so.

        Raises:
            ValueError: at once, where one of them is out of its range.
            SpaceRequestError: there is no such call, or it has no media yet.
        """
        asked = Impairments(
            loss=loss,
            delay=delay,
            jitter=jitter,
            duplicate=duplicate,
            reorder=reorder,
            burst=burst,
            seed=seed,
            nack=nack,
        )
        self._request("POST", f"/api/loopback/legs/{call_id}/impair", asked.dump())

    def disconnect(self, call_id: str, seconds: float = 0.0) -> None:
        """Cut the WebSocket of a call's client, without a word; media goes on.

        The client may come back to its session and find its calls, unless it stays away for
        longer than the space's ``resume_seconds``.

        Args:
            call_id: which call, as :meth:`legs` names it.
            seconds: how long it cannot come back.  Nor can any other client come to this space
                in that time (HTTP 503): a socket does not say whose it is until it is open.

        Raises:
            SpaceRequestError: there is no such call, or no such time.
        """
        self._request("POST", f"/api/loopback/legs/{call_id}/disconnect", {"seconds": seconds})

    def inject(
        self,
        *,
        reply_delay: float = 0.0,
        drop_after: float | None = None,
        refuse: int = 0,
        refuse_with: str | int = "CALL_REJECTED",
        loss: float = 0.0,
        delay: float = 0.0,
        jitter: float = 0.0,
        duplicate: float = 0.0,
        reorder: float = 0.0,
        burst: tuple[float, float] | None = None,
        seed: int = 0,
        nack: bool = True,
    ) -> None:
        """Make things go wrong in the whole space, for all who are there and who come.

        Each injection takes the place of the one before, and of what :meth:`impair` asked for in
        single calls; ``inject()`` without more ends it.

        Args:
            reply_delay: seconds that whatever the space says over WebSockets is late, in order, up
                to 10.  The browser SDK gives up on a request after 5, on a dial after 6.
            drop_after: seconds after which each WebSocket is cut without a word, 0.1 to 3600, from
                its opening or, where it is open, from now.
            refuse: how many of the next calls are refused, up to 1000.
            refuse_with: how they are: with a Q.850 name such as ``"USER_BUSY"`` the call is created
                and hung up; a JSON-RPC error code such as -32603 takes the place of its creation.
            loss: and the others, what happens to media, as in :meth:`impair`.
            delay: see there.
            jitter: see there.
            duplicate: see there.
            reorder: see there.
            burst: see there.
            seed: see there.
            nack: see there.

        Raises:
            ValueError: at once, where one of them is out of its range.
        """
        media = Impairments(
            loss=loss,
            delay=delay,
            jitter=jitter,
            duplicate=duplicate,
            reorder=reorder,
            burst=burst,
            seed=seed,
            nack=nack,
        )
        faults = Faults(media, reply_delay, drop_after, refuse, refuse_with)
        self._request("POST", "/api/loopback/faults", faults.dump())

    def faults(self) -> dict[str, Any]:
        """Return what :meth:`inject` asked for, and in ``refuse`` how many refusals are left."""
        return self._request("GET", "/api/loopback/faults")
