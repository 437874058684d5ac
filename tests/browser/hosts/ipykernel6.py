"""ipykernel 6 beside the installed one, for kernels that are to be old."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

__all__ = ["environment"]

_CHECKOUT = Path(__file__).parent.parent.parent.parent
_FOLDER = _CHECKOUT / ".venvs" / "ipykernel-6.31"
# what else it needs is what the installed one needs too
_PACKAGES = ("ipykernel==6.31.*", "nest-asyncio>=1.4")


def environment() -> dict[str, str]:
    """Return the variables that make a kernel one of ipykernel 6.31, installing it once.

    A kernel specification may name variables of the server, and so this does.
    """
    stamp = _FOLDER / "installed"
    if not stamp.is_file():
        pip = [*(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps")]
        subprocess.run([*pip, "--upgrade", "--target", str(_FOLDER), *_PACKAGES], check=True)
        stamp.touch()
    return {"PYTHONPATH": os.pathsep.join([str(_FOLDER), "${PYTHONPATH}"])}
