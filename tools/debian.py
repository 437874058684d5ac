"""Installs packages of Debian and its kin, where that needs no password."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

__all__ = ["install", "runs"]


def install(package: str, wanted: str, *, service: bool = False) -> bool:
    """Install a package with apt and return whether that went well.

    Args:
        package: its name.
        wanted: what is missing, for the line that says so.
        service: True, and a service that the package starts is stopped, now and for good.
    """
    if not shutil.which("apt-get"):
        return False
    root: list[str] = []
    if os.geteuid() != 0:
        if not shutil.which("sudo") or not runs("sudo", "-n", "true"):
            return False
        root = ["sudo", "-n"]
    print(f"no {wanted}: installing {package} with apt", file=sys.stderr)
    # some mirrors of the list may be out of reach; the installation tells
    runs(*root, "apt-get", "update")
    installed = runs(*root, "apt-get", "install", "-y", "--no-install-recommends", package)
    if installed and service:
        runs(*root, "service", package, "stop")
        runs(*root, "update-rc.d", package, "disable")
    return installed


def runs(*command: str) -> bool:
    """Run a command that asks nothing and return whether it succeeded; one not there has not."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(command, env=quiet, stdout=sys.stderr, check=False)
    except OSError:
        return False
    return done.returncode == 0
