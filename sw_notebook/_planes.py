"""Pictures of PyAV as numpy sees them; PyAV itself is not loaded for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import av

__all__ = ["planes_of"]


def planes_of(picture: av.VideoFrame) -> list[npt.NDArray[np.uint8]]:
    """Return the planes of an 8-bit planar picture themselves, without the padding of lines."""
    return [
        np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width]  # type: ignore[call-overload]
        for plane in picture.planes
    ]
