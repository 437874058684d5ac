"""Where the spaces of one user are found: the runtime folder and the record in it."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path

from sw_notebook import __version__
from sw_notebook.exceptions import SpaceStartError

__all__ = ["PROTOCOL", "Record", "runtime_folder", "write_private"]

PROTOCOL = 1
"""The version of what kernel and space say to one another; another one is not understood."""


def runtime_folder() -> Path:
    """Return the folder for the runtime files of this user, made if need be.

    It is in ``XDG_RUNTIME_DIR``, or else among the temporary files;
    ``SW_NOTEBOOK_RUNTIME_DIR`` names another one.

    Raises:
        SpaceStartError: somebody else could have written there.
    """
    named = os.environ.get("SW_NOTEBOOK_RUNTIME_DIR")
    home = os.environ.get("XDG_RUNTIME_DIR")
    if named:
        folder = Path(named)
    elif home and os.access(home, os.W_OK):
        folder = Path(home) / "sw_notebook"
    else:
        folder = Path(tempfile.gettempdir()) / f"sw_notebook-{os.getuid()}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Among the temporary files another user may have made it first, and would be trusted with
    # what camera and microphone of this one see and hear.
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
        raise SpaceStartError(
            f"{folder} is not a folder of yours alone: remove it, or name another one in "
            "SW_NOTEBOOK_RUNTIME_DIR"
        )
    return folder


@dataclass(frozen=True, slots=True)
class Record:
    """How to reach a space that runs.

    Args:
        url: its address, ``http://127.0.0.1:port``.
        space_id: its id, the first part of its domain.
        project_id: the project of its management API.
        api_token: the secret of its management API.
        pid: its process.
        version: of the package that it runs.
        protocol: what it understands.
    """

    url: str
    space_id: str
    project_id: str
    api_token: str = field(repr=False)
    pid: int
    version: str = __version__
    protocol: int = PROTOCOL

    @property
    def domain(self) -> str:
        """The domain that its tokens name; it exists nowhere."""
        return f"{self.space_id}.loopback.invalid"

    @property
    def compatible(self) -> bool:
        """Whether it is of this very version."""
        return self.version == __version__ and self.protocol == PROTOCOL

    def dump(self) -> str:
        """Return it as one line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, text: str) -> Record | None:
        """Read what :meth:`dump` wrote; None where it is something else."""
        try:
            return cls(**json.loads(text))
        except (ValueError, TypeError):
            return None

    @classmethod
    def read(cls, path: Path) -> Record | None:
        """Return the record in a file, if there is one."""
        try:
            return cls.load(path.read_text())
        except OSError:
            return None

    def remove_from(self, path: Path) -> None:
        """Remove the file, unless another space has written it since."""
        if Record.read(path) == self:
            path.unlink(missing_ok=True)


def write_private(path: Path, text: str) -> None:
    """Write a file that only this user can read, at once or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
