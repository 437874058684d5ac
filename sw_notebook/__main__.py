"""``python -m sw_notebook`` is the command ``sw-notebook``."""

from __future__ import annotations

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
